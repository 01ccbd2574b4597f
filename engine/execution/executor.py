"""Runs an approved plan unit by unit, from the beginning or from where a killed process left it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import structlog

from engine.clock import Clock
from engine.clouds.catalog import Catalog
from engine.clouds.ports import CloudAccount
from engine.estate.resource import Json
from engine.execution import strategy
from engine.execution.attempt import Life, Pace, Write, real_pace, run
from engine.execution.recovery import Move, resume
from engine.execution.unit import JournalLine, Unit, UnitKey, UnitState, advanced, fold
from engine.planning.plan import Plan, Step
from engine.storage.journal import JournalEvent

_log = structlog.get_logger(__name__)


class ExecutionState(StrEnum):
    """How an execution stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PARTIAL = "partial"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self not in {ExecutionState.PENDING, ExecutionState.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """An execution as it stands at one instant."""

    id: str
    plan: Plan
    units: Mapping[UnitKey, Unit]
    state: ExecutionState
    started_at: datetime
    ended_at: datetime | None = None
    resumed: bool = False


class Record(Protocol):
    """What the executor needs of the record; every write is durable when it returns."""

    def write(self, execution_id: str, plan_id: str, line: JournalLine) -> None:
        """Append a journal line and its audit entry in one transaction.

        Raises:
            StorageUnavailable: Neither is durable.
        """
        ...

    def lines(self, execution_id: str) -> Sequence[JournalLine]:
        """Return the journal of an execution, oldest first."""
        ...

    def ended(self, execution_id: str, plan_id: str, state: ExecutionState) -> None:
        """Make the end of an execution durable."""
        ...


Observer = Callable[[Execution], Awaitable[None]]
JournalPoint = Callable[[str], None]


def no_point(_name: str) -> None:
    """Do nothing at a journal point; crash tests put a kill here."""


@dataclass(kw_only=True)
class _Running:
    execution: Execution
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Executor:
    """Runs executions.

    Args:
        accounts: Account id to account.
        catalog: All operations.
        record: The journal and audit.
        clock: The time.
        pace: Waiting between polls and retries.
        point: Called at every named journal point, `<event>.before` and `<event>.after`; crash tests kill here.
    """

    def __init__(
        self,
        *,
        accounts: Mapping[str, CloudAccount],
        catalog: Catalog,
        record: Record,
        clock: Clock,
        pace: Pace = real_pace,
        point: JournalPoint = no_point,
    ) -> None:
        self._accounts = accounts
        self._catalog = catalog
        self._record = record
        self._clock = clock
        self._pace = pace
        self._point = point
        self._running: dict[str, _Running] = {}
        self._cancelled: set[str] = set()
        self._leaving = False

    async def run(self, execution_id: str, plan: Plan, observer: Observer, *, started_at: datetime) -> Execution:
        """Run a plan whose execution was claimed; go on where the journal ends when it was begun before.

        `observer` is told of every change of a unit, one at a time and in order, the last time with a final state; what is
        returned has none when this process leaves before the end.

        Raises:
            StorageUnavailable: The record cannot be written; no call was made after that.
        """
        lines = await asyncio.to_thread(self._record.lines, execution_id)
        units = fold(strategy.keys(plan), lines)
        running = _Running(
            execution=Execution(
                id=execution_id,
                plan=plan,
                units=units,
                state=ExecutionState.RUNNING,
                started_at=started_at,
                resumed=bool(lines),
            )
        )
        self._running[execution_id] = running
        try:
            await self._drive(running, observer)
            if self._leaving and not all(unit.state.final for unit in running.execution.units.values()):
                return running.execution
            return await self._finish(running, observer)
        finally:
            self._running.pop(execution_id, None)
            self._cancelled.discard(execution_id)

    def cancel(self, execution_id: str) -> None:
        """Send nothing more of this execution, also when it is only about to run; what was sent is still verified."""
        self._cancelled.add(execution_id)
        if (running := self._running.get(execution_id)) is not None:
            running.changed.set()

    def leave(self) -> None:
        """Begin nothing more of anything, because this process ends; the next start goes on where the journal ends."""
        self._leaving = True
        for running in self._running.values():
            running.changed.set()

    def current(self, execution_id: str) -> Execution | None:
        """Return an execution that is running here."""
        running = self._running.get(execution_id)
        return running.execution if running else None

    async def _drive(self, running: _Running, observer: Observer) -> None:
        plan = running.execution.plan
        at_work: dict[asyncio.Task[None], UnitKey] = {}
        now = self._clock()
        interrupted = {key: unit for key, unit in running.execution.units.items() if unit.state is UnitState.RUNNING}
        async with asyncio.TaskGroup() as group:
            for key, unit in interrupted.items():
                step = _step(plan, key)
                at_work[group.create_task(self._unit(running, key, resume(unit, step.replay, now)))] = key
            await observer(running.execution)
            while True:
                running.changed.clear()
                if not (self._leaving or running.execution.id in self._cancelled):
                    busy = set(at_work.values())
                    marked = self._marked(running.execution.units, busy)
                    for key in strategy.startable(plan, marked):
                        at_work[group.create_task(self._unit(running, key, Move.BEGIN))] = key
                if not at_work:
                    return
                change = group.create_task(_wait_for(running.changed))
                done, _ = await asyncio.wait({*at_work, change}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
                for task in done:
                    at_work.pop(task, None)
                await observer(running.execution)

    @staticmethod
    def _marked(units: Mapping[UnitKey, Unit], busy: set[UnitKey]) -> dict[UnitKey, Unit]:
        """Count units at work as running although their first journal line is not written yet."""
        return {
            key: Unit(key=key, state=UnitState.RUNNING) if key in busy and not unit.state.final else unit
            for key, unit in units.items()
        }

    async def _unit(self, running: _Running, key: UnitKey, move: Move) -> None:
        plan = running.execution.plan
        step = _step(plan, key)
        earlier = plan.steps[: plan.steps.index(step)]
        held = step.preconditions[key.target]
        life = Life(
            plan_id=plan.plan_id,
            step=step,
            target=key.target,
            operation=self._catalog.operations[step.operation],
            account=self._accounts[str(held["account"])],
            touched_before=any(key.target in each.targets for each in earlier),
            write=self._writer(running),
            pace=self._pace,
            cancelled=lambda: running.execution.id in self._cancelled,
            leaving=lambda: self._leaving,
        )
        await run(life, running.execution.units[key], move)

    def _writer(self, running: _Running) -> Write:
        async def write(key: UnitKey, event: JournalEvent, attempt: int, detail: Mapping[str, Json]) -> None:
            line = JournalLine(key=key, event=event, attempt=attempt, at=self._clock(), detail=detail)
            self._point(f"{event.value}.before")
            await asyncio.to_thread(self._record.write, running.execution.id, running.execution.plan.plan_id, line)
            self._point(f"{event.value}.after")
            units = {**running.execution.units, key: advanced(running.execution.units[key], line)}
            running.execution = _with(running.execution, units=units)
            running.changed.set()

        return write

    async def _finish(self, running: _Running, observer: Observer) -> Execution:
        plan = running.execution.plan
        write = self._writer(running)
        cancelled = running.execution.id in self._cancelled
        pending = [key for key, unit in running.execution.units.items() if unit.state is UnitState.PENDING]
        for key in pending:
            event = JournalEvent.CANCELLED if cancelled else JournalEvent.SKIPPED
            why = "cancelled before it began" if cancelled else "not begun, because an earlier step did not succeed"
            await write(key, event, 0, {"code": event.value, "message": why})
        state = outcome(tuple(running.execution.units.values()))
        self._point("end.before")
        await asyncio.to_thread(self._record.ended, running.execution.id, plan.plan_id, state)
        self._point("end.after")
        running.execution = _with(running.execution, state=state, ended_at=self._clock())
        await observer(running.execution)
        _log.info("execution ended", execution=running.execution.id, plan=plan.plan_id, state=state.value)
        return running.execution


def outcome(units: tuple[Unit, ...]) -> ExecutionState:
    """Return how an execution ended, from its units; anything uncertain makes the whole uncertain."""
    states = {unit.state for unit in units}
    if UnitState.UNCERTAIN in states:
        return ExecutionState.UNCERTAIN
    if states <= {UnitState.SUCCEEDED}:
        return ExecutionState.SUCCEEDED
    if UnitState.SUCCEEDED in states:
        return ExecutionState.PARTIAL
    return ExecutionState.FAILED if UnitState.FAILED in states else ExecutionState.CANCELLED


def _step(plan: Plan, key: UnitKey) -> Step:
    return next(step for step in plan.steps if step.id == key.step)


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()


def _with(
    execution: Execution,
    *,
    units: Mapping[UnitKey, Unit] | None = None,
    state: ExecutionState | None = None,
    ended_at: datetime | None = None,
) -> Execution:
    return Execution(
        id=execution.id,
        plan=execution.plan,
        units=units if units is not None else execution.units,
        state=state or execution.state,
        started_at=execution.started_at,
        ended_at=ended_at or execution.ended_at,
        resumed=execution.resumed,
    )
