"""A plan while it runs and after it ended: one card, target by target."""

from collections.abc import Sequence
from datetime import datetime

from blocks.components import (
    Action,
    ActionStyle,
    ExecutionResultCard,
    Line,
    Note,
    ProgressCard,
    State,
    TargetProgress,
    TargetState,
    Tone,
    line,
)
from blocks.components.actions import ActionId
from bot.views.plan import decision_lines, headline, money_line
from engine.approval.approval import Decision
from engine.clouds.catalog import Catalog
from engine.execution.executor import Execution, ExecutionState
from engine.execution.unit import Unit, UnitState
from engine.planning.record import Kept
from engine.playbooks.habits import suggestion
from engine.replies import Advice

_STATES = {
    UnitState.PENDING: TargetState.PENDING,
    UnitState.RUNNING: TargetState.RUNNING,
    UnitState.SUCCEEDED: TargetState.DONE,
    UnitState.FAILED: TargetState.FAILED,
    UnitState.UNCERTAIN: TargetState.UNCERTAIN,
    UnitState.SKIPPED: TargetState.SKIPPED,
    UnitState.CANCELLED: TargetState.CANCELLED,
}
_ENDS = {
    ExecutionState.SUCCEEDED: State.DONE,
    ExecutionState.FAILED: State.FAILED,
    ExecutionState.PARTIAL: State.PARTIAL,
    ExecutionState.UNCERTAIN: State.UNCERTAIN,
    ExecutionState.CANCELLED: State.CANCELLED,
    ExecutionState.PENDING: State.RUNNING,
    ExecutionState.RUNNING: State.RUNNING,
}
_BAD_FIRST = (UnitState.FAILED, UnitState.UNCERTAIN, UnitState.SKIPPED, UnitState.CANCELLED)
_MOST_ADVICE = 3
_NEXT_STEPS = {
    "drift": "look at it, then ask again",
    "not_verified": "check it again in a minute",
}


def progress_card(
    kept: Kept, execution: Execution, decisions: tuple[Decision, ...], catalog: Catalog, now: datetime
) -> ProgressCard:
    """Return the card of an execution under way."""
    units = tuple(execution.units.values())
    return ProgressCard(
        headline=line(headline(kept, form=1)),
        plan_id=kept.admitted.plan.plan_id,
        targets=tuple(_target(unit, kept, catalog, now) for unit in units),
        done=sum(unit.state.final for unit in units),
        total=len(units),
        elapsed_seconds=max((now - execution.started_at).total_seconds(), 0.0),
        decisions=decision_lines(decisions),
        actions=(Action(id=ActionId.CANCEL, label="Cancel the rest", value={"plan_id": kept.admitted.plan.plan_id}),),
    )


def result_card(
    kept: Kept,
    execution: Execution,
    decisions: tuple[Decision, ...],
    catalog: Catalog,
    *,
    audit_seq: int | None,
    now: datetime,
    advice: Sequence[Advice] = (),
) -> ExecutionResultCard:
    """Return the card of an execution that ended: what failed first, then the proof and the way back."""
    plan = kept.admitted.plan
    units = sorted(execution.units.values(), key=lambda unit: (unit.state not in _BAD_FIRST,))
    done = sum(unit.state is UnitState.SUCCEEDED for unit in units)
    ended = execution.ended_at or now
    value = {"plan_id": plan.plan_id}
    actions: list[Action] = []
    if done and kept.admitted.reversible:
        label = f"Undo: {plan.rollback}" if plan.rollback else "Undo"
        actions.append(Action(id=ActionId.UNDO, label=label[:75], style=ActionStyle.DEFAULT, value=value))
    if execution.state is ExecutionState.UNCERTAIN:
        actions.append(Action(id=ActionId.CHECK, label="Check now", value=value))
    actions.append(Action(id=ActionId.LOG, label="Log", value=value, private=True))
    succeeded = execution.state is ExecutionState.SUCCEEDED
    return ExecutionResultCard(
        headline=line(headline(kept, form=2) if succeeded else _mixed(kept, done, len(units))),
        plan_id=plan.plan_id,
        state=_ENDS[execution.state],
        targets=tuple(_target(unit, kept, catalog, now) for unit in units),
        elapsed_seconds=max((ended - execution.started_at).total_seconds(), 0.0),
        decisions=decision_lines(decisions),
        verified=done,
        verified_of=len(units),
        verified_what=_what(kept, catalog),
        money=money_line(kept) if succeeded else (),
        uncertain=_uncertain(execution),
        undo=() if kept.admitted.reversible else line(f"Cannot be undone: {'; '.join(kept.admitted.why_irreversible)}"),
        audit_seq=audit_seq,
        notes=tuple(
            (Note(text=line(text)) for text in (suggestion(kept.told),) if text)
            if succeeded
            else (Note(text=line(_advised(one)), tone=Tone.NORMAL) for one in advice[:_MOST_ADVICE])
        ),
        actions=tuple(actions),
    )


def _advised(one: Advice) -> str:
    return f"Next: {one.text}{f': “{one.ask}”' if one.ask else ''}."


def _mixed(kept: Kept, done: int, total: int) -> str:
    said = headline(kept, form=0)
    return f"{said}: {done} of {total} done" if done else f"{said}: not done"


def _what(kept: Kept, catalog: Catalog) -> str:
    words = {catalog.operations[step.operation].words[2].lower() for step in kept.admitted.plan.steps}
    return words.pop() if len(words) == 1 else ""


def _target(unit: Unit, kept: Kept, catalog: Catalog, now: datetime) -> TargetProgress:
    resource = kept.admitted.before[unit.key.target]
    plan = kept.admitted.plan
    step = next(each for each in plan.steps if each.id == unit.key.step)
    words = catalog.operations[step.operation].words
    many = len(plan.steps) > 1 and sum(unit.key.target in each.targets for each in plan.steps) > 1
    doing = {UnitState.RUNNING: words[1], UnitState.SUCCEEDED: words[2]}.get(unit.state, words[0] if many else "")
    doing = doing.lower().removesuffix(" of")
    bad = unit.state in _BAD_FIRST
    return TargetProgress(
        name=resource.name,
        id=resource.short_id if resource.short_id != resource.name else "",
        state=_STATES[unit.state],
        doing=doing,
        seconds=_seconds(unit, now),
        reason=line(unit.message) if bad and unit.message else (),
        next_step=line(_NEXT_STEPS.get(unit.code, "")) if bad and unit.code in _NEXT_STEPS else (),
    )


def _seconds(unit: Unit, now: datetime) -> float | None:
    if unit.began_at is None:
        return None
    return max(((unit.ended_at or now) - unit.began_at).total_seconds(), 0.0)


def _uncertain(execution: Execution) -> Line:
    unsure = [unit for unit in execution.units.values() if unit.state is UnitState.UNCERTAIN]
    return line(unsure[0].message) if unsure else ()
