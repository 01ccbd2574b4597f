"""One AWS account behind the port `engine.clouds.ports.CloudAccount`."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

from engine.clock import Clock
from engine.clouds.aws import calls, cost, metrics, permitted, sizes
from engine.clouds.aws.failures import NOT_ENABLED, TIMED_OUT, translated
from engine.clouds.aws.names import local_id
from engine.clouds.aws.scanners import SCANNERS, Place
from engine.clouds.aws.session import GLOBAL_REGION, AwsAccountSettings, AwsSession, Purpose, acting
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, DailyUse
from engine.clouds.reading import ended, read_cell, read_one
from engine.estate.resource import CellScan, CellStatus, Cloud, Permitted, Resource, ScanCell

# Read once for the whole account; `Resource.region` still says where a thing is.
GLOBAL_SERVICES = frozenset({"s3"})
_SHORT_DEADLINE_SECONDS = 15.0


class AwsAccount:
    """One account."""

    def __init__(self, settings: AwsAccountSettings, clock: Clock) -> None:
        """Take an account.

        Raises:
            ValueError: When its endpoint is custom, not on loopback and not allowed.
        """
        self._settings = settings
        self._session = AwsSession(settings)
        self._clock = clock
        self._permissions = permitted.Permissions(self._session)

    @property
    def cloud(self) -> Cloud:
        """AWS."""
        return Cloud.AWS

    @property
    def account(self) -> str:
        """The account id."""
        return self._settings.account_id

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._settings.name

    @property
    def types(self) -> frozenset[str]:
        """The types that are read here."""
        return frozenset[str]().union(*(scanner.types for scanner in SCANNERS.values()))

    def cells(self) -> tuple[ScanCell, ...]:
        """Return each service in each region, and global services once."""
        regional = [service for service in SCANNERS if service not in GLOBAL_SERVICES]
        places = [(region, service) for region in self._settings.regions for service in regional]
        places += [("global", service) for service in SCANNERS if service in GLOBAL_SERVICES]
        return tuple(
            ScanCell(cloud=Cloud.AWS, account=self.account, region=region, service=service)
            for region, service in places
        )

    def scan(self, cell: ScanCell, *, deadline: float) -> CellScan:
        """Read a cell; `deadline` in seconds from now. Never raises: the outcome says how it ended."""
        scanner = SCANNERS.get(cell.service)
        if scanner is None or cell.account != self.account:
            reason = f"{cell.service} is not read in this account"
            return ended(cell, CellStatus.UNSUPPORTED, [], reason, clock=self._clock)
        place = self._place(cell.region, Purpose.QUICK_READ if deadline <= _SHORT_DEADLINE_SECONDS else Purpose.READ)
        parts: list[Callable[[], Iterable[Resource]]] = [partial(part, place) for part in scanner.parts]
        return read_cell(
            cell,
            parts,
            until=time.monotonic() + deadline,
            timed_out=TIMED_OUT,
            unsupported=NOT_ENABLED,
            clock=self._clock,
            translated=translated,
        )

    def read(self, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone.

        Raises:
            CloudError: When it could not be read.
        """
        scanner = SCANNERS.get(resource.service)
        if scanner is None:
            raise Invalid("UnknownType", f"could not read {resource.name}: {resource.type} is not read on AWS")
        with translated(f"read {resource.short_id}"):
            return read_one(scanner.read(self._place(resource.region, Purpose.QUICK_READ), resource))

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Say whether the credentials may do this: a dry run on EC2, IAM's simulation elsewhere, else unknown."""
        return self._permissions.ask(operation, resource)

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
        if operation not in calls.ARGUMENTS:
            raise Invalid("UnknownOperation", f"{operation} is not an operation of AWS")
        doing = f"{calls.method_of(operation).replace('_', ' ')} {local_id(resource.id)}"
        with translated(doing), acting(attempt):
            client = self._session.client(calls.service_of(operation), _home(resource), Purpose.WRITE)
            return Answered(evidence=calls.make(client, operation, resource, params, attempt))

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return the daily use of instances by resource id; one without data is absent.

        Raises:
            CloudError: When metrics could not be read.
        """
        with translated("read metrics"):
            return metrics.daily_use(self._session, resources, days=days, until=until)

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...] | None:
        """Return daily costs from `start` to `end` (exclusive), told as `grouping` says.

        Raises:
            CloudError: When costs could not be read.
        """
        with translated("read costs"):
            return cost.daily_costs(self._session, self.account, start=start, end=end, grouping=grouping)

    def _place(self, region: str, purpose: Purpose) -> Place:
        home = GLOBAL_REGION if region == "global" else region
        return Place(session=self._session, account=self.account, region=home, purpose=purpose)


def _home(resource: Resource) -> str:
    return GLOBAL_REGION if resource.region == "global" else resource.region
