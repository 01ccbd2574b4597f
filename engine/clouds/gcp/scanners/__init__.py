"""What services answer, turned into `Resource`s: one scanner for each service, `SCANNERS` by the service of a cell.

A scanner reads a whole cell in parts (instances, disks, …) and one resource again. It raises what the SDK raises; the account
translates.
"""

from engine.clouds.gcp.scanners.compute import ComputeScanner
from engine.clouds.gcp.scanners.place import Place
from engine.clouds.scanner import Scanner

SCANNERS: dict[str, Scanner[Place]] = {"compute": ComputeScanner()}

__all__ = ["SCANNERS", "Place"]
