"""Snapshots of disks, and restore points of machines (all disks at one moment), with their JSON.

Sources: https://learn.microsoft.com/rest/api/compute/snapshots, https://learn.microsoft.com/rest/api/compute/restore-point-collections and
https://learn.microsoft.com/rest/api/compute/restore-points.
"""

from dataclasses import dataclass, field

from engine.estate.resource import Json
from engine.sandbox.azure.operations import LongRunning, Operations

KIND = "Microsoft.Compute/snapshots"
COLLECTION = "Microsoft.Compute/restorePointCollections"


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


@dataclass(slots=True, kw_only=True)
class RestorePoints:
    """The restore point collection of one machine; `points` are names to the operations that make them."""

    subscription: str
    group: str
    name: str
    location: str
    source: str
    points: dict[str, LongRunning] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The ARM id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{COLLECTION}/{self.name}"

    def document(self, operations: Operations, *, expand: bool) -> dict[str, Json]:
        """Return the resource body, with the restore points when asked for."""
        properties: dict[str, Json] = {"source": {"id": self.source}, "provisioningState": "Succeeded"}
        if expand:
            properties["restorePoints"] = [self.point(name, operations) for name in self.points]
        return {
            "name": self.name,
            "id": self.id,
            "type": COLLECTION,
            "location": self.location,
            "properties": properties,
        }

    def point(self, name: str, operations: Operations) -> dict[str, Json]:
        """Return the body of one restore point."""
        operation = self.points[name]
        return {
            "name": name,
            "id": f"{self.id}/restorePoints/{name}",
            "type": f"{COLLECTION}/restorePoints",
            "properties": {
                "provisioningState": "Succeeded" if operations.finished(operation) else "Creating",
                "consistencyMode": "CrashConsistent",
                "timeCreated": operation.started_at.isoformat(),
            },
        }
