"""The parts of a request: which actions on which targets, and what must come first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.contract.intent import Action, Intent

READING = frozenset(
    {
        Action.NONE,
        Action.HELP,
        Action.ANSWER,
        Action.LIST,
        Action.COUNT,
        Action.DESCRIBE,
        Action.CHECK,
        Action.METRICS,
        Action.LOGS,
        Action.AUDIT,
        Action.COST_REPORT,
        Action.COST_EXPLAIN,
        Action.COST_COMPARE,
        Action.COST_FORECAST,
        Action.COST_OPTIMIZE,
    }
)
"""Actions that change nothing."""

KEEPING = frozenset({Action.SNAPSHOT, Action.DETACH})
"""What may be added before a deletion although nobody asked, because it keeps what is deleted or frees it."""

PROTECTIVE: Mapping[Action, frozenset[Action]] = {
    Action.DELETE: frozenset({Action.SNAPSHOT, Action.DETACH, Action.DRAIN}),
    Action.STOP: frozenset({Action.SNAPSHOT, Action.DRAIN}),
    Action.RESTART: frozenset({Action.SNAPSHOT, Action.DRAIN}),
    Action.RESIZE: frozenset({Action.SNAPSHOT, Action.DRAIN}),
}
"""What is better done before: an earlier part that protects the same kind of thing is waited for, even when not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPart:
    """One action of a request; `after` are indexes of the parts it waits for."""

    index: int
    action: Action
    types: tuple[str, ...]
    filters: Mapping[str, JsonValue]
    after: frozenset[int]


def parts_of(intent: Intent) -> tuple[AskedPart, ...]:
    """Return the parts by index, as the runner numbers them.

    Without parts of its own, an intent with several changing steps is a chain on the same targets; else it is one part.
    """
    if intent.parts:
        said = tuple(
            AskedPart(
                index=index,
                action=part.action,
                types=tuple(part.resource_types),
                filters=part.filters,
                after=frozenset(part.after),
            )
            for index, part in enumerate(intent.parts)
        )
        return tuple(_protected(part, said) for part in said)
    changing = [step for step in intent.steps if step not in READING]
    actions: Sequence[Action] = changing if len(changing) > 1 else (intent.action,)
    return tuple(
        AskedPart(
            index=index,
            action=action,
            types=tuple(intent.resource_types),
            filters=intent.filters,
            after=frozenset({index - 1} if index else ()),
        )
        for index, action in enumerate(actions)
    )


def in_order(parts: Sequence[AskedPart]) -> tuple[AskedPart, ...] | None:
    """Return the parts so that each comes after those it waits for; None when they wait for each other or for nothing known."""
    if any(earlier not in range(len(parts)) for part in parts for earlier in part.after):
        return None
    ordered: list[AskedPart] = []
    done: set[int] = set()
    while len(ordered) < len(parts):
        ready = next((part for part in parts if part.index not in done and part.after <= done), None)
        if ready is None:
            return None
        ordered.append(ready)
        done.add(ready.index)
    return tuple(ordered)


_SIZES = frozenset({"instance_type", "size_gb"})
_ENABLING: Mapping[Action, frozenset[Action]] = {
    Action.RESIZE: frozenset({Action.STOP}),
    Action.START: frozenset({Action.RESIZE}),
    Action.DELETE: frozenset({Action.STOP, Action.DISABLE}),
}
"""What must be over before, when both are asked of the very same things: a machine is resized while it is stopped."""


def _protected(part: AskedPart, said: Sequence[AskedPart]) -> AskedPart:
    guards = PROTECTIVE.get(part.action, frozenset())
    enabling = _ENABLING.get(part.action, frozenset())
    earlier = frozenset(
        other.index
        for other in said[: part.index]
        if (other.action in guards and _alike(other, part)) or (other.action in enabling and _very_same(other, part))
    )
    return AskedPart(
        index=part.index,
        action=part.action,
        types=part.types,
        filters=part.filters,
        after=part.after | earlier,
    )


def _alike(one: AskedPart, other: AskedPart) -> bool:
    """Whether two parts may be about the same kind of thing."""
    return bool(set(one.types) & set(other.types)) or not one.types or not other.types


def _very_same(one: AskedPart, other: AskedPart) -> bool:
    """Whether two parts are about the same things: the same narrowing, whatever is to be done with them."""
    ours, theirs = (
        {key: value for key, value in part.filters.items() if key not in _SIZES | {"feature"}} for part in (one, other)
    )
    return ours == theirs and set(one.types) == set(other.types)
