"""ARM ids: the full ids of Azure, read.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules; ids compare without regard to case, so
they are kept in lower case.
"""

from dataclasses import dataclass

_LEAST_PARTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmId:
    """The parts of `/subscriptions/S/resourceGroups/G/providers/P/K/N`."""

    subscription: str
    group: str
    kind: str
    name: str


def parse(arm_id: str) -> ArmId:
    """Return the parts of an ARM id of a resource.

    Raises:
        ValueError: When it is not the id of a resource in a resource group.
    """
    parts = arm_id.strip("/").split("/")
    if len(parts) < _LEAST_PARTS or parts[0].lower() != "subscriptions" or parts[2].lower() != "resourcegroups":
        raise ValueError(f"not the id of an Azure resource: {arm_id}")
    return ArmId(subscription=parts[1], group=parts[3], kind=f"{parts[5]}/{parts[6]}".lower(), name=parts[7])
