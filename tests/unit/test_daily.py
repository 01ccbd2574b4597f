"""A daily time comes once for each local date, over both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.schedule.daily import Daily

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(2, 0), time(2, 30), time(0, 0), time(23, 59)])
def test_over_four_hundred_days_each_date_is_due_exactly_once(zone, at):
    """Going from one due instant to the next meets every local date once."""
    daily = Daily(at=at, zone=ZoneInfo(zone))
    now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    seen = []
    for _ in range(400):
        now = daily.next(now)
        seen.append(now.astimezone(ZoneInfo(zone)).date())
    assert seen == [seen[0] + timedelta(days=number) for number in range(400)]


def test_a_time_that_is_skipped_falls_on_the_first_moment_after():
    """In Berlin 02:30 does not exist on 29 March 2026; it is due at 03:30 summer time, half an hour after the gap."""
    daily = Daily(at=time(2, 30), zone=ZoneInfo("Europe/Berlin"))
    assert daily.on(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_counts_the_first_time():
    """In Berlin 02:30 comes twice on 25 October 2026; the first is summer time."""
    daily = Daily(at=time(2, 30), zone=ZoneInfo("Europe/Berlin"))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert daily.on(date(2026, 10, 25)) == first
    assert daily.last(first + timedelta(hours=1)) == first


def test_last_and_next_meet_at_the_due_instant():
    """At the very instant it is due, `last` is it and `next` is tomorrow's."""
    daily = Daily(at=time(2, 0), zone=ZoneInfo("UTC"))
    due = datetime(2026, 5, 5, 2, 0, tzinfo=UTC)
    assert daily.last(due) == due
    assert daily.last(due - timedelta(microseconds=1)) == due - timedelta(days=1)
    assert daily.next(due) == due + timedelta(days=1)
