"""The plan's card: built from the very plan that was hashed, never from a model's words."""

import re
from collections import Counter
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal

from blocks.components import (
    Action,
    Code,
    Confirmation,
    DecisionLine,
    ExecutionPlanCard,
    Line,
    Note,
    PendingApprovalsCard,
    PendingPlan,
    Person,
    PlanStep,
    Risk,
    RiskLevel,
    State,
    TargetRow,
    Tone,
    Verdict,
    line,
    plan_actions,
)
from blocks.components.actions import ActionId
from blocks.wording import count, duration, money
from bot.views.nouns import acted, cloud_name, common_environment, counted, noun
from bot.views.values import behind, switched
from engine.approval.approval import Decision, approvals
from engine.clouds.catalog import Catalog
from engine.deciding import confirmations
from engine.estate.resource import Permitted, Resource
from engine.planning.plan import Step
from engine.planning.record import Kept, Told
from engine.plans import PlanState
from engine.replies import PlanView

_STATES = {
    PlanState.WAITING: (State.WAITING, "waiting for approval"),
    PlanState.APPROVED: (State.APPROVED, "approved"),
    PlanState.EXECUTED: (State.DONE, "has run"),
    PlanState.REJECTED: (State.REJECTED, "rejected"),
    PlanState.EXPIRED: (State.EXPIRED, "expired, nothing was done"),
    PlanState.VOID: (State.VOID, "void, something changed"),
    PlanState.WITHDRAWN: (State.CANCELLED, "withdrawn"),
}

_WHILE = {"stop": " while stopped", "resize": " while running"}
_MOST_REMARKS = 5


def headline(kept: Kept, form: int = 0) -> str:
    """Return the answer in one line: `Stop 5 dev EC2 instances`; `form` 0 to do, 1 doing, 2 done."""
    before = tuple(kept.admitted.before.values())
    if len(before) == 1:
        what = f"{before[0].name} ({noun(before[0])})"
    else:
        env = common_environment(before, ("env", "Environment"))
        what = counted(before, adjectives=(env,) if env else ())
    params = tuple(step.params for step in kept.admitted.plan.steps)
    verb, several = kept.told.words[form], ", then " in kept.told.words[0]
    feature = "" if several else switched(kept.told.action, params)
    # Behind several verbs a value may belong to any of them: it is set off, and the details say to which.
    value = re.sub(r"\A (?:with )?", ": ", behind(params)) if several else behind(params)
    said = f"{acted(f'{verb} {feature} of' if feature else verb, what)}{value}"
    return f"Undo {kept.told.undoes}: {said[0].lower()}{said[1:]}" if kept.told.undoes and form == 0 else said


def plan_card(view: PlanView, catalog: Catalog, now: datetime) -> ExecutionPlanCard:
    """Return the card of a plan as it stands."""
    kept, admitted = view.kept, view.kept.admitted
    plan, needs = admitted.plan, admitted.requirement
    state, text = _STATES[PlanState(view.state)]
    waiting = state is State.WAITING
    done = _operations(kept)
    confirm = Confirmation(kind=_confirm_kind(needs.confirm), expected=confirmations(plan).get(needs.confirm, ""))
    return ExecutionPlanCard(
        headline=line(headline(kept)),
        state=state,
        state_text=f"{text}: {view.why}" if view.why else text,
        plan_id=plan.plan_id,
        digest=plan.digest,
        scope=scope(kept),
        requester=person(plan.requester, kept.told.requester),
        rows=tuple(_row(one, done.get(one.id, frozenset()), now) for one in admitted.before.values()),
        risk=Risk(level=RiskLevel(admitted.risk.level.value), reasons=admitted.risk.reasons),
        undo=_undo(kept),
        money=money_line(kept),
        requirement=_requirement(kept) if waiting else (),
        approvals_needed=needs.quorum,
        decisions=decision_lines(view.decisions),
        expires_at=needs.expires_at if waiting else None,
        notes=_notes(kept.told),
        steps=tuple(_step(step, kept, catalog) for step in plan.steps),
        policy=line("Policy: ", Code(text=", ".join(needs.rules))),
        alike=kept.told.alike,
        confirm=confirm,
        actions=plan_actions(plan.plan_id, plan.digest, confirmation=confirm, reason=needs.reason)
        if waiting
        else _after(state, plan.plan_id),
    )


def pending_card(views: tuple[PlanView, ...]) -> PendingApprovalsCard:
    """Return the list of plans that wait."""
    return PendingApprovalsCard(
        headline=line(count(len(views), "plan") + (" waits" if len(views) == 1 else " wait") + " for a decision")
        if views
        else line("Nothing waits for a decision"),
        plans=tuple(
            PendingPlan(
                headline=line(headline(view.kept)),
                plan_id=view.kept.admitted.plan.plan_id,
                requester=person(view.kept.admitted.plan.requester, view.kept.told.requester),
                risk=RiskLevel(view.kept.admitted.risk.level.value),
                missing=_missing(view),
                expires_at=view.kept.admitted.requirement.expires_at,
                action=Action(
                    id=ActionId.SHOW, label="Show", value={"plan_id": view.kept.admitted.plan.plan_id}, private=True
                ),
            )
            for view in views
        ),
    )


def person(principal: str, display: str) -> Person:
    """Return somebody by principal; the name falls back to the last part of the id."""
    return Person(principal=principal, name=display or principal.rpartition(":")[2])


def decision_lines(decisions: tuple[Decision, ...]) -> tuple[DecisionLine, ...]:
    """Return the decisions as cards show them."""
    return tuple(
        DecisionLine(
            person=person(one.principal, one.display), verdict=Verdict(one.verdict.value), at=one.at, reason=one.reason
        )
        for one in decisions
    )


def scope(kept: Kept) -> Line:
    """Return where: `AWS dev (1111…) · us-east-1 ×4, us-west-2 ×1`."""
    names = {act.account: act.account_name for act in kept.admitted.acts}
    places: dict[tuple[str, str], Counter[str]] = {}
    for one in kept.admitted.before.values():
        places.setdefault((cloud_name(one.cloud), one.account), Counter())[one.region] += 1
    parts = []
    for (cloud, account), regions in places.items():
        where = ", ".join(f"{region} ×{number}" if number > 1 else region for region, number in regions.most_common())
        parts.append(f"{cloud} {names.get(account, account)} ({account[:4]}…) · {where}")
    return line(" · ".join(parts))


def money_line(kept: Kept) -> Line:
    """Return what it saves or costs a day by the runner's own prices, else in the agent server's words, or nothing."""
    effect = kept.admitted.money
    if effect is None:
        return line(f"{kept.told.cost}, the planner says") if kept.told.cost else ()
    if effect.per_day == 0 and not effect.unknown:
        return ()
    unknown = f" ({effect.unknown} without a known price)" if effect.unknown else ""
    if effect.per_day == 0:
        return line(f"Cost effect not known{unknown}")
    verb = "Saves" if effect.per_day < 0 else "Costs"
    more = " more" if effect.per_day > 0 and kept.told.action == "resize" else ""
    tail = _WHILE.get(kept.told.action, "")
    return line(f"{verb} about {money(abs(effect.per_day))} a day{more}{tail}{unknown}")


def _notes(told: Told) -> tuple[Note, ...]:
    """Return the runner's own lines, then the first few of the agent server's, the loud ones first."""
    shown, rest = told.remarks[:_MOST_REMARKS], told.remarks[_MOST_REMARKS:]
    own = [Note(text=line(note), tone=Tone.WARNING) for note in told.notes]
    foreign = [Note(text=line(one.text), tone=Tone.WARNING if one.loud else Tone.GREY) for one in shown]
    more = [Note(text=line(f"{count(len(rest), 'more remark')} of the planner"))] if rest else []
    return (*own, *foreign, *more)


def _operations(kept: Kept) -> dict[str, set[str]]:
    """Return what is done to each target."""
    done: dict[str, set[str]] = {}
    for act in kept.admitted.acts:
        done.setdefault(act.target, set()).add(act.operation)
    return done


def _row(resource: Resource, operations: AbstractSet[str], now: datetime) -> TargetRow:
    age = f" {duration((now - resource.created_at).total_seconds())}" if resource.created_at else ""
    facts = (
        resource.size,
        f"{resource.state}{age if resource.state == 'running' else ''}",
        f"team {resource.tags['team']}" if resource.tags.get("team") else "",
    )
    return TargetRow(
        name=resource.name,
        id=resource.short_id if resource.short_id != resource.name else "",
        facts=tuple(line(fact) for fact in facts if fact),
        warning=_warning(resource, operations),
    )


def _warning(resource: Resource, operations: AbstractSet[str]) -> str:
    denied = [one for one in operations if resource.permissions.get(one) is Permitted.DENIED]
    if denied:
        return f"not permitted: {', '.join(sorted(denied))}"
    owner = resource.facts.get("owner")
    if isinstance(owner, dict):
        return f"run by {owner.get('kind', 'a group')} {owner.get('name', '')}".strip()
    return ""


def _undo(kept: Kept) -> Line:
    if kept.admitted.reversible and kept.admitted.plan.rollback:
        return line(f"{kept.admitted.plan.rollback} (offered afterwards)")
    why = "; ".join(kept.admitted.why_irreversible)
    return line(f"not possible by Escher: {why}" if why else "not possible by Escher")


def _requirement(kept: Kept) -> Line:
    needs = kept.admitted.requirement
    roles = " and ".join(" or ".join(group) for group in needs.approver_roles) or "nobody in particular"
    own = "requester allowed" if needs.self_allowed else "not the requester"
    reason = ", with a reason" if needs.reason else ""
    return line(f"Needs {count(needs.quorum, 'approver')} from {roles}, {own}{reason}")


def _missing(view: PlanView) -> str:
    missing = view.kept.admitted.requirement.quorum - approvals(view.decisions)
    return f"{count(missing, 'approval')} missing"


def _step(step: Step, kept: Kept, catalog: Catalog) -> PlanStep:
    operation = catalog.operations[step.operation]
    targets = tuple(kept.admitted.before[target] for target in step.targets)
    first = targets[0]
    more = f"   # and {len(targets) - 1} more" if len(targets) > 1 else ""
    known = Counter(one.permissions.get(step.operation, Permitted.UNKNOWN).value for one in targets)
    names = targets[0].name if len(targets) == 1 else counted(targets)
    return PlanStep(
        title=line(f"{step.id} · {acted(operation.words[0], names)}"),
        call=f"{operation.id} ({operation.effect.value}, replay {step.replay.value})",
        cli=operation.cli(first, step.params) + more,
        permissions=operation.permissions,
        checked=", ".join(f"{number} {word}" for word, number in known.items()),
        params=tuple(f"{key} = {value}" for key, value in step.params.items()),
    )


def _after(state: State, plan_id: str) -> tuple[Action, ...]:
    if state in {State.EXPIRED, State.VOID}:
        return (Action(id=ActionId.RETRY, label="Plan it again", value={"plan_id": plan_id}),)
    return ()


def _confirm_kind(kind: str) -> Literal["none", "count", "name"]:
    match kind:
        case "count":
            return "count"
        case "name":
            return "name"
        case _:
            return "none"
