"""The lines of a morning report in the order and with the numbers under which a reader sees them. Pure.

The card and every later question about "row 4" go by this one numbering.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.reports.figures import Cost, Happened, IdleMachine, MorningReport, PublicBucket

MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget:
    """The month is heading over its budget."""

    forecast: float
    budget: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualDay:
    """A day that cost far from what is usual for its weekday."""

    day: date
    amount: float
    usual: float


Need = PublicBucket | OverBudget | UnusualDay
Line = Need | IdleMachine | Happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The numbered lines: what needs somebody from 1 on, then idle machines, then changes.

    Attributes:
        more_public, more_idle: How many more there are than are shown.
    """

    needs: tuple[Need, ...]
    idle: tuple[IdleMachine, ...]
    changes: tuple[Happened, ...]
    more_public: int
    more_idle: int

    @property
    def first_idle(self) -> int:
        """The number of the first idle machine."""
        return len(self.needs) + 1

    @property
    def first_change(self) -> int:
        """The number of the first change."""
        return self.first_idle + len(self.idle)

    def numbered(self) -> Iterator[tuple[int, Line]]:
        """Give each line with its number."""
        yield from enumerate((*self.needs, *self.idle, *self.changes), start=1)


def rows(report: MorningReport) -> Rows:
    """Return the lines of a report."""
    shown = report.public[:MOST]
    return Rows(
        needs=(*shown, *_money(report.cost)),
        idle=report.idle[:MOST],
        changes=report.changes,
        more_public=len(report.public) - len(shown),
        more_idle=max(len(report.idle) - MOST, 0),
    )


def _money(cost: Cost | None) -> Iterator[Need]:
    if cost is None:
        return
    if cost.budget is not None and cost.forecast is not None and cost.forecast > cost.budget:
        yield OverBudget(forecast=cost.forecast, budget=cost.budget)
    for day, amount, usual in cost.unusual:
        yield UnusualDay(day=day, amount=amount, usual=usual)
