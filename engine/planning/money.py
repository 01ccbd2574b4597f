"""What a change costs or saves a day, from list prices: always "about", and unknown sizes are said."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.estate.resource import Resource

_HOURS = 24
_SIGN = {"stop": -1, "delete": -1, "start": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The effect on the bill.

    Attributes:
        per_day: US dollars a day; negative when it saves.
        unknown: How many of the targets have no known price.
    """

    per_day: float
    unknown: int


def effect(changes: Iterable[tuple[str, Resource]]) -> Money | None:
    """Return the daily effect of (action, resource) pairs; None when none of the actions changes the bill."""
    speaking = [(_SIGN[action], resource) for action, resource in changes if action in _SIGN]
    priced = [(sign, price(resource.size)) for sign, resource in speaking if resource.size]
    if not priced:
        return None
    total = sum(sign * hourly * _HOURS for sign, hourly in priced if hourly is not None)
    return Money(per_day=round(total, 2), unknown=sum(hourly is None for _, hourly in priced))


def price(size: str) -> float | None:
    """Return the hourly list price of an instance size, or None when it is not in the table."""
    return _table().get(size.lower())


@cache
def _table() -> dict[str, float]:
    text = Path(__file__).with_name("prices.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {size: float(hourly) for size, hourly in rows}
