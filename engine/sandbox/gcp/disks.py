"""Persistent disks and their JSON. Source: https://cloud.google.com/compute/docs/reference/rest/v1/disks."""

from dataclasses import dataclass, field
from datetime import datetime

from engine.estate.resource import Json
from engine.sandbox.gcp.links import link
from engine.sandbox.gcp.machines import Instance, label_fingerprint
from engine.sandbox.inventory import Disk


@dataclass(slots=True, kw_only=True)
class PersistentDisk:
    """One disk as the endpoint holds it."""

    project: str
    zone: str
    name: str
    id: str
    size_gb: int
    kind: str
    created_at: datetime
    labels: dict[str, str] = field(default_factory=dict)
    instance: Instance | None = None

    @property
    def path(self) -> str:
        """`projects/p/zones/z/disks/n`."""
        return f"projects/{self.project}/zones/{self.zone}/disks/{self.name}"

    @classmethod
    def of_company(cls, disk: Disk) -> "PersistentDisk":
        """Return the endpoint's form of a seeded disk, not yet attached."""
        return cls(
            project=disk.account.id,
            zone=disk.zone,
            name=disk.name,
            id=disk.id,
            size_gb=disk.size_gb,
            kind=disk.kind,
            created_at=disk.created_at,
            labels=dict(disk.tags),
        )

    def document(self) -> dict[str, Json]:
        """Return the resource body. Google encrypts every disk at rest with a key of its own."""
        zone = f"projects/{self.project}/zones/{self.zone}"
        document: dict[str, Json] = {
            "kind": "compute#disk",
            "id": self.id,
            "creationTimestamp": self.created_at.isoformat(),
            "name": self.name,
            "sizeGb": str(self.size_gb),
            "zone": link(zone),
            "status": "READY",
            "type": link(f"{zone}/diskTypes/{self.kind}"),
            "labels": dict(self.labels),
            "labelFingerprint": label_fingerprint(self.labels),
            "selfLink": link(self.path),
        }
        if self.instance is not None:
            document["users"] = [link(self.instance.path)]
        return document
