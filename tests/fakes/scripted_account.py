"""An account of one machine whose answers are ordered, and a journal in memory, for the life of one unit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from engine.clouds.operation import Effect, Operation, ReplayClass, Verdict
from engine.clouds.ports import Answered, Attempt
from engine.estate.resource import Cloud, Resource
from engine.execution.attempt import Life, run
from engine.execution.recovery import Move
from engine.execution.unit import JournalLine, Unit, UnitKey, advanced
from engine.planning.plan import Step, guard
from engine.storage.journal import JournalEvent

AT = datetime(2031, 3, 1, tzinfo=UTC)
MACHINE = Resource(
    id="i-1",
    type="ec2::instance",
    cloud=Cloud.AWS,
    account="111111111111",
    region="us-east-1",
    name="web-1",
    state="running",
)
OPERATION = Operation(
    id="aws.ec2.stop_instances",
    action="stop",
    type="ec2::instance",
    cloud=Cloud.AWS,
    effect=Effect.WRITE,
    replay=ReplayClass.NATURAL,
    permissions=("ec2:StopInstances",),
    words=("Stop", "Stopping", "Stopped"),
    verdict=lambda now, _params: Verdict.DONE if now is None or now.state == "stopped" else Verdict.NOT_DONE,
    cli=lambda _resource, _params: "",
    deadline_seconds=2,
)


class ScriptedAccount:
    """Answers each call by the next of its orders; an order may do the work, raise, or both.

    Args:
        orders: What each call does; the last is repeated.
    """

    name = "dev"
    account = MACHINE.account

    def __init__(self, *orders: Callable[["ScriptedAccount"], None]) -> None:
        self._orders = list(orders)
        self.machine: Resource | None = MACHINE
        self.attempts: list[Attempt] = []
        self.unreadable: Exception | None = None

    def stops(self) -> None:
        """Do what is asked."""
        self.machine = replace(MACHINE, state="stopped")

    def read(self, _resource: Resource) -> Resource | None:
        """Return the machine as it is."""
        if self.unreadable is not None:
            raise self.unreadable
        return self.machine

    def call(self, _operation: str, _resource: Resource, _params: Any, attempt: Attempt) -> Answered:
        """Do the next order."""
        self.attempts.append(attempt)
        order = self._orders.pop(0) if len(self._orders) > 1 else self._orders[0]
        order(self)
        return Answered()


@dataclass(slots=True)
class Lived:
    """A unit's life: its account, its journal, how long it waited, and what can be told to it meanwhile."""

    account: ScriptedAccount
    replay: ReplayClass = ReplayClass.NATURAL
    verdict: Callable[[Resource | None, Any], Verdict] | None = None
    unit: Unit = field(default_factory=lambda: Unit(key=UnitKey("s1", MACHINE.id)))
    events: list[tuple[JournalEvent, int]] = field(default_factory=list)
    said: list[Mapping[str, Any]] = field(default_factory=list)
    waited: float = 0.0
    cancel_after: float = float("inf")
    leave_after: float = float("inf")

    async def write(self, key: UnitKey, event: JournalEvent, attempt: int, detail: Mapping[str, Any]) -> None:
        """Keep a line."""
        self.events.append((event, attempt))
        self.said.append(detail)
        self.unit = advanced(self.unit, JournalLine(key=key, event=event, attempt=attempt, at=AT, detail=detail))

    async def pace(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waited += seconds

    async def go(self, move: Move = Move.BEGIN) -> Unit:
        """Live to the end; return the unit."""
        step = Step(
            id="s1",
            operation=OPERATION.id,
            replay=self.replay,
            credential="dev",
            targets=(MACHINE.id,),
            preconditions={MACHINE.id: guard(MACHINE)},
        )
        life = Life(
            plan_id="p-01234567",
            step=step,
            target=MACHINE.id,
            operation=replace(OPERATION, replay=self.replay, verdict=self.verdict or OPERATION.verdict),
            account=self.account,
            touched_before=False,
            write=self.write,
            pace=self.pace,
            cancelled=lambda: self.waited >= self.cancel_after,
            leaving=lambda: self.waited >= self.leave_after,
        )
        await run(life, self.unit, move)
        return self.unit
