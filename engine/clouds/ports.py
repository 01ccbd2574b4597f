"""What the engine sees of one account, subscription or project.

All methods are synchronous and may block on the network: callers run them in threads. Implementations are safe to call
from several threads at once, translate every SDK exception into `engine.clouds.errors`, never retry a write by themselves
(the executor owns that), and put `escher/<plan>/<step>` into the user agent of every write so that the clouds' own audit logs
name the plan. Reads may retry inside their deadline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from engine.clouds.billing import CostGrouping, CostLine
from engine.clouds.operation import Params
from engine.estate.resource import CellScan, Cloud, Json, Permitted, Resource, ScanCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Names one call for the cloud's logs and for idempotency.

    Attributes:
        plan_id: `p-7f3a…`.
        step_id: `s1`.
        token: Idempotency token, the same for every attempt of one step on one target (a UUID in text form).
    """

    plan_id: str
    step_id: str
    token: str

    @property
    def user_agent(self) -> str:
        """`escher/<plan>/<step>`."""
        return f"escher/{self.plan_id}/{self.step_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A call was accepted. `evidence` are facts worth keeping: request id, previous state, new ids."""

    evidence: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyUse:
    """How busy a machine was on one day: CPU in percent (0-100, mean and maximum), network in bytes (in plus out)."""

    day: date
    cpu_mean: float
    cpu_max: float
    network_bytes: float


class CloudAccount(Protocol):
    """One account, subscription or project."""

    @property
    def cloud(self) -> Cloud:
        """Which cloud."""
        ...

    @property
    def account(self) -> str:
        """The account id, subscription id or project id, as in `Resource.account`."""
        ...

    @property
    def name(self) -> str:
        """What the settings call it: `dev`."""
        ...

    @property
    def types(self) -> frozenset[str]:
        """The types of resources that are read here; of all others the estate knows nothing."""
        ...

    def cells(self) -> tuple[ScanCell, ...]:
        """Return the cells a whole sync of this account reads."""
        ...

    def scan(self, cell: ScanCell, *, deadline: float) -> CellScan:
        """Read a cell; `deadline` in seconds from now. Never raises: the outcome says how it ended."""
        ...

    def read(self, resource: Resource) -> Resource | None:
        """Read one resource again, by the id and type of `resource`; None when it is gone.

        Raises:
            CloudError: When it could not be read.
        """
        ...

    def permitted(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Say whether the credentials may do this, and by which method that is known (`dry-run`, `testIamPermissions`, …)."""
        ...

    def offers(self, size: str, resource: Resource) -> bool | None:
        """Say whether a machine of this size can be had where `resource` is; None where that cannot be known.

        Raises:
            CloudError: When it could not be read.
        """
        ...

    def call(self, operation: str, resource: Resource, params: Params, attempt: Attempt) -> Answered:
        """Make exactly one API call.

        Raises:
            CloudError: `Throttled`, `NotSent`, `Denied`, `Invalid`, `Conflict`, `NotFound`: nothing was done.
                `Unanswered`: not known.
        """
        ...

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return the daily use of machines by resource id; a machine without data is absent.

        Raises:
            CloudError: When metrics could not be read.
        """
        ...

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...] | None:
        """Return daily costs from `start` to `end` (exclusive), told as `grouping` says; None when this account has no cost source.

        It may cost money and is rationed by the clouds: `engine.reports.ledger` asks once a day.

        Raises:
            CloudError: When costs could not be read.
        """
        ...
