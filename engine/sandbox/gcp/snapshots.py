"""Disk snapshots and machine images, both global, and their JSON.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/snapshots and
https://cloud.google.com/compute/docs/reference/rest/v1/machineImages.
"""

from dataclasses import dataclass, field
from datetime import datetime

from engine.estate.resource import Json
from engine.sandbox.gcp.links import link
from engine.sandbox.gcp.operations import ZoneOperation


@dataclass(slots=True, kw_only=True)
class Copy:
    """A snapshot of a disk (`kind` is `snapshots`) or a machine image (`machineImages`); `source` is a path."""

    kind: str
    project: str
    name: str
    id: str
    source: str
    size_gb: int
    operation: ZoneOperation
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """`projects/p/global/snapshots/n`."""
        return f"projects/{self.project}/global/{self.kind}/{self.name}"

    def document(self, now: datetime) -> dict[str, Json]:
        """Return the resource body."""
        ready = self.operation.status(now) == "DONE"
        document: dict[str, Json] = {
            "id": self.id,
            "creationTimestamp": self.operation.started_at.isoformat(),
            "name": self.name,
            "selfLink": link(self.path),
            "status": "READY" if ready else "CREATING",
            "labels": dict(self.labels),
        }
        if self.kind == "snapshots":
            return document | {
                "kind": "compute#snapshot",
                "sourceDisk": link(self.source),
                "diskSizeGb": str(self.size_gb),
            }
        return document | {"kind": "compute#machineImage", "sourceInstance": link(self.source)}
