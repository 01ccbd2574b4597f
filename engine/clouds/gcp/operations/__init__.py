"""What can be done, declared as data: `OPERATIONS` and `COMPOSITES`. No SDK is imported here.

One file for each service; `declaring` holds what declarations share.
"""

from engine.clouds.gcp.operations import compute
from engine.clouds.operation import Composite, Operation

OPERATIONS: tuple[Operation, ...] = (*compute.OPERATIONS,)
COMPOSITES: tuple[Composite, ...] = (*compute.COMPOSITES,)
