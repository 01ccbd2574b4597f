"""One GCP project behind the port `engine.clouds.ports.CloudAccount`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from engine.clock import Clock
from engine.clouds.account import Reading, ScannedAccount
from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.gcp import calls, cost, metrics, permitted, sizes
from engine.clouds.gcp.failures import TIMED_OUT, translated
from engine.clouds.gcp.scanners import SCANNERS, Place
from engine.clouds.gcp.session import GcpProjectSettings, GcpSession
from engine.clouds.operation import Params
from engine.clouds.ports import Answered, Attempt, DailyUse
from engine.clouds.purpose import Purpose
from engine.estate.resource import Cloud, Permitted, Resource

_READING: Final[Reading[Place]] = Reading(
    cloud=Cloud.GCP,
    called="Google Cloud",
    unit="project",
    scanners=SCANNERS,
    translated=translated,
    timed_out=TIMED_OUT,
)


class GcpAccount(ScannedAccount[Place]):
    """One project."""

    def __init__(self, settings: GcpProjectSettings, clock: Clock) -> None:
        """Take a project.

        Raises:
            ValueError: When its endpoint is custom, not on loopback and not allowed.
        """
        super().__init__(_READING, account=settings.project_id, name=settings.name, clock=clock)
        self._session = GcpSession(settings)

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

    def _place(self, region: str, purpose: Purpose) -> Place:
        # Compute Engine lists all zones of a project at once; `Resource.region` says where a thing is.
        del region
        return Place(session=self._session, account=self.account, purpose=purpose)
