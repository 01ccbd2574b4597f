"""Cost figures from daily lines: yesterday, month, change and its drivers, forecast, unusual days. Pure.

Unusual days: weekday-matched median and MAD with the modified z-score of Iglewicz and Hoaglin (1993), z >= 3.5, and floors in
dollars and percent; the newest day is left out, because the clouds still correct it.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median

from engine.clouds.billing import CostLine
from engine.reports.figures import Cost
from engine.reports.history import series

HISTORY_DAYS = 60
_SHOWN_DAYS = 30
_WATCHED_DAYS = 14
_LEAST_SAME_WEEKDAYS = 4
_Z = 3.5
_LEAST_DOLLARS = 25.0
_LEAST_SHARE = 0.2
_MOST_DRIVERS = 4
_LEAST_FORECAST_DAYS = 3


def cost(
    lines: Iterable[CostLine], *, today: date, names: dict[str, str], budget: float | None, unknown: Sequence[str]
) -> Cost | None:
    """Return the figures up to the day before `today`; None when there is not one line.

    Args:
        lines: Daily costs.
        today: The day the report is made on; its own figures are incomplete and left out.
        names: Account id to name.
        budget: The month's budget.
        unknown: Accounts without figures.
    """
    known = [line for line in lines if line.day < today]
    if not known:
        return None
    by_day: dict[date, float] = defaultdict(float)
    for line in known:
        by_day[line.day] += line.amount
    day = max(by_day)
    before = day - timedelta(days=1)
    month = sum(amount for each, amount in by_day.items() if (each.year, each.month) == (day.year, day.month))
    return Cost(
        day=day,
        yesterday=round(by_day[day], 2),
        before=round(by_day[before], 2) if before in by_day else None,
        month=round(month, 2),
        budget=budget,
        forecast=_forecast(month, day),
        drivers=_drivers(known, day, before, names),
        days=tuple((each, round(by_day[each], 2)) for each in sorted(by_day)[-_SHOWN_DAYS:]),
        unusual=_unusual(by_day, day),
        unknown=tuple(unknown),
        history=series(known),
    )


def _forecast(month: float, day: date) -> float | None:
    if day.day < _LEAST_FORECAST_DAYS:
        return None
    return round(month / day.day * calendar.monthrange(day.year, day.month)[1], 2)


def _drivers(
    lines: Sequence[CostLine], day: date, before: date, names: dict[str, str]
) -> tuple[tuple[str, float], ...]:
    change: dict[str, float] = defaultdict(float)
    for line in lines:
        label = f"{line.service} in {names.get(line.account, line.account)}"
        if line.day == day:
            change[label] += line.amount
        elif line.day == before:
            change[label] -= line.amount
    ordered = sorted(change.items(), key=lambda item: -abs(item[1]))
    return tuple((label, round(amount, 2)) for label, amount in ordered[:_MOST_DRIVERS] if abs(amount) >= 1)


def _unusual(by_day: dict[date, float], newest: date) -> tuple[tuple[date, float, float], ...]:
    found: list[tuple[date, float, float]] = []
    for each in sorted(by_day):
        if each == newest or each < newest - timedelta(days=_WATCHED_DAYS):
            continue
        same = [amount for other, amount in by_day.items() if other.weekday() == each.weekday() and other < each]
        if len(same) < _LEAST_SAME_WEEKDAYS:
            continue
        usual = median(same)
        spread = median(abs(amount - usual) for amount in same) or usual * 0.01 or 1.0
        away = by_day[each] - usual
        if 0.6745 * abs(away) / spread >= _Z and abs(away) >= max(_LEAST_DOLLARS, usual * _LEAST_SHARE):
            found.append((each, round(by_day[each], 2), round(usual, 2)))
    return tuple(found)
