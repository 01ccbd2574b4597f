"""Which days a named period is, on every kind of day on which somebody may ask: what has figures ends the day before at the latest."""

from datetime import date, timedelta

import pytest

from agent_server.agents.answering.periods import Span, span
from tests.fakes.snapshots import snapshot, told


@pytest.mark.parametrize(
    ("today", "period", "first", "last"),
    [
        (date(2026, 12, 1), "last_month", date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 2), "last_month", date(2026, 11, 1), date(2026, 11, 30)),
        (date(2027, 1, 1), "last_month", date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 3, 1), "last_month", date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 11, 30), "last_week", date(2026, 11, 23), date(2026, 11, 29)),
        (date(2026, 12, 6), "last_week", date(2026, 11, 23), date(2026, 11, 29)),
        (date(2027, 1, 1), "last_quarter", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 11, 29), "last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        (date(2027, 1, 1), "last_year", date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 12, 1), "this_month", date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 2), "this_month", date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 12, 1), "yesterday", date(2026, 11, 30), date(2026, 11, 30)),
    ],
)
def test_last_is_before_the_day_of_the_question_and_this_runs_as_far_as_there_are_figures(today, period, first, last):
    """On a first, a Monday or New Year's Day the last whole day lies in what people call the last month, week or year."""
    assert span(period, today - timedelta(days=1), today) == Span(first=first, last=last)


def test_figures_that_come_late_do_not_move_the_last_month():
    """On 2 December the figures may still end in November."""
    found = span("last_month", date(2026, 11, 29), date(2026, 12, 2))
    assert found == Span(first=date(2026, 11, 1), last=date(2026, 11, 30))


def test_without_the_day_of_the_question_the_last_figures_count_for_it():
    """As for a server that is asked by an older runner."""
    assert span("last_month", date(2026, 11, 29)) == Span(first=date(2026, 10, 1), last=date(2026, 10, 31))


def test_on_a_first_the_month_that_just_ended_is_compared_with_the_one_before():
    """And not with itself: this month has no whole day yet."""
    days = [one.model_copy(update={"day": one.day - timedelta(days=14)}) for one in snapshot().spend]
    given = snapshot(spend=days, until=date(2026, 2, 28), today=date(2026, 3, 1), drivers=[], compared=[])
    assert "in February 2026" in told("how much did we spend last month", given).paragraphs[0]
    compared = told("compare cost this month and last month", given).paragraphs[0]
    assert "in February 2026" in compared
    assert "January 2026" in compared
