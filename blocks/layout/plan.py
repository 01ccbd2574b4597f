"""Layouts of plans and their approval."""

from blocks.accents import RISKS, badge
from blocks.components.inline import Code, Line, Plain, joined, line, strong
from blocks.components.plan import (
    ApprovalStatusCard,
    ExecutionPlanCard,
    PendingApprovalsCard,
    PendingPlan,
    PlanStep,
    Risk,
)
from blocks.components.rows import Fact, TargetRow
from blocks.components.vocabulary import RiskLevel, State, Tone
from blocks.layout.parts import Facts, Fold, Item, Layout, Listing, Part, Title, Words
from blocks.layout.shared import at, buttons, card, decisions, grey, labelled, notes, words
from blocks.limits import SHOWN_ROWS


def execution_plan(component: ExecutionPlanCard) -> Layout:
    """What, where, which, risk and why, undo, money, who may approve, until when; the rest under Details."""
    shown, rest = component.rows[:SHOWN_ROWS], component.rows[SHOWN_ROWS:]
    asked = line("asked by ", component.requester)
    listing = Listing(
        items=tuple(_target(row) for row in shown), more=len(rest) + component.more, hint="under Details", aligned=True
    )
    return card(
        component.headline,
        badge(component.state, component.state_text),
        [
            grey(component.scope, asked, line("plan ", Code(text=component.plan_id))),
            listing if shown or component.more else None,
            *notes(component.notes),
            risk(component.risk),
            _consequences(component),
            words(decisions(component.decisions, component.approvals_needed)),
            *_requirement(component),
            _details(component, rest),
            buttons(component.actions),
        ],
    )


def risk(assessed: Risk) -> Words:
    """`Risk low: dev only, reversible`, louder the higher it is."""
    reasons = f": {', '.join(assessed.reasons)}" if assessed.reasons else ""
    return Words(
        text=(Plain(text=f"Risk {assessed.level.value}", strong=True), *line(reasons)), tone=RISKS[assessed.level]
    )


def _consequences(component: ExecutionPlanCard) -> Words | None:
    undo = line(Plain(text="Undo: ", strong=True), *component.undo) if component.undo else ()
    return words(joined([undo, component.money]))


def _requirement(component: ExecutionPlanCard) -> list[Words | None]:
    if component.state is not State.WAITING:
        return []
    kind, expected = component.confirm.kind, component.confirm.expected
    typed = line("approving asks to type ", Code(text=expected)) if kind != "none" else ()
    return [words(joined([component.requirement, at("expires", component.expires_at)])), grey(typed)]


def _target(row: TargetRow) -> Item:
    return Item(
        name=row.name,
        id=row.id,
        cells=row.facts,
        tone=Tone.WARNING if row.warning else Tone.NORMAL,
        under=line(row.warning),
    )


def _details(component: ExecutionPlanCard, rest: tuple[TargetRow, ...]) -> Fold | None:
    parts: list[Part] = []
    for number, step in enumerate(component.steps, start=1):
        parts += _step(number, step)
    if component.policy:
        parts.append(Facts(rows=(Fact(label="Policy", value=component.policy),)))
    if component.alike:
        parts.append(Facts(rows=(Fact(label="Playbooks that do the same", value=_codes(component.alike)),)))
    if rest or component.more:
        parts.append(Title(text=line("The other targets")))
        parts.append(Listing(items=tuple(_target(row) for row in rest), more=component.more, aligned=True))
    parts.append(Words(text=line("digest ", Code(text=component.digest)), tone=Tone.GREY))
    return Fold(title="Details", parts=tuple(parts)) if component.steps or rest or component.policy else None


def _step(number: int, step: PlanStep) -> list[Part]:
    facts = [Fact(label="API call", value=line(Code(text=step.call)))]
    if step.cli:
        facts.append(Fact(label="As CLI", value=line(Code(text=step.cli))))
    if step.params:
        facts.append(Fact(label="With", value=_codes(step.params)))
    if step.permissions:
        checked = line(f" ({step.checked})") if step.checked else ()
        facts.append(Fact(label="Needs", value=(*_codes(step.permissions), *checked)))
    return [Title(text=line(f"{number}  ", *step.title)), Facts(rows=tuple(facts))]


def _codes(texts: tuple[str, ...]) -> Line:
    return joined([line(Code(text=text)) for text in texts], ", ")


def approval_status(component: ApprovalStatusCard) -> Layout:
    """Who decided, what is missing, who could."""
    missing = joined(list(component.missing))
    return card(
        component.headline,
        badge(component.state),
        [
            grey(line("plan ", Code(text=component.plan_id)), component.policy),
            words(decisions(component.decisions, component.approvals_needed)),
            labelled("Missing", missing),
            labelled("Who can", component.who_can),
            grey(at("expires", component.expires_at)),
            buttons(component.actions),
        ],
    )


def pending_approvals(component: PendingApprovalsCard) -> Layout:
    """One row a waiting plan."""
    listing = Listing(items=tuple(_pending(plan) for plan in component.plans), more=component.more)
    return card(component.headline, None, [listing if component.plans or component.more else None])


def _pending(plan: PendingPlan) -> Item:
    cells = (
        line(f"risk {plan.risk.value}"),
        line("by ", plan.requester),
        at("expires", plan.expires_at),
        line(plan.missing),
    )
    high = plan.risk in {RiskLevel.HIGH, RiskLevel.CRITICAL}
    named = (*strong(plan.headline), *line("  ", Code(text=plan.plan_id)))
    return Item(
        cells=(named, *(cell for cell in cells if cell)),
        tone=Tone.BAD if high else Tone.NORMAL,
        action=plan.action,
    )
