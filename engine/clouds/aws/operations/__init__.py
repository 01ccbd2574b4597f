"""What can be done, declared as data: `OPERATIONS` (and `COMPOSITES` where there are any). No SDK is imported here."""

from engine.clouds.operation import Composite, Operation

OPERATIONS: tuple[Operation, ...] = ()
COMPOSITES: tuple[Composite, ...] = ()
