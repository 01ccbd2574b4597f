"""Escher in Microsoft's own local Teams, the Agents Playground, in a real browser: what a person sees, types and presses.

The conversation behind it is of a few lines; whole stories are in `test_teams_stories`.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from blocks import adaptive
from blocks.components.actions import ActionId
from bot.teams.connector import Outgoing
from bot.teams.options import TeamsOptions
from tests.fakes.bot_connector import BotConnector
from tests.fakes.playground import NEEDED, PATIENCE, PERSON, ROOMS, Chat, Playground
from tests.fakes.teams_rig import DIGEST, PLAN, Rig, plan_card, running

HEADLINE = "Stop 5 dev EC2 instances"
SECONDS = PATIENCE / 1000

pytestmark = NEEDED


@pytest_asyncio.fixture(loop_scope="session")
async def rig(teams: Playground, tmp_path: Path) -> AsyncIterator[Rig]:
    """Run our surface where the Playground expects it."""
    options = TeamsOptions(playground=True, port=teams.endpoint_port)
    async with running(tmp_path, BotConnector(), options=options) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def chat(teams: Playground, rig: Rig) -> AsyncIterator[Chat]:
    """Sit down before an empty page."""
    del rig
    async with teams.chat() as made:
        yield made


@pytest.mark.parametrize("room", ROOMS)
async def test_a_plan_is_decided_in_every_kind_of_conversation(chat, rig, room):
    """Say it, see the card, reject it with a reason, ask again, approve: one card, edited in place each time."""
    await chat.enter(room)
    await chat.say(room, "plan to stop dev & <test>")
    card = chat.card(HEADLINE)
    await expect(card).to_contain_text("waiting for approval")
    (mention,) = await rig.hears(1, seconds=SECONDS)
    assert mention.text == "plan to stop dev & <test>"
    assert mention.principal.display == PERSON

    await chat.press(card, "Reject…")
    await card.locator("textarea").fill("freeze until Monday")
    await chat.press(card, "Reject")
    await expect(card).to_contain_text("freeze until Monday")
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    assert (await rig.hears(2, seconds=SECONDS))[1].inputs == {"reason": "freeze until Monday"}

    await chat.say(room, "plan it again", reply=room == "channel")
    await expect(card).to_contain_text("waiting for approval")
    await chat.press(card, "Approve")
    await expect(card).to_contain_text(re.compile("running", re.IGNORECASE))
    click = (await rig.hears(4, seconds=SECONDS))[3]
    assert (click.action, click.value) == (ActionId.APPROVE, {"plan_id": PLAN, "digest": DIGEST})
    assert click.principal == mention.principal
    await expect(card).to_have_count(1)


async def test_a_host_without_universal_actions_sends_the_same_press(chat, rig):
    """Where Action.Execute is not known its fallback, an Action.Submit, means the same."""
    await chat.enter("personal")
    await chat.say("personal", "hello")
    await expect(chat.card("you said: hello")).to_be_visible()
    shown = adaptive.render(plan_card())
    shown["actions"] = [action.get("fallback", action) for action in shown["actions"]]
    assert "Action.Submit" in {action["type"] for action in shown["actions"]}
    (thread,) = {event.thread for event in rig.heard}
    address = rig.client.addresses.of(thread.channel)
    await rig.client.connector.send(address, "", Outgoing(card=shown))
    await chat.press(chat.card("waiting for approval"), "Approve")
    click = (await rig.hears(2, seconds=SECONDS))[1]
    assert (click.action, click.value) == (ActionId.APPROVE, {"plan_id": PLAN, "digest": DIGEST})


async def test_a_private_answer_leaves_the_channel(chat, rig):
    """What is for one person's eyes appears in their personal chat and not in the channel."""
    await chat.enter("channel")
    await chat.say("channel", "whisper to me")
    await rig.hears(1, seconds=SECONDS)
    await chat.go("personal")
    await expect(chat.card("only for you")).to_be_visible()
    await chat.go("channel")
    await expect(chat.page.get_by_text("whisper to me").last).to_be_visible()
    await expect(chat.card("only for you")).to_have_count(0)
