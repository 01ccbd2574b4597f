"""Managed disks and their JSON.

Source: https://learn.microsoft.com/rest/api/compute/disks. `diskState` follows the machine: `Attached` while it is allocated,
`Reserved` while it is deallocated, `Unattached` without one.
"""

from dataclasses import dataclass, field
from datetime import datetime

from engine.estate.resource import Json
from engine.sandbox.azure.machines import Power, VirtualMachine
from engine.sandbox.inventory import Disk

KIND = "Microsoft.Compute/disks"


@dataclass(slots=True, kw_only=True)
class ManagedDisk:
    """One managed disk as the endpoint holds it."""

    subscription: str
    group: str
    name: str
    location: str
    unique_id: str
    size_gb: int
    sku: str
    created_at: datetime
    zone: str = ""
    boot: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    machine: VirtualMachine | None = None

    @property
    def id(self) -> str:
        """The ARM id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{KIND}/{self.name}"

    @classmethod
    def of_company(cls, disk: Disk) -> "ManagedDisk":
        """Return the endpoint's form of a seeded disk, not yet attached."""
        return cls(
            subscription=disk.account.id,
            group=disk.resource_group,
            name=disk.name,
            location=disk.region,
            unique_id=disk.id,
            size_gb=disk.size_gb,
            sku=disk.kind,
            created_at=disk.created_at,
            zone=disk.zone,
            boot=disk.boot,
            tags=dict(disk.tags),
        )

    @property
    def state(self) -> str:
        """`Attached`, `Reserved` or `Unattached`."""
        if self.machine is None:
            return "Unattached"
        return "Reserved" if self.machine.power is Power.DEALLOCATED else "Attached"

    def document(self) -> dict[str, Json]:
        """Return the resource body. Azure encrypts every managed disk at rest with a platform key."""
        properties: dict[str, Json] = {
            "creationData": {"createOption": "FromImage" if self.boot else "Empty"},
            "diskSizeGB": self.size_gb,
            "diskState": self.state,
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "provisioningState": "Succeeded",
            "timeCreated": self.created_at.isoformat(),
            "uniqueId": self.unique_id,
        }
        if self.boot:
            properties["osType"] = "Linux"
        document: dict[str, Json] = {
            "name": self.name,
            "id": self.id,
            "type": KIND,
            "location": self.location,
            "tags": dict(self.tags),
            "sku": {"name": self.sku, "tier": self.sku.split("_", 1)[0]},
            "properties": properties,
        }
        if self.machine is not None:
            document["managedBy"] = self.machine.id
        if self.zone:
            document["zones"] = [self.zone]
        return document
