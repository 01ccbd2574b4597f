"""Doing it: progress, results, logs and the record."""

from typing import Literal

from pydantic import AwareDatetime, Field

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.plan import DecisionLine
from blocks.components.rows import Note, TargetProgress
from blocks.components.vocabulary import State


class ProgressCard(Frozen):
    """A plan while it runs, target by target."""

    kind: Literal["progress"] = "progress"
    headline: Line
    plan_id: str
    state: State = State.RUNNING
    targets: tuple[TargetProgress, ...]
    done: int = Field(ge=0)
    total: int = Field(ge=0)
    elapsed_seconds: float = Field(ge=0)
    decisions: tuple[DecisionLine, ...] = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class ExecutionResultCard(Frozen):
    """How it ended: what failed first, each with reason and next step; then proof, undo, log, audit number."""

    kind: Literal["execution_result"] = "execution_result"
    headline: Line
    plan_id: str
    state: State
    targets: tuple[TargetProgress, ...] = ()
    more: int = Field(default=0, ge=0)
    elapsed_seconds: float = Field(ge=0)
    decisions: tuple[DecisionLine, ...] = ()
    verified: int | None = None
    verified_of: int | None = None
    verified_what: str = ""
    money: Line = ()
    uncertain: Line = ()
    undo: Line = ()
    audit_seq: int | None = None
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class RollbackCard(Frozen):
    """What undoing would do, offered before it becomes a plan of its own."""

    kind: Literal["rollback"] = "rollback"
    headline: Line
    plan_id: str
    lines: tuple[Line, ...] = ()
    cannot: tuple[Line, ...] = ()
    expires_at: AwareDatetime | None = None
    actions: tuple[Action, ...] = ()


class LogOutputCard(Frozen):
    """Output of a step, newest last, with what was cut away said; a text to be copied has no state."""

    kind: Literal["log_output"] = "log_output"
    headline: Line
    state: State | None = None
    lines: tuple[str, ...]
    omitted: int = Field(default=0, ge=0)
    exit_code: int | None = None
    actions: tuple[Action, ...] = ()


class AuditEntry(Frozen):
    """One entry of the record."""

    seq: int
    at: AwareDatetime
    tag: str
    text: Line


class AuditTrailCard(Frozen):
    """Entries of the record about one subject, and whether the chain holds."""

    kind: Literal["audit_trail"] = "audit_trail"
    headline: Line
    entries: tuple[AuditEntry, ...]
    more: int = Field(default=0, ge=0)
    chain: Line = ()
    actions: tuple[Action, ...] = ()
