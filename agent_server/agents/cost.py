"""What a plan does to the bill, from prices that came along and from nothing else. Pure.

`monthly_usd` of a target is what it costs a month as it is; `monthly_usd_after` what it would cost after a change of size.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from agent_server.agents.capabilities import capabilities
from agent_server.contract.plan import Finding, ProposedPlan, TargetFacts

_SIGN = {"stop": -1.0, "delete": -1.0, "start": 1.0}


def finding(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> Finding | None:
    """Return one sentence on what is saved or added; None when no price is known."""
    changes = tuple(_changes(plan, targets))
    known = [amount for amount in changes if amount is not None]
    if not known:
        return None
    total = sum(known)
    verb = "Saves" if total < 0 else "Costs"
    more = "" if total < 0 else " more"
    unknown = len(changes) - len(known)
    rest = f"; of {unknown} the price is not known" if unknown else ""
    return Finding(code="cost", message=f"{verb} about ${abs(total):,.2f} a month{more}{rest}.", severity="info")


def _changes(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> Iterator[float | None]:
    """Yield by how much each target's monthly price changes; None where that is not known. What is undone within the plan is left out."""
    last: dict[str, str] = {}
    for step in plan.steps:
        row = capabilities().get(step.operation)
        if row and (row.action in _SIGN or row.action == "resize"):
            last |= dict.fromkeys(step.targets, row.action)
    for handle, action in last.items():
        if handle in targets:
            yield _change(action, targets[handle].facts)


def _change(action: str, facts: Mapping[str, JsonValue]) -> float | None:
    now = _amount(facts.get("monthly_usd"))
    if action != "resize":
        return None if now is None else _SIGN[action] * now
    after = _amount(facts.get("monthly_usd_after"))
    return None if now is None or after is None else after - now


def _amount(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return None
    return float(value)
