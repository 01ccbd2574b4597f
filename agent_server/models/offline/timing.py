"""Time in filters: a period looked back on, a schedule to act by, a duration."""

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.asked import Asked, Filters, append
from agent_server.models.offline.tokens import Span

_GROUPS = {"daily": "day", "weekly": "week", "monthly": "month", "hourly": "hour"}
_STRETCHES = frozenset({"weekend", "night"})


def write_time(into: Filters, span: Span, asked: Asked) -> None:
    """Write a time under the key that it has for what is asked."""
    acts = asked.changes or asked.intent is IntentKind.PLAYBOOK
    match span.key:
        case "period":
            _write_period(into, span.value, asked, acts=acts)
        case "recurring" | "often":
            _write_recurring(into, span, asked, acts=acts)
        case "once":
            _write_moment(into, span.value, acts=acts)
        case _:
            _write_stretch(into, span.value, asked, acts=acts)


def _write_period(into: Filters, value: str, asked: Asked, *, acts: bool) -> None:
    """'This week' is when to act for a change, and what to look at for a question."""
    if acts and asked.action is not Action.RESTORE and value.startswith(("this_", "today", "next_")):
        into.setdefault("schedule", value.replace("_", " "))
    else:
        append(into, "period", value)


def _write_recurring(into: Filters, span: Span, asked: Asked, *, acts: bool) -> None:
    if asked.intent is IntentKind.COST:
        into.setdefault("group_by", _GROUPS.get(span.value, span.value))
    elif span.key == "recurring" or acts:
        into.setdefault("schedule", span.value)


def _write_moment(into: Filters, value: str, *, acts: bool) -> None:
    if acts:
        earlier = into.get("schedule", "")
        into["schedule"] = f"{earlier} {value}" if earlier and value not in earlier else value
    elif value.startswith("in "):
        append(into, "period", value.replace("in ", "last_"))
    elif value in {"tonight", "tomorrow"}:
        append(into, "period", value)


def _write_stretch(into: Filters, value: str, asked: Asked, *, acts: bool) -> None:
    """'For a week': how long a state has lasted when one is said, else how long something is to last."""
    if acts and value in _STRETCHES:
        into.setdefault("schedule", value)
        return
    looks_back = value in _STRETCHES and asked.intent is not IntentKind.ALERT
    lasted = asked.view.of("idle", "state", "unused") and asked.intent in {
        IntentKind.QUERY,
        IntentKind.EXECUTE,
        IntentKind.COST,
    }
    if looks_back or (lasted and not value.startswith("until")):
        into["period"] = f"last_{value}"
    else:
        into["duration"] = value
