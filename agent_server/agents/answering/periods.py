"""Which days a question is about: whole days up to the last one that has figures."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_LAST_DAYS = re.compile(r"last_(\d{1,3})d")
_DAYS_AGO = re.compile(r"(\d{1,3})d_ago")
_SINCE = re.compile(r"since_(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        if self.first == self.last:
            return f"on {said(self.first)}"
        if self.first.day == 1 and self.last == month_of(self.first).last:
            return f"in {self.first:%B %Y}"
        if self.first.year != self.last.year:
            return f"from {said(self.first)} {self.first.year} to {said(self.last)} {self.last.year}"
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"from {self.first.day if same else said(self.first)} to {said(self.last)}"

    @property
    def before(self) -> "Span":
        """The period this one is compared with: the same days of the month before, else as many days just before."""
        last_month = month_of(self.first - timedelta(days=1)) if self.first.day == 1 else None
        if last_month is None or self.last > month_of(self.first).last:
            return Span(first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1))
        if self.last == month_of(self.first).last:
            return last_month
        return Span(first=last_month.first, last=min(last_month.last, last_month.first + timedelta(days=self.days - 1)))


def said(day: date) -> str:
    """`14 March`."""
    return f"{day.day} {day:%B}"


def month_of(day: date) -> Span:
    """Return the whole month of a day."""
    return Span(first=day.replace(day=1), last=day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def span(period: str, until: date, today: date | None = None) -> Span | None:
    """Return the days of a named period; None for a word that is not known here.

    Args:
        period: Its name, as the parser names it.
        until: The last day with figures. Today has no whole day yet, so `today`, and whatever is still running, ends with it.
        today: The day on which it was asked: on a first of December the last month is November. Without it, `until` counts for it.
    """
    now = max(today, until) if today else until
    week, last_week = _monday(until), _monday(now)
    last_month = month_of(now.replace(day=1) - timedelta(days=1))
    last_quarter = _quarter(now) - timedelta(days=1)
    named = {
        "yesterday": Span(first=until, last=until),
        "today": Span(first=until, last=until),
        "last_24h": Span(first=until, last=until),
        "this_week": Span(first=week, last=until),
        "last_week": Span(first=last_week - timedelta(days=7), last=last_week - timedelta(days=1)),
        "this_month": Span(first=until.replace(day=1), last=until),
        "last_month": last_month,
        "this_quarter": Span(first=_quarter(until), last=until),
        "last_quarter": Span(first=_quarter(last_quarter), last=last_quarter),
        "this_year": Span(first=until.replace(month=1, day=1), last=until),
        "last_year": Span(first=date(now.year - 1, 1, 1), last=date(now.year - 1, 12, 31)),
    }
    return named.get(period) or _counted(period, until) or _month(period, until)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _quarter(day: date) -> date:
    """Return the first day of a day's quarter."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def _counted(period: str, until: date) -> Span | None:
    if found := _LAST_DAYS.fullmatch(period):
        return Span(first=until - timedelta(days=max(int(found[1]), 1) - 1), last=until)
    if found := _DAYS_AGO.fullmatch(period):
        day = until - timedelta(days=max(int(found[1]), 1) - 1)
        return Span(first=day, last=day)
    if found := _SINCE.fullmatch(period):
        try:
            first = date.fromisoformat(found[1])
        except ValueError:
            return None
        return Span(first=first, last=until) if first <= until else None
    return None


def _month(period: str, until: date) -> Span | None:
    """`march`, `may_3`: the newest one that has begun."""
    since, name = period.startswith("since_"), period.removeprefix("since_")
    month, _, day = name.partition("_")
    number = _MONTHS.get(month)
    if number is None or (day and not day.isdigit()):
        return None
    for year in (until.year, until.year - 1):
        try:
            first = date(year, number, int(day) if day else 1)
        except ValueError:
            return None
        if first <= until:
            whole = Span(first=first, last=first) if day else month_of(first)
            return Span(first=first, last=until if since else min(whole.last, until))
    return None
