"""Questions about money cut by region, team, account and two of them, on the whole house: asked, told, and asked on in the thread."""

import re
from collections import defaultdict

import pytest

from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("answers"), pytest.mark.filterwarnings("default")]
TITLE = re.compile(r"Spending by (?P<by>[\w ]+?) (?P<days>(?:on|in|from) [^:]+): \$(?P<amount>[\d,.]+)")
WHY_NOT_GCP = "Google Cloud tells costs only in its billing export to BigQuery"


@pytest.fixture(params=("terminal", "web"))
async def play(request, home, tmp_path):
    """Give the stage of one surface over the shared house."""
    async with stage(request.param, home, tmp_path) as opened:
        yield opened


def flat(text):
    """A text on one line, however wide the surface is."""
    return " ".join(text.split())


async def test_the_same_money_is_told_by_team_region_kind_account_and_two_at_once(play):
    """Whichever way a month is cut it comes to the same; what has no team is a row of its own, and so is a cloud without figures."""
    totals = defaultdict(set)
    for by, seen in {
        "team": ("platform", "payments", "no team tag"),
        "region": ("us-east-1", "eu-west-1", "westeurope"),
        "resource type": ("EC2 instances", "RDS instances", "virtual machines"),
        "account": ("prod", "staging", "corp"),
        "environment": ("prod", "no env tag"),
        "team and region": ("platform", "us-east-1"),
    }.items():
        said = await play.say(f"cost by {by} this month")
        assert all(word in said.text for word in seen), said.text
        assert WHY_NOT_GCP in flat(said.text)
        found = TITLE.search(flat(said.text))
        assert found, said.text
        totals[found["days"]].add(found["amount"])
    assert all(len(amounts) == 1 for amounts in totals.values()), totals


async def test_what_people_ask_about_costs_is_answered(play):
    """Each with its figures, none with "not told"."""
    for text, seen in {
        "what did each team spend last week": ("Team", "data", "no team tag"),
        "top 5 services in eu-west-1 last month": ("in eu-west-1 by service", "Elastic Compute Cloud"),
        "compare prod and dev spend this month": ("prod", "dev", "more than"),
        "what does RDS cost in us-east-1 per account": ("in us-east-1 by account", "prod"),
        "which day was the most expensive this month and why": ("The most expensive day",),
        "how much is untagged": ("has no team tag", "AmazonCloudWatch"),
        "azure cost by region": ("westus", "eastus"),
        "what did the payments team spend last week": ("Spending of team payments came to $",),
    }.items():
        said = await play.say(text)
        assert all(word in flat(said.text) for word in seen), said.text
        assert "not told" not in said.text
    grew = await play.say("which team's spend grew the most")
    assert "grew the most: +$" in flat(grew.text) or "grew nowhere" in grew.text
    month = await play.say("what will this month cost")
    assert "The rule is the mean day" in flat(month.text) or "at least three" in flat(month.text)


async def test_a_question_goes_on_in_its_thread(play):
    """Last week, then by team, then by region, then only production: each time of the same days."""
    days = TITLE.search(flat((await play.say("cost by service last week")).text))["days"]
    for text, by in {"and by team?": "team", "by region?": "region", "and by account?": "account"}.items():
        found = TITLE.search(flat((await play.say(text)).text))
        assert (found["by"], found["days"]) == (by, days)
    prod = await play.say("and prod?")
    assert "Spending on prod by account" in flat(prod.text)


async def test_what_no_bill_tells_is_said_with_the_reason(play):
    """One machine, three things at once, a cloud without a cost source, a region where nothing was spent."""
    machine = await play.say("what does web-dev-1 cost")
    assert "Bills do not tell money by single resources" in flat(machine.text)
    three = await play.say("cost by team, region and service")
    assert "two things at once at most" in flat(three.text)
    google = await play.say("gcp cost this month")
    assert "I cannot tell this spending" in flat(google.text)
    assert WHY_NOT_GCP in flat(google.text)
    nowhere = await play.say("cost in eu-north-1 this month")
    assert "Spending in eu-north-1 came to $0" in flat(nowhere.text)
