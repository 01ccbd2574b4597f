"""Questions about money: by what they want it told, and how they go on in a thread."""

import pytest

from agent_server.contract.intent import HistoryTurn, IntentKind, IntentRequest
from agent_server.models.offline import parse


def understood(text, *before):
    """Parse a message after others."""
    history = [
        turn
        for one in before
        for turn in (
            HistoryTurn(role="user", text=one),
            HistoryTurn(role="assistant", text="Spending came to $300 from 1 to 14 March."),
        )
    ]
    return parse(IntentRequest(request_id="test", text=text, history=history))


@pytest.mark.parametrize(
    ("text", "action", "filters"),
    [
        ("what did each team spend last week", "cost_report", {"group_by": "team", "period": "last_week"}),
        ("per-team costs last week", "cost_report", {"group_by": "team", "period": "last_week"}),
        ("cost by tag team", "cost_report", {"group_by": "team"}),
        ("cost by the cost-center tag", "cost_report", {"group_by": "cost_center"}),
        ("cost by region this month", "cost_report", {"group_by": "region", "period": "this_month"}),
        ("cost by team and region", "cost_report", {"group_by": ["team", "region"]}),
        ("cost by region, team and service", "cost_report", {"group_by": ["region", "team", "service"]}),
        ("cost by usage type", "cost_report", {"group_by": "type"}),
        ("top 5 services in eu-west-1 last month", "cost_report", {"group_by": "service", "limit": 5, "region": "eu-west-1", "period": "last_month"}),
        ("top 3 teams by cost", "cost_report", {"group_by": "team", "limit": 3}),
        ("which region costs the most", "cost_report", {"group_by": "region", "limit": 1}),
        ("which region is the cheapest", "cost_report", {"group_by": "region", "limit": 1}),
        ("cost per account per service this month", "cost_report", {"group_by": ["account", "service"], "period": "this_month"}),
        ("unallocated spend by region", "cost_report", {"tagged": False, "group_by": "region"}),
        ("who spends the most", "cost_report", {"group_by": "team"}),
        ("which team's spend grew the most", "cost_report", {"group_by": "team", "sort": "growth"}),
        ("which service grew the most this month", "cost_report", {"group_by": "service", "sort": "growth", "period": "this_month"}),
        ("which account grew the most this month", "cost_report", {"group_by": "account", "sort": "growth", "period": "this_month"}),
        ("which account spent the most", "cost_report", {"group_by": "account", "limit": 1}),
        ("which account is growing fastest", "cost_report", {"group_by": "account", "sort": "growth"}),
        ("what does RDS cost in us-east-1 per account", "cost_report", {"group_by": "account", "region": "us-east-1"}),
        ("which day was the most expensive this month and why", "cost_explain", {"group_by": "day", "limit": 1, "period": "this_month"}),
        ("how much is untagged", "cost_report", {"tagged": False}),
        ("how much of our spend has no team tag", "cost_report", {"missing_tags": ["team"]}),
        ("what did the data team spend last month", "cost_report", {"tags": {"team": "data"}, "period": "last_month"}),
        ("what does team data spend on ec2", "cost_report", {"tags": {"team": "data"}}),
        ("how much does the platform team cost us", "cost_report", {"tags": {"team": "platform"}}),
        ("what will this month cost", "cost_forecast", {"period": "this_month"}),
        ("compare prod and dev spend this month", "cost_compare", {"tags": {"env": ["prod", "dev"]}, "period": "this_month"}),
    ],
)  # fmt: skip
def test_a_question_about_money_says_by_what_it_is_told(text, action, filters):
    """The grouping, the narrowing and the ranking each come out as one filter."""
    found = understood(text)
    assert (found.intent, found.action, found.filters) == (IntentKind.COST, action, filters)
    assert not found.needs_clarification


@pytest.mark.parametrize(
    "text",
    [
        "list untagged s3 buckets",
        "how many machines are untagged",
        "which vms have grown in number",
        "top 5 vms by cpu",
    ],
)
def test_questions_about_things_stay_questions_about_things(text):
    """What is untagged or on top need not be money."""
    assert understood(text).intent is not IntentKind.COST


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("and by team?", {"period": "last_week", "group_by": "team"}),
        ("by region?", {"period": "last_week", "group_by": "region"}),
        ("break that down by account", {"period": "last_week", "group_by": "account"}),
        ("what about by account and region", {"period": "last_week", "group_by": ["account", "region"]}),
        ("and last month?", {"period": "last_month"}),
        ("and prod?", {"period": "last_week", "tags": {"env": "prod"}}),
        ("and the data team?", {"period": "last_week", "tags": {"team": "data"}}),
        ("and untagged?", {"period": "last_week", "tagged": False}),
    ],
)
def test_a_thread_about_money_goes_on_with_a_few_words(text, filters):
    """The days of the question before stay unless others are named."""
    found = understood(text, "what did we spend last week")
    assert (found.intent, found.filters) == (IntentKind.COST, filters)


def test_a_second_way_of_telling_takes_the_place_of_the_first():
    """By region, then by team: not by both."""
    found = understood("and by team?", "cost by region this month")
    assert found.filters == {"group_by": "team", "period": "this_month"}
