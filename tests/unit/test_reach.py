"""How far back the bills are read: two months, or thirteen where the question or what it compares with lies further back."""

import pytest

from agent_server.contract.intent import Action, Intent, IntentKind
from engine.reports.ledger import DAYS, LONG_DAYS
from engine.reports.reach import reach


def asked(action=Action.COST_REPORT, **filters) -> int:
    """How far back a question about money looks."""
    return reach(Intent(intent=IntentKind.COST, action=action, filters=filters))


@pytest.mark.parametrize(
    "period", ["yesterday", "this_week", "last_week", "this_month", "last_month", "last_24h", "last_7d", "last_30d"]
)
def test_two_months_are_read_for_days_that_lie_in_them_with_as_many_before(period):
    """Thirteen months of Cost Explorer would be paid for nothing."""
    assert asked(period=period) == DAYS


@pytest.mark.parametrize(
    "period", ["last_90d", "last_120d", "last_180d", "last_200d", "march", "this_year", "this_quarter", "since_may"]
)
def test_more_is_read_for_what_lies_further_back(period):
    """Whatever digit the number of days begins with."""
    assert asked(period=period) == LONG_DAYS


def test_more_is_read_for_what_last_month_is_compared_with():
    """Why it rose and what grew need the whole month before it; two months that are both named lie within reach."""
    assert asked(Action.COST_EXPLAIN, period="last_month") == LONG_DAYS
    assert asked(Action.COST_COMPARE, period="last_month") == LONG_DAYS
    assert asked(sort="growth", period="last_month") == LONG_DAYS
    assert asked(Action.COST_COMPARE, period=["this_month", "last_month"]) == DAYS
    assert asked(Action.COST_EXPLAIN, period="this_month") == DAYS


def test_a_question_without_days_reads_two_months():
    """It is about the running month."""
    assert asked() == DAYS
