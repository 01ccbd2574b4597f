"""Questions about the morning report, about money and about how things work, on the whole house: asked in the report's own thread."""

import pytest

from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("answers"), pytest.mark.filterwarnings("default")]


@pytest.fixture(params=("terminal", "web"))
async def play(request, home, tmp_path):
    """Give the stage of one surface over the shared house, with a budget."""
    async with stage(request.param, home, tmp_path, budgets=[{"scope": "all", "monthly": 2000}]) as opened:
        yield opened


async def test_a_report_is_delivered_and_can_be_talked_to(play):
    """Why, how much, which and row 1 are answered from what stands on the card, with real names; what is not there is not made up.

    The percentage that is asked about is one that no day has; what drove the change is a service, on some dates another than on others.
    """
    report = await play.say("report")
    assert "Ask anything about it" in report.text
    why = await play.say("why did spending go up 900%?")
    assert "Spending " in why.text
    assert "from these figures it is" in why.text
    assert any(name in why.text for name in ("Elastic Compute Cloud", "Virtual Machines", "Simple Storage Service"))
    first = await play.say("explain row 1")
    assert "Line 1:" in first.text
    bucket = report.text.split("Bucket ")[1].split(" is public")[0]
    assert bucket in first.text
    prod = await play.say("which of the findings are in prod")
    assert " are in prod" in prod.text
    saved = await play.say("how much would we save")
    assert "idle ones would save about $" in saved.text
    assert "web-dev-1" in saved.text
    absent = await play.say("does the report include taxes")
    assert "I will not guess" in absent.text


async def test_what_an_answer_spoke_of_can_be_acted_on(play):
    """To "stop those" after the idle lines of the report plans exactly those."""
    await play.say("report")
    listed = await play.say("which rows in the report are idle")
    assert "web-dev-1" in listed.text
    plan = await play.say("stop those")
    assert "web-dev-1" in plan.text
    assert "waiting for approval" in plan.text


async def test_questions_about_money_need_no_report(play):
    """Totals, rankings, comparisons and the budget come from the clouds' own cost services."""
    total = await play.say("aws cost this month")
    assert "Spending on AWS came to $" in total.text
    assert "Elastic Compute Cloud" in total.text
    top = await play.say("top 3 services by cost")
    assert "the 3 dearest" in top.text
    compared = await play.say("compare dev and prod cost")
    assert "prod cost $" in compared.text
    budget = await play.say("are we over budget")
    assert "$2,000" in budget.text


async def test_questions_for_help_are_answered_with_their_source(play):
    """What a thing is called elsewhere, how it is done well, what cannot be done yet: in words, with where they come from."""
    called = await play.say("what is a security group called in Azure")
    assert "Network Security Group (NSG)" in called.text
    assert "Source: Equivalents" in called.text
    advice = await play.say("best practice for s3 encryption")
    assert "docs.aws.amazon.com" in advice.text
    cannot = await play.say("scale my kubernetes deployment web to 5")
    assert "neither see nor scale deployments yet" in cannot.text
    unknown = await play.say("what does cordon mean")
    assert "I will not guess" in unknown.text
