"""Everything this endpoint holds, in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.clock import Clock
from engine.sandbox.gcp import errors
from engine.sandbox.gcp.disks import PersistentDisk
from engine.sandbox.gcp.machines import Instance
from engine.sandbox.gcp.operations import Operations
from engine.sandbox.gcp.snapshots import Copy
from engine.sandbox.inventory import Account, Cloud, Company, Machine

ZONES: Mapping[str, str] = {
    "us-central1": "abcf",
    "us-east1": "bcd",
    "us-west1": "abc",
    "europe-west1": "bcd",
    "europe-west3": "abc",
    "asia-northeast1": "abc",
}


def zone_names() -> tuple[str, ...]:
    """Return all zones of this cloud, in order."""
    return tuple(sorted(f"{region}-{letter}" for region, letters in ZONES.items() for letter in letters))


@dataclass(slots=True, kw_only=True)
class Estate:
    """The projects of the company and what is in them.

    Attributes:
        projects: By id.
        zones: All zones, in order.
        instances: By path.
        disks: By path.
        operations: What is or was under way.
        copies: Snapshots and machine images by path; none at the start.
    """

    clock: Clock
    projects: Mapping[str, Account]
    zones: tuple[str, ...]
    instances: dict[str, Instance]
    disks: dict[str, PersistentDisk]
    operations: Operations
    copies: dict[str, Copy] = field(default_factory=dict)

    @classmethod
    def of_company(cls, company: Company, *, clock: Clock, seconds: float) -> "Estate":
        """Return the endpoint's state at its start; every operation will take `seconds`."""
        seeded = company.machines_of(Cloud.GCP)
        estate = cls(
            clock=clock,
            projects={account.id: account for account in company.accounts_of(Cloud.GCP)},
            zones=tuple(sorted({*zone_names(), *(machine.zone for machine in seeded)})),
            instances={},
            disks={},
            operations=Operations(clock=clock, seconds=seconds),
        )
        of_machine: dict[str, list[PersistentDisk]] = {}
        for held in sorted(company.disks_of(Cloud.GCP), key=lambda disk: not disk.boot):
            disk = PersistentDisk.of_company(held)
            estate.disks[disk.path] = disk
            if held.machine_id:
                of_machine.setdefault(held.machine_id, []).append(disk)
        for source in seeded:
            estate._seed(source, of_machine.get(source.id, []))
        return estate

    def _seed(self, source: Machine, attached: list[PersistentDisk]) -> None:
        instance = Instance.of_company(source, [disk.path for disk in attached])
        for disk in attached:
            disk.instance = instance
        self.instances[instance.path] = instance

    def project(self, project: str) -> Account:
        """Return a project.

        Raises:
            ComputeError: 404 when there is none.
        """
        account = self.projects.get(project)
        if account is None:
            raise errors.not_found(f"projects/{project}")
        return account

    def zone(self, project: str, zone: str) -> str:
        """Return a zone's name.

        Raises:
            ComputeError: 404 without the project, 400 for an unknown zone.
        """
        self.project(project)
        if zone not in self.zones:
            raise errors.invalid("zone", zone, "Unknown zone.")
        return zone

    def instance(self, project: str, zone: str, name: str) -> Instance:
        """Return an instance, by name or number, as it is now.

        Raises:
            ComputeError: 404 when it does not exist.
        """
        self.zone(project, zone)
        path = f"projects/{project}/zones/{zone}/instances/{name}"
        found = self.instances.get(path) or self._numbered(project, zone, name)
        if found is None or not self._present(found):
            raise errors.not_found(path)
        return found

    def _numbered(self, project: str, zone: str, number: str) -> Instance | None:
        if not number.isdecimal():
            return None
        for found in self.instances.values():
            if found.id == number and (found.project, found.zone) == (project, zone):
                return found
        return None

    def disk(self, project: str, zone: str, name: str) -> PersistentDisk:
        """Return a disk as it is now.

        Raises:
            ComputeError: 404 when it does not exist.
        """
        self.zone(project, zone)
        path = f"projects/{project}/zones/{zone}/disks/{name}"
        found = self.disks.get(path)
        if found is None:
            raise errors.not_found(path)
        if found.instance is not None:
            self._present(found.instance)
        return found

    def instances_in(self, project: str, zone: str = "") -> list[Instance]:
        """Return the instances of a project or of one of its zones, as they are now, by zone and name."""
        self.project(project)
        found = [each for each in self._settled() if each.project == project and (not zone or each.zone == zone)]
        return sorted(found, key=lambda each: (each.zone, each.name))

    def disks_in(self, project: str, zone: str = "") -> list[PersistentDisk]:
        """Return the disks of a project or of one of its zones, as they are now, by zone and name."""
        self.project(project)
        list(self._settled())
        found = [each for each in self.disks.values() if each.project == project and (not zone or each.zone == zone)]
        return sorted(found, key=lambda each: (each.zone, each.name))

    def add(self, instance: Instance) -> None:
        """Take in an instance that was created over the API."""
        self.instances[instance.path] = instance

    def _settled(self) -> Iterator[Instance]:
        for instance in list(self.instances.values()):
            if self._present(instance):
                yield instance

    def _present(self, instance: Instance) -> bool:
        if instance.settle(self.clock()):
            return True
        del self.instances[instance.path]
        for path in instance.disks:
            if (disk := self.disks.get(path)) is not None:
                disk.instance = None
        return False
