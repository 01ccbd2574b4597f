"""What was spent on which days, narrowed to a cloud, an environment, some services; or the reason why that cannot be told.

Keys of a day's `by` are `dimension:label` (`cloud:aws`, `environment:prod`, `account:r3`) or two of them at once
(`account:r3|region:eu-west-1`); a key without a dimension is a service. Each set of dimensions tells the whole day by itself, so what is
told by some dimensions and narrowed by others needs one set that holds them all.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from agent_server.agents.answering.periods import Span
from agent_server.contract.answer import Snapshot, Spend

_DIMENSION = re.compile(r"(?P<dimension>[a-z][a-z0-9_.-]{0,60}):(?P<label>\S.*)")

_ALWAYS = frozenset({"service", "cloud", "account", "environment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """One thing a question is narrowed to: any of some labels of one dimension.

    Attributes:
        said: How the person called it.
        without: Whether it is what is left when something else is left out.
    """

    dimension: str
    labels: frozenset[str]
    said: str
    without: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is no figure, as a sentence."""

    sentence: str


@lru_cache(maxsize=8192)
def parted(key: str) -> Mapping[str, str]:
    """Return the labels of a key of `by` by dimension."""
    found = [_DIMENSION.fullmatch(piece) for piece in key.split("|")]
    told = {one["dimension"]: one["label"] for one in found if one is not None}
    return told if len(told) == len(found) else {"service": key}


def dimensions(days: Sequence[Spend]) -> list[str]:
    """Return every dimension that days are told by alone, in the order in which they come."""
    keys = (parted(key) for day in days for key in day.by)
    return list(dict.fromkeys(next(iter(key)) for key in keys if len(key) == 1))


def labels(days: Sequence[Spend], dimension: str) -> frozenset[str]:
    """Return every label of a dimension."""
    keys = (parted(key) for day in days for key in day.by)
    return frozenset(key[dimension] for key in keys if len(key) == 1 and dimension in key)


def covered(snapshot: Snapshot, days: Span) -> list[Spend] | Missing:
    """Return the days of a span that have figures; a sentence when none has."""
    found = sorted((one for one in snapshot.spend if one.day in days), key=lambda one: one.day)
    if found:
        return found
    if not snapshot.spend:
        return no_figures(snapshot)
    first, last = min(one.day for one in snapshot.spend), max(one.day for one in snapshot.spend)
    return Missing(sentence=f"I have figures {Span(first=first, last=last)} only, none {days}.")


def no_figures(snapshot: Snapshot) -> Missing:
    """Say that nothing is known of spending, and why where that was told."""
    why = [one for one in snapshot.not_seen if "cost" in one.lower()]
    if not why:
        return Missing(sentence="No figures of spending came with this: no account has a cost source.")
    return Missing(sentence=f"I cannot tell this spending. I have no {'; no '.join(why[:4])}.")


def amounts(days: Sequence[Spend], narrowed: Sequence[Narrowed]) -> dict[date, list[float]] | Missing:
    """Return the amounts of each day, narrowed; a sentence when these figures do not tell them."""
    if not _narrowing(days, narrowed) or _nothing(days):
        return {one.day: [one.amount] for one in days}
    cells = _cells(days, (), narrowed)
    if isinstance(cells, Missing):
        return cells
    return {day: [amount for _, amount in each] for day, each in cells.items()}


def by_label(
    days: Sequence[Spend], by: Sequence[str], narrowed: Sequence[Narrowed] = ()
) -> dict[tuple[str, ...], list[float]] | Missing:
    """Return the amounts by the labels of one or more dimensions, narrowed; a sentence when these figures do not tell them."""
    cells = _cells(days, by, narrowed)
    if isinstance(cells, Missing):
        return cells
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for each in cells.values():
        for told, amount in each:
            found[told].append(amount)
    return found


def _nothing(days: Sequence[Spend]) -> bool:
    """Whether nothing was spent at all: then nothing was spent on any part of it either."""
    return not any(one.amount or any(one.by.values()) for one in days)


def _narrowing(days: Sequence[Spend], narrowed: Sequence[Narrowed]) -> list[Narrowed]:
    """Return what really leaves something out: days that hold nothing else need no narrowing."""
    return [one for one in narrowed if labels(days, one.dimension) - one.labels or not labels(days, one.dimension)]


def _cells(
    days: Sequence[Spend], by: Sequence[str], narrowed: Sequence[Narrowed]
) -> dict[date, list[tuple[tuple[str, ...], float]]] | Missing:
    narrowing = _narrowing(days, narrowed)
    missing = _untold(days, by, narrowing)
    if missing is not None:
        return missing
    wanted = frozenset((*by, *(one.dimension for one in narrowing)))
    sets = {frozenset(parted(key)) for day in days for key in day.by}
    told = min((one for one in sets if wanted <= one), key=lambda one: (len(one), sorted(one)), default=None)
    if told is None:
        names = sorted(wanted, key=[*by, *(one.dimension for one in narrowing)].index)
        how = "both at once" if len(names) == 2 else "all of them at once"  # noqa: PLR2004 - a pair
        return Missing(sentence=f"The figures are told by {' and by '.join(names)}, but not by {how}.")
    return {day.day: list(_matching(day, told, by, narrowing)) for day in days}


def _untold(days: Sequence[Spend], by: Sequence[str], narrowing: Sequence[Narrowed]) -> Missing | None:
    for one in by:
        if not labels(days, one):
            told = ", ".join(dimensions(days)) or "nothing but the total"
            return Missing(sentence=f"The figures are not told by {one}. They are told by {told}.")
    for narrow in narrowing:
        known = labels(days, narrow.dimension)
        if not known:
            others = [one for one in dimensions(days) if one not in _ALWAYS]
            why = f" A bill tells two things at once at most, here {' and '.join(others)}." if len(others) > 1 else ""
            return Missing(
                sentence=f"The figures are not told by {narrow.dimension}, so I cannot narrow them to {narrow.said}.{why}"
            )
        if not known & narrow.labels:
            return Missing(sentence=f"Nothing in these figures is called {narrow.said}.")
    return None


def _matching(
    day: Spend, told: frozenset[str], by: Sequence[str], narrowing: Sequence[Narrowed]
) -> list[tuple[tuple[str, ...], float]]:
    keys = ((parted(key), amount) for key, amount in day.by.items())
    return [
        (tuple(key[one] for one in by), amount)
        for key, amount in keys
        if key.keys() == told and all(key[one.dimension] in one.labels for one in narrowing)
    ]
