"""Days of spending as the wire tells them: each day by each dimension, by two at once where a question may need it, within bounds. Pure.

Each set of dimensions tells the whole day by itself. A single dimension with very many labels keeps the largest and folds the rest into one;
two at once are told whole or not at all, because a part of them could be added up wrongly.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from agent_server.contract.answer import MOST_CELLS, Spend

ALL_ELSE = "all else"
UNTOLD = "not told"
_MOST_DAYS = 400
_MOST_IN_ALL = 18_000
_MOST_LABELS = 60
_MOST_LABEL = 110
_DIGITS = 4
"""Of dollars: thirty days of a third of a cent are ten cents, and not nothing."""

Labelled = tuple[float, Mapping[str, str]]
_Cells = dict[date, dict[tuple[str, ...], float]]


def spend(days: Mapping[date, Sequence[Labelled]], by: Sequence[str]) -> list[Spend]:
    """Return the newest days, oldest first, with what each was spent on; `by` are the dimensions that a question is told by."""
    kept = {day: days[day] for day in sorted(days)[-_MOST_DAYS:]}
    if not kept:
        return []
    keys: dict[date, dict[str, float]] = {day: {} for day in kept}
    left = min(MOST_CELLS, _MOST_IN_ALL // len(kept))
    known = {dimension for parts in kept.values() for _, labels in parts for dimension in labels}
    for dimensions in _sets(known, by):
        cells = _cells(kept, dimensions)
        labels = {label for each in cells.values() for label in each}
        if len(dimensions) == 1 and len(labels) > (most := min(_MOST_LABELS, left)):
            cells = _folded(cells, most - 1)
        elif len(labels) > left:
            continue
        left -= len({label for each in cells.values() for label in each})
        for day, each in cells.items():
            keys[day] |= {_key(dimensions, label): round(amount, _DIGITS) for label, amount in each.items()}
    return [
        Spend(day=day, amount=round(sum(amount for amount, _ in parts), _DIGITS), by=keys[day])
        for day, parts in kept.items()
    ]


def _sets(known: Iterable[str], by: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Give the sets of dimensions to tell, those that the question names first."""
    named = [one for one in by if one in known]
    rest = sorted(set(known) - set(named))
    yield from ((one,) for one in (*named, *rest))
    yield from combinations((*named, *rest), 2)


def _cells(days: Mapping[date, Sequence[Labelled]], dimensions: tuple[str, ...]) -> _Cells:
    """Add up what is alike, what does not tell one of these dimensions included, so that each set adds up to the whole day."""
    found: _Cells = {}
    for day, parts in days.items():
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for amount, labels in parts:
            sums[tuple(_clean(labels.get(one, UNTOLD)) for one in dimensions)] += amount
        # A day of nothing says only what it was narrowed to.
        found[day] = {label: amount for label, amount in sums.items() if amount or UNTOLD not in label}
    return found


def _folded(cells: _Cells, most: int) -> _Cells:
    totals: dict[tuple[str, ...], float] = defaultdict(float)
    for each in cells.values():
        for label, amount in each.items():
            totals[label] += abs(amount)
    kept = set(sorted(totals, key=lambda label: (-totals[label], label))[:most])
    found: _Cells = {}
    for day, each in cells.items():
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for label, amount in each.items():
            sums[label if label in kept else (ALL_ELSE,)] += amount
        found[day] = sums
    return found


def _clean(label: str) -> str:
    return label.replace("|", "/")[:_MOST_LABEL]


def _key(dimensions: tuple[str, ...], labels: tuple[str, ...]) -> str:
    return "|".join(f"{dimension}:{label}" for dimension, label in zip(dimensions, labels, strict=True))
