"""Whether a size can be had where a virtual machine is.

Source: https://learn.microsoft.com/rest/api/compute/resource-skus/list: the sizes of a region, with the restrictions of this very
subscription. A size that is closed to it in the region, or in the machine's zone, is not offered.
"""

from collections.abc import Mapping
from typing import Any

from engine.clouds.azure.scanners.compute import MACHINE
from engine.clouds.azure.scanners.place import nested
from engine.clouds.azure.session import AzureSession
from engine.clouds.purpose import Purpose
from engine.estate.resource import Resource

_KIND = "virtualMachines"


def offers(session: AzureSession, size: str, resource: Resource) -> bool | None:
    """Say whether Azure offers a size where the machine is; None for what is no machine.

    Raises:
        AzureError: When Azure did not say.
    """
    if resource.type != MACHINE:
        return None
    client = session.compute(Purpose.QUICK_READ)
    for listed in client.resource_skus.list(filter=f"location eq '{resource.region}'"):
        sku = listed.as_dict()
        if sku.get("resourceType") == _KIND and str(sku.get("name", "")).lower() == size.lower():
            return not any(_closed(one, resource.zone) for one in sku.get("restrictions") or ())
    return False


def _closed(restriction: Mapping[str, Any], zone: str) -> bool:
    if restriction.get("type") == "Location":
        return True
    return bool(zone) and zone in (nested(restriction, "restrictionInfo", "zones") or ())
