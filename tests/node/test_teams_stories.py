"""The stories in Microsoft's own local Teams: the production runner over the local clouds, asked and approved by a person in a browser.

They are the stories of every surface (`tests/flow`), told by the same functions. Not here, because the Playground has one person and
signs nothing: the wrong approver, two approvers, guests, forged requests; the strict connector has those.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.house import House
from tests.fakes.playground import NEEDED, Playground
from tests.fakes.playground_stage import PlaygroundStage
from tests.fakes.theatres import Theatre, in_playground, played
from tests.flow import test_edges as edges
from tests.flow import test_stories as stories

pytestmark = [*NEEDED, pytest.mark.filterwarnings("default")]

LIVE = "[approve](https://evil.example/) **now** <at>everyone</at> <img src=x onerror=alert(1)>"


@pytest_asyncio.fixture(loop_scope="session")
async def place(teams: Playground) -> AsyncIterator[Theatre]:
    """Sit down in the channel."""
    async with in_playground(teams, room="channel") as side:
        yield side


@pytest_asyncio.fixture(loop_scope="session")
async def channel(place: Theatre, home: House, tmp_path: Path) -> AsyncIterator[PlaygroundStage]:
    """Play in the channel of a team, where we are mentioned."""
    async with played(place, home, tmp_path) as play:
        yield play


@pytest_asyncio.fixture(loop_scope="session")
async def personal(teams: Playground, home: House, tmp_path: Path) -> AsyncIterator[PlaygroundStage]:
    """Play in the personal chat."""
    async with in_playground(teams, room="personal") as side, played(side, home, tmp_path) as play:
        yield play


async def test_stop_all_dev_instances_approve_result_undo(channel, home):
    """Mentioned in a channel: card, Approve, result, undo; two plans make two cards, each edited in place to its end."""
    await stories.test_stop_all_dev_instances_approve_result_undo(channel, home)
    greeting = await channel.count("Hello, I am Escher")
    assert len(await channel.chat.shown()) == greeting + 2


async def test_the_card_names_exactly_the_machines_it_would_stop_before_it_is_rejected(channel, home):
    """What does not fit the first look stands under Details; the reason typed into the card ends the plan."""
    card = await channel.say("stop all dev EC2 instances")
    await channel.press(card, "Details")
    opened = await channel.sees(card.plan_id, "digest")
    meant, others = set(), set()
    for one in stories.instances(home) + stories.instances(home, region="us-west-2"):
        tags = {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}
        running = one["State"]["Name"] == "running" and "dev" in {tags.get("env"), tags.get("Environment")}
        (meant if running else others).add(one["InstanceId"])
    assert {identity for identity in meant | others if identity in opened.text} == meant
    await stories.test_a_rejection_needs_a_reason_and_ends_the_plan(channel, home)


async def test_idle_machines_are_listed_and_those_can_be_stopped(personal, home):
    """The table says by which rule; "stop those" plans exactly its rows."""
    await stories.test_idle_machines_are_listed_with_rule_and_numbers_and_those_can_be_stopped(personal, home)


async def test_a_question_comes_back_and_its_answer_completes_the_request(personal):
    """One question, and what is typed next is its answer; its buttons would be too."""
    await stories.test_an_unscoped_request_is_asked_back_and_the_answer_completes_it(personal)
    question = await personal.say("stop the EC2 instances")
    await personal.press(question, "dev (")
    card = await personal.sees("Stop", "dev EC2 instances", "waiting for approval", "us-west-2")
    assert "web-prod-1" not in card.text


async def test_a_hostile_name_changes_nothing_and_is_only_text(personal, home):
    """A name that is an instruction, a link, a mention or a tag is read as it is written, and nothing else happens."""
    await stories.test_a_hostile_name_changes_nothing_and_pings_nobody(personal, home)
    tags = [{"Key": "Name", "Value": LIVE}, {"Key": "env", "Value": "dev"}, {"Key": "team", "Value": "vandals"}]
    made = stories.launch(home, tags)
    try:
        card = await personal.say("stop the EC2 instance tagged team=vandals in dev")
        assert made in card.text
        assert "evil.example" in card.text
        assert "onerror=alert(1)" in card.text
        shown = personal.chat.nth(card.handle)
        assert await shown.locator("a, img, strong, b, em").count() == 0
    finally:
        stories.ec2(home).terminate_instances(InstanceIds=[made])


async def test_the_morning_report_is_posted_into_the_channel(place, home, tmp_path):
    """02:00 comes: a post of its own in the channel, once; a runner that was off at 02:00 posts it after its start, once."""
    await edges.test_the_morning_report_comes_once_at_its_time_and_after_a_night_off(place, home, tmp_path)
