"""What of the resources that are meant can be changed now, and how what is left out is said. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.clouds.operation import Operation
from engine.estate.resource import Resource
from engine.planning.following import Following

_NAMED = 3
_ALREADY = {
    "delete": "deleted",
    "disable": "disabled",
    "enable": "enabled",
    "encrypt": "encrypted",
    "make_private": "private",
    "make_public": "public",
    "resize": "of that size",
    "start": "running",
    "stop": "stopped",
    "tag": "tagged so",
    "untag": "without that tag",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """Some of what is meant that nothing is done to, and why; without a reason it is already as it was to be made."""

    names: tuple[str, ...]
    why: str = ""

    @property
    def note(self) -> str:
        """The line of a card."""
        return left_out(self.names, self.why or "already so")

    def sentence(self, action: str) -> str:
        """Return it as a clause: `web-1 is already stopped`."""
        how = self.why or f"already {_ALREADY.get(action, 'so')}"
        return f"{shown(self.names)} {'is' if len(self.names) == 1 else 'are'} {how}"


def nothing_to_do(action: str, omitted: Sequence[Omission]) -> str:
    """Return the sentence that says why there is nothing to do."""
    return f"Nothing to do: {'; '.join(one.sentence(action) for one in omitted)}."


def left_out(names: Iterable[str], why: str, *, by: str = "") -> str:
    """Return the line that says what is left out and why; ` by somebody` where that was not the runner itself."""
    return f"left out{by}, {why}: {shown(names)}"


def shown(names: Iterable[str]) -> str:
    """Return the first few names and how many more there are."""
    ordered = sorted(names)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return f"{', '.join(ordered[:_NAMED])}{more}"


def followed(follow: Following, resources: tuple[Resource, ...]) -> tuple[tuple[Resource, ...], list[Omission]]:
    """Return on which resources a playbook has something to do, with each reason to leave others out."""
    kept: list[Resource] = []
    omitted: dict[str, list[str]] = {}
    for resource in resources:
        why = _omitted(follow, resource)
        if why:
            omitted.setdefault(why, []).append(resource.name)
        else:
            kept.append(resource)
    return tuple(kept), [Omission(names=tuple(names), why=why) for why, names in omitted.items()]


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
