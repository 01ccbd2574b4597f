"""What services answer, turned into `Resource`s: one scanner for each service, `SCANNERS` by the service of a cell.

A scanner reads a whole cell in parts (instances, volumes, …) and one resource again. It raises what the SDK raises; the
account translates.
"""

from engine.clouds.aws.scanners.ec2 import Ec2Scanner
from engine.clouds.aws.scanners.place import Place
from engine.clouds.aws.scanners.rds import RdsScanner
from engine.clouds.aws.scanners.s3 import S3Scanner
from engine.clouds.scanner import Scanner

SCANNERS: dict[str, Scanner[Place]] = {"ec2": Ec2Scanner(), "rds": RdsScanner(), "s3": S3Scanner()}

__all__ = ["SCANNERS", "Place"]
