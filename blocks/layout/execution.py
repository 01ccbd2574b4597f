"""Layouts of doing it."""

from blocks.accents import TARGETS, badge
from blocks.components.actions import Action
from blocks.components.execution import (
    AuditTrailCard,
    ExecutionResultCard,
    LogOutputCard,
    ProgressCard,
    RollbackCard,
)
from blocks.components.inline import Code, Line, When, joined, line
from blocks.components.rows import TargetProgress
from blocks.components.vocabulary import State, TargetState, TimeStyle, Tone
from blocks.layout.parts import Item, Layout, Listing, Output, Part, Tasks
from blocks.layout.shared import at, buttons, card, decisions, grey, labelled, notes, words
from blocks.limits import SHOWN_ROWS
from blocks.wording import clock, duration

_TROUBLE = (TargetState.FAILED, TargetState.UNCERTAIN)
_TONES = {
    TargetState.FAILED: Tone.BAD,
    TargetState.UNCERTAIN: Tone.WARNING,
    TargetState.DONE: Tone.GOOD,
    TargetState.RUNNING: Tone.NORMAL,
    TargetState.PENDING: Tone.GREY,
    TargetState.SKIPPED: Tone.GREY,
    TargetState.CANCELLED: Tone.GREY,
}


def progress(component: ProgressCard) -> Layout:
    """Count and clock at the side, every target with its own state, what can still be stopped."""
    words_now = f"{component.done:,} of {component.total:,} · {clock(component.elapsed_seconds)}"
    title = f"{component.done:,} of {component.total:,} done"
    tasks = Tasks(title=title, targets=component.targets, more=max(0, component.total - len(component.targets)))
    return card(
        component.headline,
        badge(component.state, words_now),
        [
            tasks if component.targets else None,
            *notes(component.notes),
            grey(decisions(component.decisions), line("plan ", Code(text=component.plan_id))),
            buttons(component.actions),
        ],
    )


def execution_result(component: ExecutionResultCard) -> Layout:
    """Trouble first with reason and next step, then the proof in one line, then undo and log."""
    trouble = [target for target in component.targets if target.state in _TROUBLE]
    rest = [target for target in component.targets if target.state not in _TROUBLE]
    shown = rest[: max(0, SHOWN_ROWS - len(trouble))]
    hidden = len(rest) - len(shown) + component.more
    listing = Listing(items=tuple(outcome(target) for target in (*trouble, *shown)), more=hidden, hint="in the log")
    took = clock(component.elapsed_seconds)
    return card(
        component.headline,
        badge(component.state, f"{_ended(component.state)} in {took}"),
        [
            words(component.uncertain, Tone.WARNING),
            listing if component.targets or component.more else None,
            *notes(component.notes),
            grey(decisions(component.decisions), _proof(component), component.money, _audit(component)),
            labelled("Undo", component.undo),
            buttons(component.actions),
        ],
    )


def _ended(state: State) -> str:
    return {State.PARTIAL: "partly done", State.UNCERTAIN: "uncertain"}.get(state, state.value)


def _proof(component: ExecutionResultCard) -> Line:
    if component.verified is None:
        return ()
    what = f" {component.verified_what}" if component.verified_what else ""
    of = f" of {component.verified_of:,}" if component.verified_of is not None else ""
    return line(f"verified{what} {component.verified:,}{of}")


def _audit(component: ExecutionResultCard) -> Line:
    number = line(f"audit #{component.audit_seq}") if component.audit_seq is not None else ()
    return joined([number, line("plan ", Code(text=component.plan_id))])


def outcome(target: TargetProgress) -> Item:
    """One target as a row: sign, name, what happened in which time; under it what to do."""
    return Item(
        name=target.name,
        id=target.id,
        mark=TARGETS[target.state][0],
        tone=_TONES[target.state],
        cells=(line(happened(target)), *([target.reason] if target.reason else [])),
        under=target.next_step,
        action=target.action,
    )


def happened(target: TargetProgress) -> str:
    """`stopped in 9 s`, `stopping`, `waiting`."""
    said = target.doing or TARGETS[target.state][1]
    if target.seconds is None:
        return said
    joint = {TargetState.DONE: "in", TargetState.RUNNING: "for"}.get(target.state, "after")
    return f"{said} {joint} {duration(target.seconds)}"


def rollback(component: RollbackCard) -> Layout:
    """What undoing does, and what it cannot bring back."""
    lines: list[Part | None] = [words(text) for text in component.lines]
    lost: list[Part | None] = [labelled("Cannot be undone", text, Tone.WARNING) for text in component.cannot]
    tail = grey(line("plan ", Code(text=component.plan_id)), at("offered until", component.expires_at))
    return card(component.headline, None, [*lines, *lost, tail, buttons(component.actions)])


def log_output(component: LogOutputCard) -> Layout:
    """The last lines of a program."""
    ended = grey(line(f"exit code {component.exit_code}")) if component.exit_code is not None else None
    output = Output(lines=component.lines, omitted=component.omitted)
    return card(
        component.headline,
        badge(component.state) if component.state else None,
        [output if component.lines or component.omitted else None, ended, buttons(component.actions)],
    )


def audit_trail(component: AuditTrailCard) -> Layout:
    """Entries of the record in order."""
    items = tuple(
        Item(
            name=f"#{entry.seq}",
            cells=(line(When(at=entry.at, style=TimeStyle.DATETIME)), line(Code(text=entry.tag)), entry.text),
        )
        for entry in component.entries
    )
    listing = Listing(items=items, more=component.more)
    actions: tuple[Action, ...] = component.actions
    return card(
        component.headline,
        None,
        [listing if items or component.more else None, grey(component.chain), buttons(actions)],
    )
