"""Escher's Slack surface against a strict Slack, through the real slack-bolt and slack_sdk, in both modes."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from blocks.components import (
    ActionId,
    Confirmation,
)
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.slack.manifest import SCOPES, manifest
from bot.slack.words import typed
from engine.principal import Principal
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import MINIMAL_SCOPES
from tests.fakes.slack_rig import DIGEST, PLAN, Rig, plan_card, running, words


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Give a Slack whose retries come soon."""
    async with FakeSlack(retry_delays=(0.0, 0.2, 0.5)) as server:
        yield server


@pytest.fixture
async def rig(slack, tmp_path) -> AsyncIterator[Rig]:
    """Give the surface in Socket Mode."""
    async with running(tmp_path, slack) as started:
        yield started


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_mention_becomes_a_card_and_a_press_edits_it(slack, tmp_path, mode):
    """Mention → card in its thread → press by a second person → the same card, edited, without buttons."""
    async with running(tmp_path, slack, mode=mode) as rig:
        asked = await slack.says("U0ALICE", "@escher plan to stop dev & <test>", "C0OPS")
        card = await slack.sees("C0OPS", "Stop 5 dev EC2 instances")
        assert card.thread_ts == asked.ts
        mention = rig.heard[0]
        assert (mention.principal.id, mention.principal.display) == ("slack:T0ACME:U0ALICE", "alice")
        assert mention.text == "plan to stop dev & <test>"

        pressed = await (await slack.clicks("U0BOB", card, "Approve")).finished()
        assert pressed.acknowledged
        assert pressed.ack_seconds < 1.0
        edited = await slack.sees("C0OPS", "running")
        assert edited is card
        assert (len(card.history), card.buttons()) == (2, [])
        click = rig.heard[1]
        assert (click.principal.id, click.action) == ("slack:T0ACME:U0BOB", ActionId.APPROVE)
        assert click.value == {"plan_id": PLAN, "digest": DIGEST}
        assert click.message == MessageRef(thread=mention.thread, message=card.ts)
        assert slack.state.warnings == []


@pytest.mark.usefixtures("rig")
async def test_the_blocks_of_an_edit_have_new_ids(slack):
    """Slack wants new block ids at each edit."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    await slack.clicks("U0BOB", card, "Approve")
    await slack.sees("C0OPS", "running")
    first, second = ({block["block_id"] for block in version.blocks} for version in card.history)
    assert not first & second


async def test_a_direct_conversation_needs_no_mention_and_does_not_hear_itself(rig, slack):
    """A direct message is answered beside it, in one ongoing thread; our own messages and edits there start nothing."""
    await slack.says("U0ALICE", "plan for me", "im")
    card = await slack.sees("D0ALICE", "Stop 5 dev")
    assert (card.thread_ts, rig.heard[0].thread.thread) == (None, "")
    await slack.clicks("U0ALICE", card, "Approve")
    await slack.sees("D0ALICE", "running")
    await asyncio.gather(*(delivery.finished() for delivery in slack.deliveries))
    assert [type(event) for event in rig.heard] == [Mention, Click]
    assert rig.heard[0].thread == rig.heard[1].thread


async def test_a_thread_is_one_conversation(rig, slack):
    """A second mention in the thread of the first belongs to the same thread."""
    first = await slack.says("U0ALICE", "@escher hello")
    await slack.sees("C0OPS", "you said: hello")
    await slack.says("U0BOB", "and now @escher again", thread_ts=first.ts)
    await slack.sees("C0OPS", "you said: and now again")
    assert rig.heard[0].thread == rig.heard[1].thread


async def test_the_command_is_a_mention(rig, slack):
    """`/escher pending` is heard as `pending`, an empty one as `help`."""
    assert (await (await slack.commands("U0ALICE", "/escher pending")).finished()).acknowledged
    await slack.commands("U0ALICE", "/escher")
    heard = await rig.hears(2)
    assert [event.text for event in heard] == ["pending", "help"]
    assert heard[0].thread == ThreadRef(surface=Surface.SLACK, channel="C0OPS", workspace="T0ACME")


@pytest.mark.usefixtures("rig")
async def test_a_command_where_we_are_not_invited_says_so(slack):
    """In a channel without the bot the asker is told privately to invite it."""
    await slack.commands("U0ALICE", "/escher hello", "C0RANDOM")
    door = await slack.sees("C0RANDOM", "/invite", seen_by="U0ALICE")
    assert door.ephemeral_to == "U0ALICE"


async def test_rejecting_asks_why_in_a_dialog(rig, slack):
    """Reject opens a modal within the trigger's three seconds; its reason comes back with the press, once."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    await slack.clicks("U0BOB", card, "Reject…")
    view = await slack.sees_modal("U0BOB")
    with pytest.raises(ValueError, match="Why not"):
        await slack.submits("U0BOB", view, {})
    delivery = await slack.submits("U0BOB", view, {"reason": "not on a Friday"})
    await slack.repeat(delivery)
    await rig.hears(2)
    await asyncio.sleep(0.05)
    assert [type(event) for event in rig.heard] == [Mention, Click]
    click = rig.heard[1]
    assert (click.action, click.inputs, click.value["plan_id"]) == ("reject", {"reason": "not on a Friday"}, PLAN)
    assert (click.message.message, view.open) == (card.ts, False)


async def test_a_dangerous_plan_is_approved_by_typing_the_count(slack, tmp_path):
    """Approve opens a modal that asks for the count; what was typed comes back for the engine to judge."""
    async with running(tmp_path, slack, confirm=Confirmation(kind="count", expected="5")) as rig:
        await slack.says("U0ALICE", "@escher plan")
        card = await slack.sees("C0OPS", "Stop 5")
        await slack.clicks("U0BOB", card, "Approve")
        view = await slack.sees_modal("U0BOB")
        assert rig.heard[1:] == []
        await slack.submits("U0BOB", view, {"count": "5"})
        click = (await rig.hears(2))[1]
        assert (click.action, click.inputs) == ("approve", {"count": "5"})


async def test_a_new_process_still_asks_why(slack, tmp_path):
    """After a restart the card is not remembered; Reject asks why all the same, from what the button carries."""
    async with running(tmp_path, slack):
        await slack.says("U0ALICE", "@escher plan")
        card = await slack.sees("C0OPS", "Stop 5")
    async with running(tmp_path, slack) as rig:
        await slack.clicks("U0BOB", card, "Reject…")
        view = await slack.sees_modal("U0BOB")
        await slack.submits("U0BOB", view, {"reason": "no"})
        assert (await rig.hears(1))[0].value == {"plan_id": PLAN, "digest": DIGEST}


async def test_a_new_process_finds_the_confirmation_in_the_record(slack, tmp_path):
    """With the record at hand, a press after a restart asks for the same typed confirmation as before it."""
    asks = Confirmation(kind="count", expected="5")
    async with running(tmp_path, slack, confirm=asks):
        await slack.says("U0ALICE", "@escher plan")
        card = await slack.sees("C0OPS", "Stop 5")
    cards = {("C0OPS", card.ts): plan_card(confirm=asks)}
    async with running(tmp_path, slack, stored=lambda channel, ts: cards.get((channel, ts))):
        await slack.clicks("U0BOB", card, "Approve")
        assert "Type the number" in (await slack.sees_modal("U0BOB")).content["blocks"][1]["label"]["text"]


async def test_a_private_answer_finds_its_way(rig, slack):
    """It is ephemeral in the thread, and a direct message where that is impossible."""
    alice = Principal(id="slack:T0ACME:U0ALICE")
    parent = await slack.says("U0ALICE", "hello")
    await rig.client.reply_privately(
        alice, ThreadRef(surface=Surface.SLACK, channel="C0OPS", thread=parent.ts), words("psst")
    )
    assert slack.messages("C0OPS", seen_by="U0ALICE")[0].thread_ts == parent.ts
    assert slack.messages("C0OPS", seen_by="U0BOB") == []
    await rig.client.reply_privately(alice, ThreadRef(surface=Surface.SLACK, channel="C0RANDOM"), words("over here"))
    await slack.sees("U0ALICE", "over here")


async def test_a_card_posted_to_a_person_can_be_edited(rig, slack):
    """A user id as channel opens the direct conversation; the reference still leads to the card."""
    ref = await rig.client.post(ThreadRef(surface=Surface.SLACK, channel="U0ALICE"), words("one"))
    await rig.client.update(ref, words("two"), revision=1)
    assert [version.plain for version in slack.messages("U0ALICE")[0].history] == ["one", "two"]


async def test_long_output_is_shared_as_a_file(rig, slack):
    """A file goes through the external upload into the thread, whole."""
    parent = await slack.says("U0ALICE", "hello")
    thread = ThreadRef(surface=Surface.SLACK, channel="C0OPS", thread=parent.ts)
    await rig.client.upload(thread, filename="log.txt", content=b"line\n" * 1000, title="Log of p-7f3a")
    message = slack.messages("C0OPS")[0]
    assert (message.files[0]["title"], message.thread_ts) == ("Log of p-7f3a", parent.ts)
    assert next(iter(slack.state.uploads.values())).content == b"line\n" * 1000


@pytest.mark.usefixtures("rig")
async def test_the_home_tab_is_drawn_for_who_opens_it(slack):
    """Opening the Home tab publishes it; opening the Messages tab does not."""
    await slack.opens_home("U0BOB", tab="messages")
    await slack.opens_home("U0ALICE")
    assert await slack.state.until(lambda: "U0ALICE" in slack.state.homes, 3)
    assert "Hello alice" in json.dumps(slack.state.homes["U0ALICE"].content)
    assert "U0BOB" not in slack.state.homes


async def test_a_press_on_the_home_tab_is_answered_in_the_direct_conversation(rig, slack):
    """The Home tab has no channel; what is pressed there belongs to the direct conversation."""
    await slack.opens_home("U0ALICE")
    assert await slack.state.until(lambda: "U0ALICE" in slack.state.homes, 3)
    await slack.clicks_home("U0ALICE", "Sync now")
    click = (await rig.hears(1))[0]
    assert (click.action, click.value, click.message) == ("sync", {"scope": "all"}, None)
    assert click.thread.channel == "U0ALICE"
    await slack.sees("U0ALICE", "running")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<@U0ESCHER> stop web-1", "stop web-1"),
        ("please <@U0ESCHER> stop", "please stop"),
        ("<@U0ESCHER> &lt;!channel&gt; &amp;amp;", "<!channel> &amp;"),
        (
            "<http://api.example.com|api.example.com> and <https://x.example/a>",
            "api.example.com and https://x.example/a",
        ),
        ("<mailto:a@b.com|a@b.com> <#C1|ops> <!here> <!subteam^S1|@oncall>", "a@b.com #ops @here @oncall"),
        ("ask <@U0BOB> \u201cnow\u201d", 'ask <@U0BOB> "now"'),
        ("x" * 5000, "x" * 5000),
    ],
)
def test_markup_becomes_what_was_typed(text, plain):
    """Mentions of us vanish, links and entities become the words people typed."""
    assert typed(text, bot_user="U0ESCHER") == plain


def test_the_manifest_asks_for_the_least():
    """Scopes are the minimal ones, no history of channels; each mode says how Slack reaches us."""
    assert sorted(SCOPES) == sorted(MINIMAL_SCOPES)
    socket = manifest()
    assert socket["settings"]["socket_mode_enabled"] is True
    assert not [scope for scope in socket["oauth_config"]["scopes"]["bot"] if "channels" in scope or "admin" in scope]
    http = manifest(mode="http", request_url="https://bot.acme.example/slack/events")
    assert http == manifest(mode="http", request_url="https://bot.acme.example/")
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.acme.example/slack/events"
    with pytest.raises(ValueError, match="https"):
        manifest(mode="http", request_url="http://bot.acme.example/slack/events")


async def test_hostile_names_notify_nobody(rig, slack):
    """A resource called like a mention, a link or an entity is shown and stays dead, in the blocks and in the text."""
    names = "<!channel> <@U0OWNER> <https://evil.example|click> &lt;!here&gt; <!subteam^S1>"
    await rig.client.post(ThreadRef(surface=Surface.SLACK, channel="C0OPS"), words(names))
    message = slack.messages("C0OPS")[0]
    assert message.live == []
    assert "channel" in message.plain
