"""One AWS account behind the port `engine.clouds.ports.CloudAccount`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from engine.clock import Clock
from engine.clouds.account import GLOBAL, Reading, ScannedAccount
from engine.clouds.aws import calls, cost, metrics, permitted, sizes
from engine.clouds.aws.failures import NOT_ENABLED, TIMED_OUT, translated
from engine.clouds.aws.names import local_id
from engine.clouds.aws.scanners import SCANNERS, Place
from engine.clouds.aws.session import GLOBAL_REGION, AwsAccountSettings, AwsSession, acting
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, DailyUse
from engine.clouds.purpose import Purpose
from engine.estate.resource import Cloud, Permitted, Resource, ScanCell

# Read once for the whole account; `Resource.region` still says where a thing is.
GLOBAL_SERVICES = frozenset({"s3"})
_READING: Final[Reading[Place]] = Reading(
    cloud=Cloud.AWS,
    called="AWS",
    unit="account",
    scanners=SCANNERS,
    translated=translated,
    timed_out=TIMED_OUT,
    unsupported=NOT_ENABLED,
)


class AwsAccount(ScannedAccount[Place]):
    """One account."""

    def __init__(self, settings: AwsAccountSettings, clock: Clock) -> None:
        """Take an account.

        Raises:
            ValueError: When its endpoint is custom, not on loopback and not allowed.
        """
        super().__init__(_READING, account=settings.account_id, name=settings.name, clock=clock)
        self._session = AwsSession(settings)
        self._regions = settings.regions
        self._permissions = permitted.Permissions(self._session)

    def cells(self) -> tuple[ScanCell, ...]:
        """Return each service in each region, and global services once."""
        regional = [service for service in SCANNERS if service not in GLOBAL_SERVICES]
        places = [(region, service) for region in self._regions for service in regional]
        places += [(GLOBAL, service) for service in SCANNERS if service in GLOBAL_SERVICES]
        return tuple(self._cell(region, service) for region, service in places)

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
            client = self._session.client(calls.service_of(operation), _home(resource.region), Purpose.WRITE)
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
        return Place(session=self._session, account=self.account, region=_home(region), purpose=purpose)


def _home(region: str) -> str:
    return GLOBAL_REGION if region == GLOBAL else region
