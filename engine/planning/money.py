"""What a change costs or saves a day, from list prices: always "about", and unknown sizes are said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engine.clouds.operation import Params
from engine.estate.resource import Resource

_HOURS = 24
_SIGN = {"stop": -1, "delete": -1, "start": 1}
# As the operations of the clouds name the size that a machine or a database is to get.
_SIZES = ("instance_type", "instance_class", "size")
_DATABASE = "db."


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The effect on the bill.

    Attributes:
        per_day: US dollars a day; negative when it saves.
        unknown: How many of the targets have no known price.
    """

    per_day: float
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One action of a step on one resource."""

    action: str
    resource: Resource
    params: Params = field(default_factory=dict)


def effect(changes: Iterable[Change]) -> Money | None:
    """Return the daily effect of changes; None when none of them changes the bill.

    A machine that is given another size is counted as running, also while it is stopped.
    """
    speaking = [one for one in changes if one.resource.size and (one.action in _SIGN or _new_size(one.params))]
    if not speaking:
        return None
    priced = [_hourly(one) for one in speaking]
    known = [amount for amount in priced if amount is not None]
    return Money(per_day=round(sum(known) * _HOURS, 2), unknown=len(priced) - len(known))


def resized(resource: Resource, wanted: str) -> float | None:
    """Return the hourly list price of a resource once it has the wanted size; None when it is not known."""
    prefix = _DATABASE if resource.size.lower().startswith(_DATABASE) else ""
    return price(prefix + wanted.lower().removeprefix(_DATABASE)) if wanted else None


def _hourly(change: Change) -> float | None:
    now = price(change.resource.size)
    if now is None or change.action in _SIGN:
        return None if now is None else _SIGN[change.action] * now
    after = price(_new_size(change.params))
    return None if after is None else after - now


def _new_size(params: Params) -> str:
    return next((size for name in _SIZES if isinstance(size := params.get(name), str)), "")


def price(size: str) -> float | None:
    """Return the hourly list price of an instance size, or None when it is not in the table."""
    return _table().get(size.lower())


@cache
def _table() -> dict[str, float]:
    text = Path(__file__).with_name("prices.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {size: float(hourly) for size, hourly in rows}
