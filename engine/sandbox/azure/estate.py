"""Everything this endpoint holds, in memory, found the way ARM finds it: case-insensitively by id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.clock import Clock
from engine.sandbox.azure import disks, errors, machines
from engine.sandbox.azure.disks import ManagedDisk
from engine.sandbox.azure.machines import VirtualMachine
from engine.sandbox.azure.operations import Operations
from engine.sandbox.azure.snapshots import RestorePoints, Snapshot
from engine.sandbox.inventory import Account, Cloud, Company, CostLine, Machine


@dataclass(slots=True, kw_only=True)
class Estate:
    """The subscriptions of the company and what is in them.

    Attributes:
        subscriptions: By id.
        groups: Lower-cased `(subscription, group)` to the group's spelling and region.
        machines: By lower-cased ARM id.
        disks: By lower-cased ARM id.
        snapshots: By lower-cased ARM id; none at the start.
        collections: Restore point collections by lower-cased ARM id; none at the start.
        costs: Oldest first.
        operations: What is or was under way.
    """

    clock: Clock
    subscriptions: Mapping[str, Account]
    groups: dict[tuple[str, str], tuple[str, str]]
    machines: dict[str, VirtualMachine]
    disks: dict[str, ManagedDisk]
    costs: tuple[CostLine, ...]
    operations: Operations
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    collections: dict[str, RestorePoints] = field(default_factory=dict)

    @classmethod
    def of_company(cls, company: Company, *, clock: Clock, seconds: float) -> "Estate":
        """Return the endpoint's state at its start; every long-running operation will take `seconds`."""
        estate = cls(
            clock=clock,
            subscriptions={account.id: account for account in company.accounts_of(Cloud.AZURE)},
            groups={},
            machines={},
            disks={},
            costs=company.costs_of(Cloud.AZURE),
            operations=Operations(clock=clock, seconds=seconds),
        )
        of_machine: dict[str, list[ManagedDisk]] = {}
        for seeded in sorted(company.disks_of(Cloud.AZURE), key=lambda disk: not disk.boot):
            disk = ManagedDisk.of_company(seeded)
            estate.disks[disk.id.lower()] = disk
            estate.add_group(disk.subscription, disk.group, disk.location)
            if seeded.machine_id:
                of_machine.setdefault(seeded.machine_id, []).append(disk)
        for source in company.machines_of(Cloud.AZURE):
            estate._seed(source, of_machine.get(source.id, []))
        return estate

    def _seed(self, source: Machine, attached: list[ManagedDisk]) -> None:
        machine = VirtualMachine.of_company(source, [disk.id for disk in attached])
        for disk in attached:
            disk.machine = machine
        self.machines[machine.id.lower()] = machine
        self.add_group(machine.subscription, machine.group, machine.location)

    def add_group(self, subscription: str, group: str, location: str) -> None:
        """Make sure that a resource group exists."""
        self.groups.setdefault((subscription.lower(), group.lower()), (group, location))

    def subscription(self, subscription_id: str) -> Account:
        """Return a subscription.

        Raises:
            ArmError: 404 when there is none.
        """
        account = self.subscriptions.get(subscription_id.lower())
        if account is None:
            raise errors.subscription_not_found(subscription_id)
        return account

    def group(self, subscription_id: str, group: str) -> str:
        """Return a resource group's name in its own spelling.

        Raises:
            ArmError: 404 when the subscription or the group does not exist.
        """
        self.subscription(subscription_id)
        found = self.groups.get((subscription_id.lower(), group.lower()))
        if found is None:
            raise errors.group_not_found(group)
        return found[0]

    def machine(self, subscription_id: str, group: str, name: str) -> VirtualMachine:
        """Return a machine as it is now.

        Raises:
            ArmError: 404 when it does not exist.
        """
        self.group(subscription_id, group)
        key = f"/subscriptions/{subscription_id}/resourceGroups/{group}/providers/{machines.KIND}/{name}".lower()
        found = self.machines.get(key)
        if found is None or not self._present(key, found):
            raise errors.resource_not_found(machines.KIND, name, group)
        return found

    def disk(self, subscription_id: str, group: str, name: str) -> ManagedDisk:
        """Return a disk as it is now.

        Raises:
            ArmError: 404 when it does not exist.
        """
        self.group(subscription_id, group)
        key = f"/subscriptions/{subscription_id}/resourceGroups/{group}/providers/{disks.KIND}/{name}".lower()
        found = self.disks.get(key)
        if found is None:
            raise errors.resource_not_found(disks.KIND, name, group)
        if found.machine is not None:
            self._present(found.machine.id.lower(), found.machine)
        return found

    def machines_in(self, subscription_id: str, group: str = "", location: str = "") -> list[VirtualMachine]:
        """Return the machines of a subscription, of one of its groups, or of one region, as they are now."""
        self.subscription(subscription_id)
        if group:
            self.group(subscription_id, group)
        subscription_id, group, location = subscription_id.lower(), group.lower(), location.lower()
        return [
            machine
            for machine in self._settled()
            if machine.subscription == subscription_id
            and (not group or machine.group.lower() == group)
            and (not location or machine.location == location)
        ]

    def disks_in(self, subscription_id: str, group: str = "") -> list[ManagedDisk]:
        """Return the disks of a subscription or of one of its groups, as they are now."""
        self.subscription(subscription_id)
        if group:
            self.group(subscription_id, group)
        list(self._settled())
        return [
            disk
            for disk in self.disks.values()
            if disk.subscription == subscription_id.lower() and (not group or disk.group.lower() == group.lower())
        ]

    def snapshots_in(self, subscription_id: str, group: str = "") -> list[Snapshot]:
        """Return the snapshots of a subscription or of one of its groups."""
        self.subscription(subscription_id)
        if group:
            self.group(subscription_id, group)
        return [
            snapshot
            for snapshot in self.snapshots.values()
            if snapshot.subscription == subscription_id.lower()
            and (not group or snapshot.group.lower() == group.lower())
        ]

    def add(self, machine: VirtualMachine) -> None:
        """Take in a machine that was created over the API."""
        self.machines[machine.id.lower()] = machine

    def _settled(self) -> Iterator[VirtualMachine]:
        for key, machine in list(self.machines.items()):
            if self._present(key, machine):
                yield machine

    def _present(self, key: str, machine: VirtualMachine) -> bool:
        if machine.settle(self.clock()):
            return True
        del self.machines[key]
        for disk_id in machine.disks:
            if (disk := self.disks.get(disk_id.lower())) is not None:
                disk.machine = None
        return False
