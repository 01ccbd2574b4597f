"""Numbers and where they come from: each is given, or follows from others by one named step of arithmetic."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_WHOLE_FROM = 100


class Step(StrEnum):
    """How a number came about.

    `given` stands in the snapshot or in the question; `sum`, `mean` and `count` are over all operands; `difference` is the first less
    the second; `share` is the first in percent of the second; `change` is the way from the second to the first in percent of the second;
    `pace` is the first, spent in as many days as the second says, carried on to as many days as the third says.
    """

    GIVEN = "given"
    SUM = "sum"
    MEAN = "mean"
    COUNT = "count"
    DIFFERENCE = "difference"
    SHARE = "share"
    CHANGE = "change"
    PACE = "pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number, the step that made it, and what it was made from (a count: one operand for each thing counted)."""

    value: float
    step: Step
    operands: tuple[float, ...] = ()


@dataclass(slots=True)
class Figures:
    """Does the arithmetic of one answer and remembers each step of it.

    Args:
        currency: What amounts are in.
    """

    currency: str = "USD"
    used: list[Figure] = field(default_factory=list)

    def given(self, value: float) -> float:
        """Take a number as it was given."""
        return self._keep(value, Step.GIVEN, (value,))

    def total(self, values: Iterable[float]) -> float:
        """Add up."""
        operands = tuple(values)
        return self._keep(round(sum(operands), 2), Step.SUM, operands)

    def mean(self, values: Iterable[float]) -> float:
        """Return the mean of at least one value."""
        operands = tuple(values)
        return self._keep(round(sum(operands) / len(operands), 2), Step.MEAN, operands)

    def count(self, things: Sequence[object]) -> int:
        """Count."""
        self._keep(len(things), Step.COUNT, (1.0,) * len(things))
        return len(things)

    def difference(self, one: float, other: float) -> float:
        """Return how much more the first is."""
        return self._keep(round(one - other, 2), Step.DIFFERENCE, (one, other))

    def share(self, part: float, whole: float) -> float:
        """Return a part in percent of a whole that is not zero."""
        return self._keep(round(100 * part / whole, 1), Step.SHARE, (part, whole))

    def change(self, now: float, before: float) -> float | None:
        """Return the way from `before` to `now` in percent; None when nothing, or by refunds less than that, was before."""
        if before <= 0:
            return None
        return self._keep(round(100 * (now - before) / before, 1), Step.CHANGE, (now, before))

    def pace(self, spent: float, day: date) -> float:
        """Carry the month's mean daily rate up to and with `day` on to the month's end."""
        days, length = float(day.day), float(calendar.monthrange(day.year, day.month)[1])
        return self._keep(round(spent / days * length, 2), Step.PACE, (spent, days, length))

    def money(self, amount: float) -> str:
        """`$1,247`, `$11.40`: cents only below one hundred and only where there are some."""
        size = abs(amount)
        digits = f"{size:,.0f}" if round(size, 2) >= _WHOLE_FROM else f"{size:.2f}".removesuffix(".00")
        sign = "-" if amount < 0 and digits.strip("0.,") else ""
        symbol = _SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {self.currency}"

    def signed(self, amount: float) -> str:
        """`+$186`, `-$12.50`."""
        text = self.money(amount)
        return f"+{text}" if amount > 0 and text.strip("$€£¥₹0. ") else text

    def _keep(self, value: float, step: Step, operands: tuple[float, ...]) -> float:
        self.used.append(Figure(value=value, step=step, operands=operands))
        return value


def percent(share: float) -> str:
    """`17.5 %`, `91 %`."""
    return f"{share:,.1f}".removesuffix(".0") + " %"


def signed_percent(share: float) -> str:
    """`+17.5 %`, `-3 %`."""
    return f"+{percent(share)}" if share > 0 else percent(share)


def counted(amount: int, noun: str, plural: str = "") -> str:
    """`1 bucket`, `3 buckets`."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"
