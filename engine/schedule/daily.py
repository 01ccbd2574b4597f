"""A time of day in a time zone, once for each local date. Pure.

A time that a change of the clock skips falls on the first moment after the gap (PEP 495, fold 0); one that comes twice counts
once, the first time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Every day at a local time."""

    at: time
    zone: ZoneInfo

    def on(self, day: date) -> datetime:
        """Return the instant, in UTC, on one local date."""
        return datetime.combine(day, self.at.replace(fold=0), tzinfo=self.zone).astimezone(UTC)

    def last(self, now: datetime) -> datetime:
        """Return the newest due instant that is not after `now`."""
        today = now.astimezone(self.zone).date()
        return max(due for offset in (-2, -1, 0, 1) if (due := self.on(today + timedelta(days=offset))) <= now)

    def next(self, now: datetime) -> datetime:
        """Return the first due instant after `now`."""
        today = now.astimezone(self.zone).date()
        return min(due for offset in (-1, 0, 1, 2) if (due := self.on(today + timedelta(days=offset))) > now)
