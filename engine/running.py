"""From an approved plan to a finished execution, across restarts, with everyone who watches told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.clock import Clock
from engine.execution.executor import Execution, ExecutionState, Executor, outcome
from engine.execution.strategy import keys
from engine.execution.unit import JournalLine, UnitKey, fold
from engine.planning.record import Kept
from engine.plans import Plans, PlanState, execution_id
from engine.storage.database import Database
from engine.storage.executions import ExecutionStore
from engine.storage.journal import Journal, JournalEvent
from engine.tasks import spawn

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=15)
_CALLS = frozenset({JournalEvent.INTENT})

Watcher = Callable[[Kept, Execution], Awaitable[None]]


class ExecutionRecord:
    """The executor's record: journal line and audit entry in one transaction.

    Args:
        database: For the transaction.
        journal: The journal.
        executions: The executions.
        plans: The plans.
        audit: The trail.
    """

    def __init__(
        self, *, database: Database, journal: Journal, executions: ExecutionStore, plans: Plans, audit: AuditLog
    ) -> None:
        self._database = database
        self._journal = journal
        self._executions = executions
        self._plans = plans
        self._audit = audit

    def write(self, execution_id: str, plan_id: str, line: JournalLine) -> None:
        """Append a journal line and its audit entry, both or neither."""
        detail = json.dumps(dict(line.detail)).encode()
        with self._database.transaction():
            self._journal.append(
                execution_id,
                step_id=line.key.step,
                target=line.key.target,
                event=line.event,
                attempt=line.attempt,
                detail=detail,
            )
            if (tag := _TAGS.get(line.event)) is not None:
                told = {"target": line.key.target, "attempt": line.attempt, "event": line.event.value, **line.detail}
                told.pop("token", None)
                self._audit.append(AuditEvent(tag=tag, plan_id=plan_id, step_id=line.key.step, detail=told, at=line.at))

    def lines(self, execution_id: str) -> Sequence[JournalLine]:
        """Return the journal of an execution, oldest first."""
        return [
            JournalLine(
                key=UnitKey(entry.step_id, entry.target),
                event=entry.event,
                attempt=entry.attempt,
                at=entry.at,
                detail=json.loads(entry.detail or b"{}"),
            )
            for entry in self._journal.entries(execution_id)
        ]

    def ended(self, execution_id: str, plan_id: str, state: ExecutionState) -> None:
        """Make the end durable: execution, plan and trail in one transaction."""
        with self._database.transaction():
            self._executions.cas_state(execution_id, {"pending", "running"}, state.value)
            self._plans.store.cas_state(plan_id, {PlanState.APPROVED.value}, PlanState.EXECUTED.value)
            self._audit.append(
                AuditEvent(
                    tag=Tag.EXECUTION_FINISHED, plan_id=plan_id, detail={"state": state.value, "id": execution_id}
                )
            )


_TAGS = {
    JournalEvent.INTENT: Tag.STEP_CALLED,
    JournalEvent.NOT_DONE: Tag.STEP_FINISHED,
    JournalEvent.DONE: Tag.STEP_FINISHED,
    JournalEvent.FAILED: Tag.STEP_FINISHED,
    JournalEvent.UNCERTAIN: Tag.STEP_FINISHED,
    JournalEvent.SKIPPED: Tag.STEP_SKIPPED,
    JournalEvent.CANCELLED: Tag.STEP_SKIPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An execution read from the record."""

    kept: Kept
    execution: Execution


class Running:
    """Starts, resumes, cancels and reads executions.

    Args:
        executor: Runs them.
        executions: Their store.
        record: Their journal.
        plans: The plans.
        audit: The trail.
        database: For one transaction over claim and trail.
        clock: The time.
        owner: This runner's name.
    """

    def __init__(
        self,
        *,
        executor: Executor,
        executions: ExecutionStore,
        record: ExecutionRecord,
        plans: Plans,
        audit: AuditLog,
        database: Database,
        clock: Clock,
        owner: str,
    ) -> None:
        self._executor = executor
        self._executions = executions
        self._record = record
        self._plans = plans
        self._audit = audit
        self._database = database
        self._clock = clock
        self._owner = owner
        self._watchers: list[Watcher] = []
        self._at_work: dict[str, asyncio.Task[Execution]] = {}

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every change of every execution, in order, the last time with a final state."""
        self._watchers.append(watcher)

    def start(self, kept: Kept) -> bool:
        """Begin the one execution of an approved plan; of all callers ever exactly one gets True."""
        plan = kept.admitted.plan
        identity = execution_id(plan.plan_id)
        with self._database.transaction():
            claimed = self._executions.claim(
                plan.plan_id, identity, owner=self._owner, lease_until=self._clock() + _LEASE
            )
            if claimed:
                event = AuditEvent(tag=Tag.EXECUTION_STARTED, plan_id=plan.plan_id, detail={"digest": plan.digest})
                self._audit.append(event)
        if claimed:
            self._spawn(identity, kept)
        return claimed

    def resume(self) -> tuple[str, ...]:
        """Go on with everything that was approved and has not ended; return the plan ids.

        A plan that was approved but whose execution had not been claimed is claimed now.
        """
        resumed: list[str] = []
        for execution in self._executions.unfinished():
            found = self._plans.get(execution.plan_id)
            if found is None or execution.id in self._at_work:
                continue
            self._audit.append(AuditEvent(tag=Tag.EXECUTION_RESUMED, plan_id=execution.plan_id))
            self._spawn(execution.id, found[0])
            resumed.append(execution.plan_id)
        for record in self._plans.store.in_state(PlanState.APPROVED.value):
            found = self._plans.get(record.plan_id)
            if found is not None and record.plan_id not in resumed and self.start(found[0]):
                resumed.append(record.plan_id)
        return tuple(resumed)

    def cancel(self, plan_id: str) -> bool:
        """Begin nothing more of a plan; False when it is not running."""
        return self._executor.cancel(execution_id(plan_id))

    async def wait(self, plan_id: str) -> Execution | None:
        """Wait until a plan's execution has ended; None when it has none."""
        task = self._at_work.get(execution_id(plan_id))
        if task is not None:
            return await asyncio.shield(task)
        past = await asyncio.to_thread(self.past, plan_id)
        return past.execution if past else None

    def past(self, plan_id: str) -> Past | None:
        """Return a plan's execution as the record says it stands."""
        found = self._plans.get(plan_id)
        row = self._executions.of_plan(plan_id)
        if found is None or row is None:
            return None
        plan = found[0].admitted.plan
        lines = self._record.lines(row.id)
        units = fold(keys(plan), lines)
        state = ExecutionState(row.state)
        execution = Execution(
            id=row.id,
            plan=plan,
            units=units,
            state=state if not state.final else outcome(tuple(units.values())),
            started_at=row.started_at,
            ended_at=row.changed_at if state.final else None,
        )
        return Past(kept=found[0], execution=execution)

    async def drain(self, seconds: float) -> int:
        """Wait up to `seconds` for what is at work; return how many are still running."""
        if not self._at_work:
            return 0
        _, pending = await asyncio.wait(set(self._at_work.values()), timeout=seconds)
        return len(pending)

    def _spawn(self, identity: str, kept: Kept) -> None:
        task = spawn(self._run(identity, kept), name=f"execution {kept.admitted.plan.plan_id}")
        self._at_work[identity] = task
        task.add_done_callback(lambda _done: self._at_work.pop(identity, None))

    async def _run(self, identity: str, kept: Kept) -> Execution:
        row = await asyncio.to_thread(self._executions.get, identity)
        started = row.started_at if row else self._clock()
        await asyncio.to_thread(self._executions.cas_state, identity, {"pending"}, "running")

        async def tell(execution: Execution) -> None:
            for watcher in self._watchers:
                try:
                    await watcher(kept, execution)
                except Exception:  # noqa: BLE001 - a card that cannot be shown must not stop the work
                    _log.exception("a watcher failed", plan=kept.admitted.plan.plan_id)

        return await self._executor.run(identity, kept.admitted.plan, tell, started_at=started)
