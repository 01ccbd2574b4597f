"""From an approved plan to a finished execution, across restarts, with everyone who watches told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.clock import Clock
from engine.execution.executor import Execution, ExecutionState, Executor, outcome
from engine.execution.strategy import keys
from engine.execution.unit import JournalLine, UnitKey, fold
from engine.planning.plan import Plan
from engine.planning.record import DigestMismatch, Kept
from engine.plans import Plans, PlanState, execution_id
from engine.storage.database import Database, StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.executions import FINAL_STATES, ExecutionStore
from engine.storage.journal import Journal, JournalEvent
from engine.tasks import spawn

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=15)
_CALL_SECONDS = 5.0

Watcher = Callable[[Kept, Execution], Awaitable[None]]


class ExecutionRecord:
    """The executor's record: journal line and audit entry in one transaction.

    Args:
        database: For the transaction.
        journal: The journal.
        executions: The executions.
        audit: The trail.
    """

    def __init__(self, *, database: Database, journal: Journal, executions: ExecutionStore, audit: AuditLog) -> None:
        self._database = database
        self._journal = journal
        self._executions = executions
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
        """Make the end durable: execution and trail in one transaction, once."""
        with self._database.transaction():
            if not self._executions.cas_state(execution_id, {"pending", "running"}, state.value):
                return
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

    A plan is `executed` only when its execution has ended and everyone who watches was told: whatever dies in between is
    taken up again by the next start. What could not go on because the record could not be written is tried again by `retry`.

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
        self._stalled: dict[str, Kept] = {}
        self._leaving = False

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every change of every execution, in order, the last time with a final state."""
        self._watchers.append(watcher)

    def start(self, kept: Kept) -> bool:
        """Begin the one execution of an approved plan; of all callers ever exactly one gets True.

        When this process is leaving, the next start begins it; when the record cannot be written, `retry` does.
        """
        plan = kept.admitted.plan
        identity = execution_id(plan.plan_id)
        if self._leaving:
            return False
        try:
            claimed = self._claim(plan, identity)
        except StorageUnavailable:
            _log.exception("an approved plan could not begin; it will be tried again", plan=plan.plan_id)
            self._stalled[identity] = kept
            return False
        if claimed:
            self._spawn(identity, kept)
        return claimed

    def resume(self) -> tuple[str, ...]:
        """Go on with everything that was approved and has not ended, or whose end was not told; return the plan ids.

        A plan that was approved but whose execution had not been claimed is claimed now. A plan whose record is not what was
        written is left alone.
        """
        resumed: list[str] = []
        for record in self._plans.store.in_state(PlanState.APPROVED.value):
            try:
                found = self._plans.get(record.plan_id)
                if found is not None and self._take_up(found[0]):
                    resumed.append(record.plan_id)
            except (DigestMismatch, EnvelopeError):
                _log.exception("a plan is not what was approved; nothing of it runs", plan=record.plan_id)
        return tuple(resumed)

    def retry(self) -> None:
        """Go on with what had stopped because the record could not be written."""
        for identity, kept in () if self._leaving else tuple(self._stalled.items()):
            del self._stalled[identity]
            try:
                self._take_up(kept)
            except StorageUnavailable:
                self._stalled[identity] = kept
                raise

    async def cancel(self, plan_id: str, principal: str) -> bool:
        """Send nothing more of a plan, durably: also not after a restart. False when it is not running.

        Raises:
            StorageUnavailable: Nothing more is sent now, but a restart would not know.
        """
        row = await asyncio.to_thread(self._executions.of_plan, plan_id)
        if row is None or row.state in FINAL_STATES:
            return False
        self._executor.cancel(row.id)
        event = AuditEvent(tag=Tag.PLAN_CANCELLED, plan_id=plan_id, principal=principal)
        await asyncio.to_thread(self._audit.append, event)
        return True

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
        """Begin no plan any more and wait up to `seconds` for those at work; then let each come to a safe place.

        Returns:
            How many have not ended; the next start goes on with them.
        """
        self._leaving = True
        waited = set(self._at_work.values())
        if waited:
            await asyncio.wait(waited, timeout=seconds)
        self._executor.leave()
        if waited:
            await asyncio.wait(waited, timeout=_CALL_SECONDS)
        return sum(not _ended(task) for task in waited)

    def _claim(self, plan: Plan, identity: str) -> bool:
        with self._database.transaction():
            claimed = self._executions.claim(
                plan.plan_id, identity, owner=self._owner, lease_until=self._clock() + _LEASE
            )
            if claimed:
                event = AuditEvent(tag=Tag.EXECUTION_STARTED, plan_id=plan.plan_id, detail={"digest": plan.digest})
                self._audit.append(event)
            return claimed

    def _take_up(self, kept: Kept) -> bool:
        """Go on with one approved plan, wherever it is; False when it is at work already."""
        plan_id = kept.admitted.plan.plan_id
        identity = execution_id(plan_id)
        if identity in self._at_work:
            return False
        row = self._executions.get(identity)
        if row is None:
            return self.start(kept)
        if row.state not in FINAL_STATES:
            if any(told.event.tag is Tag.PLAN_CANCELLED for told in self._audit.of_plan(plan_id)):
                self._executor.cancel(identity)
            self._audit.append(AuditEvent(tag=Tag.EXECUTION_RESUMED, plan_id=plan_id))
        self._spawn(identity, kept)
        return True

    def _spawn(self, identity: str, kept: Kept) -> None:
        task = spawn(self._run(identity, kept), name=f"execution {kept.admitted.plan.plan_id}")
        self._at_work[identity] = task
        task.add_done_callback(lambda done: self._left(identity, kept, done))

    def _left(self, identity: str, kept: Kept, done: asyncio.Task[Execution]) -> None:
        self._at_work.pop(identity, None)
        if not done.cancelled() and _unwritten(done.exception()):
            self._stalled[identity] = kept

    async def _run(self, identity: str, kept: Kept) -> Execution:
        plan = kept.admitted.plan
        row = await asyncio.to_thread(self._executions.get, identity)
        if row is not None and row.state in FINAL_STATES:
            past = await asyncio.to_thread(self.past, plan.plan_id)
            execution = past.execution if past else await self._execute(identity, kept, row.started_at)
            await self._tell(kept, execution)
        else:
            execution = await self._execute(identity, kept, row.started_at if row else self._clock())
        if execution.state.final:
            told = ({PlanState.APPROVED.value}, PlanState.EXECUTED.value)
            await asyncio.to_thread(self._plans.store.cas_state, plan.plan_id, *told)
        return execution

    async def _execute(self, identity: str, kept: Kept, started_at: datetime) -> Execution:
        await asyncio.to_thread(self._executions.cas_state, identity, {"pending"}, "running")

        async def tell(execution: Execution) -> None:
            await self._tell(kept, execution)

        return await self._executor.run(identity, kept.admitted.plan, tell, started_at=started_at)

    async def _tell(self, kept: Kept, execution: Execution) -> None:
        """Tell everyone who watches; a card that cannot be shown stops nothing, but an end that was not kept is told again.

        Raises:
            StorageUnavailable: The end could not be put where it survives.
        """
        for watcher in self._watchers:
            try:
                await watcher(kept, execution)
            except StorageUnavailable:
                if execution.state.final:
                    raise
                _log.exception("a card could not be kept", plan=kept.admitted.plan.plan_id)
            except Exception:  # noqa: BLE001 - a card that cannot be shown must not stop the work
                _log.exception("a watcher failed", plan=kept.admitted.plan.plan_id)


def _ended(task: asyncio.Task[Execution]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None and task.result().state.final


def _unwritten(error: BaseException | None) -> bool:
    """Say whether a run broke because the record could not be written."""
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(StorageUnavailable) is not None
    return isinstance(error, StorageUnavailable)
