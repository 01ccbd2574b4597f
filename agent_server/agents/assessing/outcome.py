"""The end of an execution: how bad it is, and what to do about each sort of failure."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from agent_server.agents.assessing.failures import HELP, Sort, sort_of
from agent_server.agents.assessing.severity import level_of
from agent_server.agents.capabilities import capabilities
from agent_server.contract.assess import AssessReply, NextStep, Outcome
from agent_server.contract.plan import TargetFacts

_PROD = frozenset({"prod", "production", "prd", "live", ""})
_NAMED = 3
_STATES = ("succeeded", "failed", "uncertain", "cancelled")


def judged(outcome: Sequence[Outcome], targets: Sequence[TargetFacts]) -> AssessReply:
    """Judge an execution by how its units ended."""
    states: Counter[str] = Counter(one.state for one in outcome)
    bad = [one for one in outcome if one.state in {"failed", "uncertain"}]
    if not bad:
        return _well(outcome, states)
    by_sort: dict[Sort, list[Outcome]] = defaultdict(list)
    for one in bad:
        by_sort[Sort.UNANSWERED if one.state == "uncertain" else sort_of(one.code)].append(one)
    weights = _weights(bad, states, targets)
    score = max(0, min(100, sum(weight for weight, _ in weights)))
    ordered = sorted(by_sort.items(), key=lambda item: (item[0] is not Sort.UNANSWERED, -len(item[1]), item[0]))
    return AssessReply(
        severity=level_of(score),
        score=score,
        explanation=[_counted(states), *(_said(sort, units) for sort, units in ordered)][:12],
        reasons=[reason for weight, reason in weights if weight],
        next_steps=[_step(sort, units) for sort, units in ordered][:8],
    )


def _well(outcome: Sequence[Outcome], states: Counter[str]) -> AssessReply:
    cancelled = states["cancelled"]
    steps = (
        [NextStep(text="Nothing more was begun; ask again for what is left if it is still wanted")] if cancelled else []
    )
    return AssessReply(
        severity="low" if cancelled else "info",
        score=10 if cancelled else 0,
        explanation=[_counted(states) if outcome else "Nothing was to be done."],
        reasons=["something was cancelled"] if cancelled else [],
        next_steps=steps,
    )


def _weights(bad: Sequence[Outcome], states: Counter[str], targets: Sequence[TargetFacts]) -> list[tuple[int, str]]:
    envs = {one.handle: one.tags.get("env", "").lower() for one in targets}
    prod = any(envs.get(one.handle, "") in _PROD for one in bad)
    rows = [row for one in bad if (row := capabilities().get(one.operation))]
    destroys = any(row.effect == "destroy" for row in rows)
    return [
        (20, "not everything was done"),
        (25 * bool(states["uncertain"]), "it is not known whether something was done"),
        (10 * bool(states["succeeded"]), "it was done in part, so things are not all alike now"),
        (15 * prod, "production, or no environment recorded"),
        (15 * destroys, "something was to be deleted"),
    ]


def _counted(states: Counter[str]) -> str:
    told = ", ".join(f"{states[state]} {state}" for state in _STATES if states[state])
    return f"Of {sum(states.values())}: {told}."


def _said(sort: Sort, units: Sequence[Outcome]) -> str:
    return HELP[sort].said.format(them=_them(units)) + "."


def _step(sort: Sort, units: Sequence[Outcome]) -> NextStep:
    first = units[0]
    row = capabilities().get(first.operation)
    again = (row.action if row else "describe").replace("_", " ")
    permission = first.operation.partition(".")[2]
    help_ = HELP[sort]
    text = help_.text.format(permission=f"the right to {again} ({permission})" if row else permission)
    return NextStep(text=text, ask=help_.ask.format(r=first.handle, again=again))


def _them(units: Sequence[Outcome]) -> str:
    handles = list(dict.fromkeys(one.handle for one in units))
    shown = ", ".join(handles[:_NAMED])
    return f"{shown} and {len(handles) - _NAMED} more" if len(handles) > _NAMED else shown
