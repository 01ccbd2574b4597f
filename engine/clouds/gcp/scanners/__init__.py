"""What services answer, turned into `Resource`s: one scanner for each service, `SCANNERS` by the service of a cell.

A scanner reads a whole cell in parts (instances, disks, …) and one resource again. It raises what the SDK raises; the account
translates.
"""

from engine.clouds.gcp.scanners.compute import ComputeScanner
from engine.clouds.gcp.scanners.scanner import Place, Scanner

SCANNERS: dict[str, Scanner] = {"compute": ComputeScanner()}

__all__ = ["SCANNERS", "Place", "Scanner"]
