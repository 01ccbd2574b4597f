"""Whether the credentials may do something: `testIamPermissions` on the resource.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/instances/testIamPermissions. It answers for the caller only, and an organisation
policy may still say no, which only the call itself shows; whatever cannot be read is `unknown`. So are the rights on what is yet to be made (a
snapshot of a disk belongs to the project): a disk or an instance answers for its own only.
"""

from engine.clouds.errors import CloudError
from engine.clouds.gcp.failures import translated
from engine.clouds.gcp.names import parse
from engine.clouds.gcp.operations import OPERATIONS
from engine.clouds.gcp.session import GcpSession, patience
from engine.clouds.purpose import Purpose
from engine.estate.resource import Permitted, Resource

METHOD = "testIamPermissions"
UNKNOWN = (Permitted.UNKNOWN, "none")
_NEEDED = {operation.id: operation.permissions for operation in OPERATIONS}


def ask(session: GcpSession, operation: str, resource: Resource) -> tuple[Permitted, str]:
    """Return what is known and the method that says so: `testIamPermissions` or `none`. Never raises."""
    if operation not in _NEEDED:
        return UNKNOWN
    needed = _NEEDED[operation]
    try:
        own = tuple(one for one in needed if one.startswith(f"compute.{parse(resource.id).kind}."))
        if not own:
            return UNKNOWN
        with translated("test permissions"):
            held = _held(session, resource, own)
    except (CloudError, ValueError):
        return UNKNOWN
    if not held >= set(own):
        return Permitted.DENIED, METHOD
    return (Permitted.ALLOWED if own == needed else Permitted.UNKNOWN), METHOD


def _held(session: GcpSession, resource: Resource, needed: tuple[str, ...]) -> set[str]:
    path = parse(resource.id)  # a snapshot is global: its permissions stay unknown
    client = session.disks() if path.kind == "disks" else session.instances()
    answer = client.test_iam_permissions(
        project=path.project,
        zone=path.zone,
        resource=path.name,
        test_permissions_request_resource={"permissions": list(needed)},
        **patience(Purpose.QUICK_READ),
    )
    return set(answer.permissions)
