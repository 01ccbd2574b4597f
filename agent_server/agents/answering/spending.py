"""What was spent on which days, narrowed to a cloud, an environment, some services; or the reason why that cannot be told.

Keys of a day's `by` are `dimension:label` (`cloud:aws`, `environment:prod`, `account:r3`); a key without a dimension is a service. A day
tells each dimension by itself, so two can be combined only where one of them does not narrow anything.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agent_server.agents.answering.periods import Span
from agent_server.contract.answer import Snapshot, Spend

DIMENSIONS = ("service", "cloud", "account", "region", "environment", "team", "type", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """One thing a question is narrowed to: any of some labels of one dimension; `said` is how the person called it."""

    dimension: str
    labels: frozenset[str]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is no figure, as a sentence."""

    sentence: str


def parted(key: str) -> tuple[str, str]:
    """Return dimension and label of a key of `by`."""
    dimension, colon, label = key.partition(":")
    return (dimension, label) if colon and dimension in DIMENSIONS else ("service", key)


def labels(days: Sequence[Spend], dimension: str) -> frozenset[str]:
    """Return every label of a dimension."""
    return frozenset(label for day in days for kind, label in map(parted, day.by) if kind == dimension)


def covered(snapshot: Snapshot, days: Span) -> list[Spend] | Missing:
    """Return the days of a span that have figures; a sentence when none has."""
    found = sorted((one for one in snapshot.spend if one.day in days), key=lambda one: one.day)
    if found:
        return found
    if not snapshot.spend:
        return Missing(sentence="No figures of spending came with this: no account has a cost source.")
    first, last = min(one.day for one in snapshot.spend), max(one.day for one in snapshot.spend)
    return Missing(sentence=f"I have figures {Span(first=first, last=last)} only, none {days}.")


def amounts(days: Sequence[Spend], narrowed: Sequence[Narrowed]) -> dict[date, list[float]] | Missing:
    """Return the amounts of each day, narrowed; a sentence when these figures do not tell them."""
    narrowing = [one for one in narrowed if labels(days, one.dimension) - one.labels or not labels(days, one.dimension)]
    if not narrowing:
        return {one.day: [one.amount] for one in days}
    for one in narrowing:
        if not labels(days, one.dimension):
            return Missing(
                sentence=f"The figures are not told by {one.dimension}, so I cannot narrow them to {one.said}."
            )
    if len(narrowing) > 1:
        both = " and ".join(one.dimension for one in narrowing)
        return Missing(sentence=f"The figures are told by {both}, but not by both at once.")
    wanted = narrowing[0]
    if not labels(days, wanted.dimension) & wanted.labels:
        return Missing(sentence=f"Nothing in these figures is called {wanted.said}.")
    return {one.day: list(_of(one, wanted.dimension, wanted.labels).values()) for one in days}


def not_both(days: Sequence[Spend], by: str, narrowed: Sequence[Narrowed]) -> Missing | None:
    """Return why spending cannot be told by one dimension and narrowed by another at once; None when it can."""
    for one in narrowed:
        known = labels(days, one.dimension)
        if one.dimension != by and (not known or known - one.labels):
            return Missing(sentence=f"The figures are told by {by} and by {one.dimension}, but not by both at once.")
    return None


def by_label(days: Sequence[Spend], dimension: str) -> dict[str, list[float]]:
    """Return the amounts by label of one dimension."""
    found: dict[str, list[float]] = defaultdict(list)
    for day in days:
        for label, amount in _of(day, dimension, None).items():
            found[label].append(amount)
    return found


def _of(day: Spend, dimension: str, wanted: frozenset[str] | None) -> Mapping[str, float]:
    pairs = ((parted(key), amount) for key, amount in day.by.items())
    return {
        label: amount for (kind, label), amount in pairs if kind == dimension and (wanted is None or label in wanted)
    }
