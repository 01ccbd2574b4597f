"""What of the resources that are meant can be changed now, and how what is left out is said. Pure."""

from collections.abc import Iterable

from engine.clouds.operation import Operation
from engine.estate.resource import Resource
from engine.planning.following import Following

_NAMED = 3


def left_out(names: Iterable[str], why: str, *, by: str = "") -> str:
    """Return the line that says what is left out and why; ` by somebody` where that was not the runner itself."""
    return f"left out{by}, {why}: {shown(names)}"


def shown(names: Iterable[str]) -> str:
    """Return the first few names and how many more there are."""
    ordered = sorted(names)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return f"{', '.join(ordered[:_NAMED])}{more}"


def followed(follow: Following, resources: tuple[Resource, ...]) -> tuple[tuple[Resource, ...], list[str]]:
    """Return on which resources a playbook has something to do, with a line for each reason to leave others out."""
    kept: list[Resource] = []
    omitted: dict[str, list[str]] = {}
    for resource in resources:
        why = _omitted(follow, resource)
        if why:
            omitted.setdefault(why, []).append(resource.name)
        else:
            kept.append(resource)
    return tuple(kept), [left_out(names, why) for why, names in omitted.items()]


def _omitted(follow: Following, resource: Resource) -> str:
    steps = follow.of(resource)
    if not steps:
        return "of a kind the playbook is not for"
    first = next((step.found for step in steps if not step.done_on(resource)), None)
    if first is None:
        return "already so"
    if isinstance(first, Operation) and first.from_states and resource.state not in first.from_states:
        return resource.state or "in an unknown state"
    return ""
