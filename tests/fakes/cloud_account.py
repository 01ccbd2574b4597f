"""A cloud account in memory that keeps the port's promises and can misbehave as real ones do."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from agent_server.contract.types import names
from engine.clock import Clock
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import Denied, NotFound
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, DailyUse
from engine.estate.resource import CellScan, CellStatus, Cloud, Permitted, Resource, ScanCell

_LONGEST_HANG = 30.0


class FakeCloudAccount:
    """One account whose cells and resources a test writes down.

    Args:
        cloud: Which cloud.
        account: The id.
        name: What the settings call it.
        clock: Stamps the readings.
        cells: Which cells exist; cells of resources are added by `add`.
    """

    def __init__(self, cloud: Cloud, account: str, name: str, clock: Clock, cells: Sequence[ScanCell] = ()) -> None:
        self._cloud, self._account, self._name, self._clock = cloud, account, name, clock
        self._cells: dict[ScanCell, dict[str, Resource]] = {cell: {} for cell in cells}
        self._script: dict[ScanCell, list[CellStatus]] = {}
        self._slow: dict[ScanCell, float] = {}
        self._held: dict[ScanCell, threading.Event] = {}
        self._lock = threading.Lock()
        self.reads: Counter[ScanCell] = Counter()
        self.sizes: frozenset[str] | None = None
        self.at_once = 0
        self.most_at_once = 0

    @property
    def cloud(self) -> Cloud:
        """Which cloud."""
        return self._cloud

    @property
    def account(self) -> str:
        """The id."""
        return self._account

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._name

    def cell_of(self, resource: Resource) -> ScanCell:
        """Return the cell that shows a resource: its own service's."""
        return ScanCell(cloud=self._cloud, account=self._account, region=resource.region, service=resource.service)

    def add(self, *resources: Resource) -> None:
        """Let resources exist; one with a known id replaces the earlier."""
        with self._lock:
            for resource in resources:
                assert (resource.cloud, resource.account) == (self._cloud, self._account)
                self._cells.setdefault(self.cell_of(resource), {})[resource.id] = resource

    def remove(self, *ids: str) -> None:
        """Let resources be gone."""
        with self._lock:
            for found in self._cells.values():
                for id_ in ids:
                    found.pop(id_, None)

    def script(self, cell: ScanCell, *outcomes: CellStatus) -> None:
        """Say how the next readings of a cell end; after these it ends `ok`."""
        self._script[cell] = list(outcomes)

    def slow_down(self, cell: ScanCell, seconds: float) -> None:
        """Let every reading of a cell take this long, whatever its deadline says."""
        self._slow[cell] = seconds

    def hold(self, cell: ScanCell) -> threading.Event:
        """Let readings of a cell hang, whatever their deadline says, until the event is set."""
        return self._held.setdefault(cell, threading.Event())

    @property
    def types(self) -> frozenset[str]:
        """Whatever may be put in."""
        return names()

    def cells(self) -> tuple[ScanCell, ...]:
        """Return all cells."""
        return tuple(sorted(self._cells))

    def scan(self, cell: ScanCell, *, deadline: float) -> CellScan:
        """Return what the cell shows, or how the script says its reading ends."""
        assert deadline >= 0
        with self._lock:
            self.reads[cell] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self._slow.get(cell, 0.0))
        if cell in self._held:
            self._held[cell].wait(_LONGEST_HANG)
        with self._lock:
            self.at_once -= 1
            status = self._script[cell].pop(0) if self._script.get(cell) else CellStatus.OK
            shown = tuple(self._cells.get(cell, {}).values())
        if status is CellStatus.OK:
            return CellScan(cell=cell, status=status, read_at=self._clock(), resources=shown)
        some = shown[: len(shown) // 2] if status is CellStatus.PARTIAL else ()
        return CellScan(
            cell=cell, status=status, read_at=self._clock(), resources=some, reason=f"scripted: {status.value}"
        )

    def read(self, resource: Resource) -> Resource | None:
        """Return the resource as it is now."""
        return self._cells.get(self.cell_of(resource), {}).get(resource.id)

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Return what the resource says about the operation."""
        return resource.permissions.get(operation, Permitted.UNKNOWN), "fake"

    def offers(self, size: str, resource: Resource) -> bool | None:
        """Return whether a size is on the list; None while there is no list."""
        del resource
        return None if self.sizes is None else size in self.sizes

    def call(self, operation: str, resource: Resource, params: Params, attempt: Attempt) -> Answered:
        """Start, stop or delete; anything else is denied."""
        del params
        if self.read(resource) is None:
            raise NotFound("NotFound", f"{resource.id} does not exist")
        verb = operation.rpartition(".")[2].partition("_")[0]
        if verb in {"terminate", "delete"}:
            self.remove(resource.id)
        elif verb in {"start", "stop"}:
            self.add(replace(resource, state="running" if verb == "start" else "stopped"))
        else:
            raise Denied("AccessDenied", f"{operation} is not allowed here")
        return Answered(evidence={"user_agent": attempt.user_agent})

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return no data."""
        del resources, days, until
        return {}

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...] | None:
        """Return that there is no cost source."""
        del start, end, grouping
        return None
