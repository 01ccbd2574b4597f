"""Instances: their state, how it changes with time, and their JSON.

Sources: https://cloud.google.com/compute/docs/instances/instance-lifecycle and
https://cloud.google.com/compute/docs/reference/rest/v1/instances; label rules:
https://cloud.google.com/compute/docs/labeling-resources#requirements.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.estate.resource import Json
from engine.sandbox.gcp import errors
from engine.sandbox.gcp.links import link
from engine.sandbox.gcp.operations import ZoneOperation
from engine.sandbox.inventory import Machine, MachineState

MOST_LABELS = 64
_LABEL_KEY = re.compile(r"[^\W\d_A-Z](?:[^\WA-Z]|-){0,62}")
_LABEL_VALUE = re.compile(r"(?:[^\WA-Z]|-){0,63}")


class Status(StrEnum):
    """The life of an instance."""

    PROVISIONING = "PROVISIONING"
    STAGING = "STAGING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    TERMINATED = "TERMINATED"
    SUSPENDING = "SUSPENDING"
    SUSPENDED = "SUSPENDED"


_FROM_COMPANY = {
    MachineState.RUNNING: Status.RUNNING,
    MachineState.STOPPED: Status.TERMINATED,
    MachineState.DEALLOCATED: Status.TERMINATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change under way: what is asked for, the status afterwards, and the operation that times it."""

    verb: str
    status: Status
    operation: ZoneOperation


@dataclass(slots=True, kw_only=True)
class Instance:
    """One instance as the endpoint holds it.

    Attributes:
        disks: Paths of its disks, the boot disk first.
        owner: The managed instance group that made it, or empty.
        source: The company's machine behind it, whose metrics it has; None when it was created over the API.
    """

    project: str
    zone: str
    name: str
    id: str
    size: str
    created_at: datetime
    labels: dict[str, str] = field(default_factory=dict)
    status: Status = Status.RUNNING
    disks: list[str] = field(default_factory=list)
    owner: str = ""
    public_ip: bool = False
    protected: bool = False
    change: Change | None = None
    source: Machine | None = None

    @property
    def path(self) -> str:
        """`projects/p/zones/z/instances/n`."""
        return f"projects/{self.project}/zones/{self.zone}/instances/{self.name}"

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the present labels."""
        return label_fingerprint(self.labels)

    @classmethod
    def of_company(cls, machine: Machine, disks: list[str]) -> "Instance":
        """Return the endpoint's form of a seeded machine; `disks` are paths, the boot disk first."""
        return cls(
            project=machine.account.id,
            zone=machine.zone,
            name=machine.name,
            id=machine.id,
            size=machine.size,
            created_at=machine.launched_at,
            labels=dict(machine.tags),
            status=_FROM_COMPANY[machine.state],
            disks=disks,
            owner=machine.scaling_group,
            public_ip=machine.public_ip,
            source=machine,
        )

    def begin(self, verb: str, *, during: Status, after: Status, operation: ZoneOperation) -> None:
        """Start a change of the status."""
        self.change = Change(verb=verb, status=after, operation=operation)
        self.status = during

    def settle(self, now: datetime) -> bool:
        """Let time pass; return False when the instance is gone."""
        if self.change is not None and now >= self.change.operation.ends_at:
            if self.change.verb == "delete":
                return False
            self.status = self.change.status
            self.change = None
        return True

    def document(self) -> dict[str, Json]:
        """Return the resource body."""
        zone = f"projects/{self.project}/zones/{self.zone}"
        number = int(hashlib.sha256(self.id.encode()).hexdigest()[:6], 16)
        octets = f"{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        network: dict[str, Json] = {
            "name": "nic0",
            "network": link(f"projects/{self.project}/global/networks/default"),
            "networkIP": f"10.{octets}",
        }
        if self.public_ip:
            network["accessConfigs"] = [
                {"name": "External NAT", "type": "ONE_TO_ONE_NAT", "natIP": f"203.0.113.{number % 254 + 1}"}
            ]
        document: dict[str, Json] = {
            "kind": "compute#instance",
            "id": self.id,
            "creationTimestamp": self.created_at.isoformat(),
            "name": self.name,
            "machineType": link(f"{zone}/machineTypes/{self.size}"),
            "status": self.status.value,
            "zone": link(zone),
            "networkInterfaces": [network],
            "disks": [
                {"source": link(path), "boot": index == 0, "index": index, "deviceName": path.rsplit("/", 1)[-1]}
                for index, path in enumerate(self.disks)
            ],
            "labels": dict(self.labels),
            "labelFingerprint": self.fingerprint,
            "deletionProtection": self.protected,
            "selfLink": link(self.path),
        }
        if self.owner:
            manager = f"{zone}/instanceGroupManagers/{self.owner}"
            document["metadata"] = {"items": [{"key": "created-by", "value": manager}]}
        return document


def label_fingerprint(labels: Mapping[str, str]) -> str:
    """Return eight bytes that change with the labels, in base64."""
    text = "\n".join(f"{key}={labels[key]}" for key in sorted(labels))
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def valid_labels(value: Json) -> dict[str, str]:
    """Return a request's labels.

    Raises:
        ComputeError: 400 when there are too many, or one has a form that Compute Engine does not take.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise errors.invalid("labels", str(value), "Must be a map of texts.")
    labels = {str(key): str(text) for key, text in value.items()}
    if len(labels) > MOST_LABELS:
        raise errors.invalid("labels", "", f"The number of labels must not exceed {MOST_LABELS}.")
    for key, text in labels.items():
        if _LABEL_KEY.fullmatch(key) is None:
            raise errors.invalid(
                "labels",
                "",
                f"Label key '{key}' violates format constraints. The key must start with a lowercase character, can only contain "
                "lowercase letters, numeric characters, underscores and dashes. The key can be at most 63 characters long. "
                "International characters are allowed.",
            )
        if _LABEL_VALUE.fullmatch(text) is None:
            raise errors.invalid(
                "labels",
                "",
                f"Label value '{text}' violates format constraints. The value can only contain lowercase letters, numeric "
                "characters, underscores and dashes. The value can be at most 63 characters long. International characters are "
                "allowed.",
            )
    return labels
