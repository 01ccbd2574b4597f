"""One GCP project behind the port `engine.clouds.ports.CloudAccount`."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from engine.clock import Clock
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.gcp import calls, cost, metrics, permitted, sizes
from engine.clouds.gcp.failures import TIMED_OUT, translated
from engine.clouds.gcp.scanners import SCANNERS, Place
from engine.clouds.gcp.session import GcpProjectSettings, GcpSession, Purpose
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, DailyUse
from engine.clouds.reading import ended, read_cell, read_one
from engine.estate.resource import CellScan, CellStatus, Cloud, Permitted, Resource, ScanCell

# Compute Engine lists all zones of a project at once; `Resource.region` says where a thing is.
_REGION = "global"
_SHORT_DEADLINE_SECONDS = 15.0


class GcpAccount:
    """One project."""

    def __init__(self, settings: GcpProjectSettings, clock: Clock) -> None:
        """Take a project.

        Raises:
            ValueError: When its endpoint is custom, not on loopback and not allowed.
        """
        self._settings = settings
        self._session = GcpSession(settings)
        self._clock = clock

    @property
    def cloud(self) -> Cloud:
        """Google Cloud."""
        return Cloud.GCP

    @property
    def account(self) -> str:
        """The project id."""
        return self._settings.project_id

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._settings.name

    @property
    def types(self) -> frozenset[str]:
        """The types that are read here."""
        return frozenset[str]().union(*(scanner.types for scanner in SCANNERS.values()))

    def cells(self) -> tuple[ScanCell, ...]:
        """Return each service, once for all regions."""
        return tuple(
            ScanCell(cloud=Cloud.GCP, account=self.account, region=_REGION, service=service) for service in SCANNERS
        )

    def scan(self, cell: ScanCell, *, deadline: float) -> CellScan:
        """Read a cell; `deadline` in seconds from now. Never raises: the outcome says how it ended."""
        scanner = SCANNERS.get(cell.service)
        if scanner is None or cell.account != self.account:
            reason = f"{cell.service} is not read in this project"
            return ended(cell, CellStatus.UNSUPPORTED, [], reason, clock=self._clock)
        purpose = Purpose.QUICK_READ if deadline <= _SHORT_DEADLINE_SECONDS else Purpose.READ
        parts: list[Callable[[], Iterable[Resource]]] = [partial(part, self._place(purpose)) for part in scanner.parts]
        until = time.monotonic() + deadline
        return read_cell(cell, parts, until=until, timed_out=TIMED_OUT, clock=self._clock, translated=translated)

    def read(self, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone.

        Raises:
            CloudError: When it could not be read.
        """
        scanner = SCANNERS.get(resource.service)
        if scanner is None:
            raise Invalid("UnknownType", f"could not read {resource.name}: {resource.type} is not read on Google Cloud")
        with translated(f"read {resource.short_id}"):
            return read_one(scanner.read(self._place(Purpose.QUICK_READ), resource))

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Say whether the credentials may do this, by `testIamPermissions` on the resource."""
        return permitted.ask(self._session, operation, resource)

    def offers(self, size: str, resource: Resource) -> bool | None:
        """Say whether a machine of this size can be had where `resource` is; None where that cannot be known.

        Raises:
            CloudError: When it could not be read.
        """
        with translated(f"look up {size}"):
            return sizes.offers(self._session, size, resource)

    def call(self, operation: str, resource: Resource, params: Params, attempt: Attempt) -> Answered:
        """Make exactly one changing API call.

        Raises:
            CloudError: `Throttled`, `NotSent`, `Denied`, `Invalid`, `Conflict`, `NotFound`: nothing was done.
                `Unanswered`: not known.
        """
        if operation not in calls.CALLS:
            raise Invalid("UnknownOperation", f"{operation} is not an operation of Google Cloud")
        with translated(f"{operation.rsplit('.', 1)[-1].replace('_', ' ')} {resource.short_id}"):
            return Answered(evidence=calls.make(self._session, operation, resource, params, attempt))

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return the daily use of instances by resource id; one without data is absent.

        Raises:
            CloudError: When metrics could not be read.
        """
        with translated("read metrics"):
            return metrics.daily_use(self._session, self.account, resources, days=days, until=until)

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...] | None:
        """Return None: a project by itself has no cost source."""
        return cost.daily_costs(start=start, end=end, grouping=grouping)

    def _place(self, purpose: Purpose) -> Place:
        return Place(session=self._session, account=self.account, purpose=purpose)
