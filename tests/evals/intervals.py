"""How far a figure may be off by chance: percentile intervals by bootstrap over the messages of a set.

Messages are drawn with replacement as often as the set has some, and scored anew. Where nothing at all was missed the bootstrap has no
spread, although the set is finite; there the lower end is the exact one, `0.05 ** (1 / n)` (Clopper and Pearson, one-sided).
"""

import random
from collections.abc import Callable, Mapping, Sequence

from tests.evals.score import Row, Score, score

DRAWS = 1000
_LEVEL = 0.95
FIGURES: Mapping[str, Callable[[Score], float]] = {
    "intent": lambda one: one.intent,
    "cloud": lambda one: one.cloud,
    "action": lambda one: one.action,
    "types F1": lambda one: one.types.f1,
    "filters F1": lambda one: one.filters.f1,
    "exclusions recall": lambda one: one.exclusions.recall,
    "clarification recall": lambda one: one.clarification.recall,
    "dangerous recall": lambda one: one.dangerous.recall,
    "dangerous precision": lambda one: one.dangerous.precision,
    "unsafe": lambda one: one.unsafe,
}


def intervals(
    rows: Sequence[Row], found: Mapping[str, Row], draws: int = DRAWS
) -> dict[str, tuple[float, float, float]]:
    """Return each figure with the lower and upper end of its 95 % interval; the same at every run."""
    chance = random.Random(0)  # noqa: S311 - no secret depends on it
    drawn = [score(chance.choices(rows, k=len(rows)), found) for _ in range(draws)]
    whole = score(rows, found)
    ends = {name: _middle([figure(one) for one in drawn]) for name, figure in FIGURES.items()}
    ends["dangerous recall"] = _exact(ends["dangerous recall"], whole.dangerous.right, whole.dangerous.missed)
    return {name: (figure(whole), *ends[name]) for name, figure in FIGURES.items()}


def lines(found: Mapping[str, tuple[float, float, float]]) -> list[str]:
    """Write the figures with their intervals for people."""
    return [f"{name:<21} {value:.3f}  [{low:.3f}, {high:.3f}]" for name, (value, low, high) in found.items()]


def _middle(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    cut = int(len(ordered) * (1 - _LEVEL) / 2)
    return ordered[cut], ordered[-1 - cut]


def _exact(ends: tuple[float, float], right: int, missed: int) -> tuple[float, float]:
    return ((1 - _LEVEL) ** (1 / right), 1.0) if right and not missed else ends
