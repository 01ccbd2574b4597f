"""Whether a size can be had where an instance is.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/machineTypes/get: asked by name, which answers for custom machine types, too.
"""

from google.api_core.exceptions import NotFound

from engine.clouds.gcp.names import parse
from engine.clouds.gcp.scanners.compute import INSTANCE
from engine.clouds.gcp.session import GcpSession, patience
from engine.clouds.purpose import Purpose
from engine.estate.resource import Resource


def offers(session: GcpSession, size: str, resource: Resource) -> bool | None:
    """Say whether Google offers a machine type in the instance's zone; None for what is no instance.

    Raises:
        GoogleAPICallError: When Google did not say.
    """
    if resource.type != INSTANCE:
        return None
    path = parse(resource.id)
    where = {"project": path.project, "zone": path.zone, "machine_type": size}
    try:
        session.machine_types().get(**where, **patience(Purpose.QUICK_READ))
    except NotFound:
        return False
    return True
