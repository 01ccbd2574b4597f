"""What the caller may do: `testIamPermissions` answers which of the asked permissions it holds.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/instances/testIamPermissions. The caller has the role Compute
Instance Admin (v1): everything on instances and disks but their IAM policies
(https://cloud.google.com/iam/docs/roles-permissions/compute#compute.instanceAdmin.v1).
"""

from engine.estate.resource import Json
from engine.sandbox.gcp import errors

_HELD = ("compute.instances.", "compute.disks.")
_NOT_HELD = frozenset({"compute.instances.setIamPolicy", "compute.disks.setIamPolicy"})


def held(asked: Json) -> dict[str, Json]:
    """Return the asked permissions that the caller holds; no member at all when it holds none.

    Raises:
        ComputeError: 400 when none are asked for.
    """
    if not isinstance(asked, list) or not asked:
        raise errors.invalid("permissions", "", "At least one permission must be given.")
    granted: list[Json] = [one for one in asked if str(one).startswith(_HELD) and one not in _NOT_HELD]
    return {"permissions": granted} if granted else {}
