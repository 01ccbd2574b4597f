"""What can be done, declared as data: `OPERATIONS` and `COMPOSITES`. No SDK is imported here.

One file for each service; `declaring` holds what declarations share. A composite of ours (`escher.s3.make_private`)
expands into operations of this list.
"""

from engine.clouds.aws.operations import composites, ebs, ec2, rds, s3
from engine.clouds.operation import Composite, Operation

OPERATIONS: tuple[Operation, ...] = (*ec2.OPERATIONS, *ebs.OPERATIONS, *rds.OPERATIONS, *s3.OPERATIONS)
COMPOSITES: tuple[Composite, ...] = composites.COMPOSITES
