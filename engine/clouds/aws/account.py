"""One AWS account behind the port `engine.clouds.ports.CloudAccount`."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from engine.clock import Clock
from engine.clouds.aws import calls, cost, metrics, permitted
from engine.clouds.aws.failures import translated
from engine.clouds.aws.names import local_id
from engine.clouds.aws.scanners import SCANNERS, Place, Scanner
from engine.clouds.aws.session import GLOBAL_REGION, AwsAccountSettings, AwsSession, Purpose, acting
from engine.clouds.errors import CloudError, Denied, Invalid, NotSent, Throttled
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, CostLine, DailyUse
from engine.estate.resource import CellScan, CellStatus, Cloud, Permitted, Resource, ScanCell

# Read once for the whole account; `Resource.region` still says where a thing is.
GLOBAL_SERVICES = frozenset({"s3"})
_SHORT_DEADLINE_SECONDS = 15.0
_NOT_ENABLED = frozenset({"OptInRequired", "UnknownServiceError", "EndpointProviderError", "InvalidRegionError"})


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
            return self._ended(cell, CellStatus.UNSUPPORTED, [], f"{cell.service} is not read in this account")
        return self._scan(scanner, cell, time.monotonic() + deadline, quick=deadline <= _SHORT_DEADLINE_SECONDS)

    def read(self, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone.

        Raises:
            CloudError: When it could not be read.
        """
        scanner = SCANNERS.get(resource.service)
        if scanner is None:
            raise Invalid("UnknownType", f"could not read {resource.name}: {resource.type} is not read on AWS")
        with translated(f"read {resource.short_id}"):
            return scanner.read(self._place(resource.region, Purpose.QUICK_READ), resource)

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Say whether the credentials may do this: a dry run on EC2, IAM's simulation elsewhere, else unknown."""
        return self._permissions.ask(operation, resource)

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

    def costs(self, *, start: date, end: date) -> tuple[CostLine, ...] | None:
        """Return daily costs by service from `start` to `end` (exclusive).

        Raises:
            CloudError: When costs could not be read.
        """
        with translated("read costs"):
            return cost.daily_costs(self._session, self.account, start=start, end=end)

    def _scan(self, scanner: Scanner, cell: ScanCell, until: float, *, quick: bool) -> CellScan:
        place = self._place(cell.region, Purpose.QUICK_READ if quick else Purpose.READ)
        found: list[Resource] = []
        failed: list[tuple[CellStatus, str]] = []
        for part in scanner.parts:
            try:
                with translated(f"list {cell.service} in {cell.region}"):
                    for resource in part(place):
                        found.append(resource)
                        if time.monotonic() > until:
                            return self._ended(cell, CellStatus.TIMEOUT, found, "the deadline passed while listing")
            except CloudError as error:
                failed.append((_status(error), error.message))
        if not failed:
            return self._ended(cell, CellStatus.OK, found, "")
        status, reason = failed[0]
        return self._ended(cell, CellStatus.PARTIAL if len(failed) < len(scanner.parts) else status, found, reason)

    def _ended(self, cell: ScanCell, status: CellStatus, found: Sequence[Resource], reason: str) -> CellScan:
        return CellScan(cell=cell, status=status, read_at=self._clock(), resources=tuple(found), reason=reason)

    def _place(self, region: str, purpose: Purpose) -> Place:
        home = GLOBAL_REGION if region == "global" else region
        return Place(session=self._session, account=self.account, region=home, purpose=purpose)


def _home(resource: Resource) -> str:
    return GLOBAL_REGION if resource.region == "global" else resource.region


def _status(error: CloudError) -> CellStatus:
    if error.code in _NOT_ENABLED:
        return CellStatus.UNSUPPORTED
    match error:
        case Denied():
            return CellStatus.DENIED
        case Throttled():
            return CellStatus.THROTTLED
        case NotSent():
            return CellStatus.UNREACHABLE
        case _ if error.code == "ReadTimeoutError":
            return CellStatus.TIMEOUT
        case _:
            return CellStatus.UNREACHABLE
