"""Virtual machines: their state, how it changes with time, and their JSON.

Sources: https://learn.microsoft.com/azure/virtual-machines/states-billing (power and provisioning states) and
https://learn.microsoft.com/rest/api/compute/virtual-machines (bodies, `etag`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.azure.operations import LongRunning
from engine.sandbox.inventory import Machine, MachineState

KIND = "Microsoft.Compute/virtualMachines"


class Power(StrEnum):
    """The part of the code after `PowerState/`."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DEALLOCATING = "deallocating"
    DEALLOCATED = "deallocated"


class Provisioning(StrEnum):
    """`properties.provisioningState`."""

    CREATING = "Creating"
    UPDATING = "Updating"
    DELETING = "Deleting"
    SUCCEEDED = "Succeeded"


_FROM_COMPANY = {
    MachineState.RUNNING: Power.RUNNING,
    MachineState.STOPPED: Power.STOPPED,
    MachineState.DEALLOCATED: Power.DEALLOCATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change under way: what is asked for, the power state afterwards, and the operation that times it."""

    verb: str
    power: Power
    operation: LongRunning


@dataclass(slots=True, kw_only=True)
class VirtualMachine:
    """One virtual machine as the endpoint holds it.

    Attributes:
        source: The company's machine behind it, whose metrics it has; None when it was created over the API.
        version: Counts changes; the etag.
        extra: Properties given at creation that are stored and returned as they came.
    """

    subscription: str
    group: str
    name: str
    location: str
    size: str
    vm_id: str
    created_at: datetime
    zone: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    power: Power = Power.RUNNING
    provisioning: Provisioning = Provisioning.SUCCEEDED
    version: int = 1
    disks: list[str] = field(default_factory=list)
    scale_set: str = ""
    public_ip: bool = False
    change: Change | None = None
    source: Machine | None = None
    extra: dict[str, Json] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The ARM id, in the spelling it was created with."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{KIND}/{self.name}"

    @property
    def etag(self) -> str:
        """The present version, quoted as HTTP wants it."""
        return f'"{self.version}"'

    @classmethod
    def of_company(cls, machine: Machine, disks: list[str]) -> "VirtualMachine":
        """Return the endpoint's form of a seeded machine; `disks` are ARM ids, the OS disk first."""
        return cls(
            subscription=machine.account.id,
            group=machine.resource_group,
            name=machine.name,
            location=machine.region,
            size=machine.size,
            vm_id=machine.id,
            created_at=machine.launched_at,
            zone=machine.zone,
            tags=dict(machine.tags),
            power=_FROM_COMPANY[machine.state],
            disks=disks,
            scale_set=machine.scaling_group,
            public_ip=machine.public_ip,
            source=machine,
        )

    def begin(self, verb: str, *, during: Power, after: Power, operation: LongRunning) -> None:
        """Start a change.

        Raises:
            ArmError: 409 when another change is under way.
        """
        if self.change is not None:
            raise errors.conflict()
        self.change = Change(verb=verb, power=after, operation=operation)
        self.power = during
        self.provisioning = {"create": Provisioning.CREATING, "delete": Provisioning.DELETING}.get(
            verb, Provisioning.UPDATING
        )
        self.version += 1

    def settle(self, now: datetime) -> bool:
        """Let time pass; return False when the machine is gone."""
        if self.change is not None and now >= self.change.operation.ends_at:
            if self.change.verb == "delete":
                return False
            self.power = self.change.power
            self.provisioning = Provisioning.SUCCEEDED
            self.change = None
            self.version += 1
        return True

    def document(self, *, instance_view: bool = False) -> dict[str, Json]:
        """Return the resource body."""
        interface = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/Microsoft.Network"
        properties: dict[str, Json] = {
            "vmId": self.vm_id,
            "hardwareProfile": {"vmSize": self.size},
            "provisioningState": self.provisioning.value,
            "timeCreated": self.created_at.isoformat(),
            "storageProfile": self._storage(),
            "osProfile": {"computerName": self.name[:64], "allowExtensionOperations": True},
            "networkProfile": {
                "networkInterfaces": [{"id": f"{interface}/networkInterfaces/{self.name}-nic"}],
            },
        }
        if self.scale_set:
            owner = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers"
            properties["virtualMachineScaleSet"] = {
                "id": f"{owner}/Microsoft.Compute/virtualMachineScaleSets/{self.scale_set}"
            }
        properties.update(self.extra)
        if instance_view:
            properties["instanceView"] = self.instance_view()
        document: dict[str, Json] = {
            "name": self.name,
            "id": self.id,
            "type": KIND,
            "location": self.location,
            "tags": dict(self.tags),
            "etag": self.etag,
            "properties": properties,
        }
        if self.zone:
            document["zones"] = [self.zone]
        return document

    def status_document(self) -> dict[str, Json]:
        """Return the short body of a listing with `statusOnly=true`: who it is and how it stands."""
        return {
            "name": self.name,
            "id": self.id,
            "type": KIND,
            "location": self.location,
            "properties": {
                "vmId": self.vm_id,
                "provisioningState": self.provisioning.value,
                "instanceView": self.instance_view(),
            },
        }

    def instance_view(self) -> dict[str, Json]:
        """Return the run-time view: provisioning and power as status codes."""
        provisioning = self.provisioning.value
        return {
            "computerName": self.name[:64],
            "statuses": [
                {
                    "code": f"ProvisioningState/{provisioning.lower()}",
                    "level": "Info",
                    "displayStatus": f"Provisioning {provisioning.lower()}",
                },
                {"code": f"PowerState/{self.power}", "level": "Info", "displayStatus": f"VM {self.power}"},
            ],
        }

    def _storage(self) -> dict[str, Json]:
        def managed(index: int, disk_id: str) -> dict[str, Json]:
            return {
                "lun": index,
                "name": disk_id.rsplit("/", 1)[-1],
                "createOption": "Attach",
                "managedDisk": {"id": disk_id},
            }

        profile: dict[str, Json] = {
            "dataDisks": [managed(index, disk_id) for index, disk_id in enumerate(self.disks[1:])]
        }
        if self.disks:
            profile["osDisk"] = {
                "osType": "Linux",
                "name": self.disks[0].rsplit("/", 1)[-1],
                "createOption": "FromImage",
                "managedDisk": {"id": self.disks[0]},
            }
        return profile
