"""Disk snapshots and their JSON. Source: https://learn.microsoft.com/rest/api/compute/snapshots."""

from dataclasses import dataclass, field

from engine.estate.resource import Json
from engine.sandbox.azure.operations import LongRunning, Operations

KIND = "Microsoft.Compute/snapshots"


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """One snapshot as the endpoint holds it; `source` is the ARM id of its disk."""

    subscription: str
    group: str
    name: str
    location: str
    source: str
    size_gb: int
    operation: LongRunning
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The ARM id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{KIND}/{self.name}"

    def document(self, operations: Operations) -> dict[str, Json]:
        """Return the resource body."""
        finished = operations.finished(self.operation)
        return {
            "name": self.name,
            "id": self.id,
            "type": KIND,
            "location": self.location,
            "tags": dict(self.tags),
            "sku": {"name": "Standard_LRS", "tier": "Standard"},
            "properties": {
                "creationData": {"createOption": "Copy", "sourceResourceId": self.source},
                "diskSizeGB": self.size_gb,
                "incremental": True,
                "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
                "provisioningState": "Succeeded" if finished else "Creating",
                "timeCreated": self.operation.started_at.isoformat(),
            },
        }
