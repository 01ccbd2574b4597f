"""Escher's Slack surface against a strict Slack, through the real slack-bolt and slack_sdk, in both modes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from blocks.components import (
    ActionId,
    ChatMessage,
    Confirmation,
    DecisionLine,
    ExecutionPlanCard,
    Person,
    Risk,
    SettingsCard,
    State,
    StatusGroup,
    StatusLine,
    line,
    plan_actions,
)
from blocks.components.vocabulary import RiskLevel, Verdict
from bot.inbox import Inbox
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.outbox import Outbox
from bot.platform import Busy, Gone, Rejected, Unreachable
from bot.slack.client import SlackClient
from bot.slack.listener import SlackListener
from bot.slack.manifest import SCOPES, manifest
from bot.slack.options import SlackMisconfigured, SlackOptions
from bot.slack.words import typed
from engine.clock import system_clock
from engine.principal import Principal, Standing
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from engine.tasks import spawn
from tests.fakes.slack.callbacks import sign
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import MINIMAL_SCOPES

PLAN = "p-7f3a9k2m"
DIGEST = "d" * 64
NOTHING_TO_TYPE = Confirmation()
NOON = datetime(2031, 3, 1, 12, 0, tzinfo=UTC)


def plan_card(*, state=State.WAITING, confirm=NOTHING_TO_TYPE, by=""):
    """Return a plan as the conversation would show it."""
    decided = (
        (DecisionLine(person=Person(principal=by, name="someone"), verdict=Verdict.APPROVED, at=NOON),) if by else ()
    )
    return ExecutionPlanCard(
        headline=line("Stop 5 dev EC2 instances"),
        state=state,
        plan_id=PLAN,
        digest=DIGEST,
        requester=Person(principal="slack:T0ACME:U0ALICE", name="alice"),
        risk=Risk(level=RiskLevel.LOW, reasons=("dev only",)),
        decisions=decided,
        confirm=confirm,
        actions=plan_actions(PLAN, DIGEST, confirmation=confirm) if state is State.WAITING else (),
    )


def words(text):
    """Return a plain message."""
    return ChatMessage(paragraphs=(line(text),))


class Echo:
    """A conversation of a dozen lines: a mention gets a plan card, a press edits it; everything is noted."""

    def __init__(self, outbox, confirm):
        self.outbox = outbox
        self.confirm = confirm
        self.heard: list[Mention | Click] = []
        self.news = asyncio.Condition()

    async def __call__(self, event):
        """Handle one event."""
        async with self.news:
            self.heard.append(event)
            self.news.notify_all()
        if event.principal.standing is not Standing.MEMBER:
            await self.outbox.whisper(event.principal, event.thread, words(f"not for a {event.principal.standing}"))
        elif isinstance(event, Click):
            await self.outbox.show(event.thread, plan_card(state=State.RUNNING, by=event.principal.id), card=PLAN)
        elif "plan" in event.text:
            await self.outbox.show(event.thread, plan_card(confirm=self.confirm), card=PLAN)
        else:
            await self.outbox.show(event.thread, words(f"you said: {event.text}"))


class Rig:
    """A running Slack surface with its record on disk."""

    def __init__(self, slack, listener, client, inbox, echo, record):
        self.slack, self.listener, self.client = slack, listener, client
        self.inbox, self.echo, self.record = inbox, echo, record

    @property
    def heard(self):
        """What reached the conversation."""
        return self.echo.heard

    async def hears(self, count, seconds=5.0):
        """Wait until the conversation heard `count` events; return them."""
        async with asyncio.timeout(seconds), self.echo.news:
            await self.echo.news.wait_for(lambda: len(self.heard) >= count)
        return self.heard


async def home_view(principal):
    """Say what the Home tab shows."""
    row = StatusLine(label="Slack", value=line("connected"))
    return SettingsCard(
        headline=line(f"Hello {principal.display}"), groups=(StatusGroup(title="Surfaces", lines=(row,)),)
    )


@asynccontextmanager
async def running(tmp_path, slack, *, mode="socket", confirm=NOTHING_TO_TYPE, stored=None) -> AsyncIterator[Rig]:
    """Run the surface against a Slack."""
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    if not (tmp_path / "keys" / "master").exists():
        master.create()
    record = open_record(Database.in_directory(tmp_path / "data"), master, system_clock)
    options = SlackOptions(
        bot_token=slack.bot_token,
        app_token=slack.app_token if mode == "socket" else "",
        signing_secret=slack.signing_secret if mode == "http" else "",
        mode=mode,
        base_url=slack.api_url,
        port=0,
    )
    client = SlackClient(options, stored=stored)
    inbox = Inbox(record.inbox)
    listener = SlackListener(options, client=client, inbox=inbox, clock=system_clock, home=home_view)
    await listener.start()
    if mode == "http":
        slack.call_at(f"http://127.0.0.1:{listener.port}/slack/events")
    else:
        assert await slack.connected(2)
    outbox = Outbox(record.outbox, record.cards, {Surface.SLACK: client}, system_clock)
    echo = Echo(outbox, confirm)
    inbox.start(listener.introduce(echo))
    sending = spawn(outbox.run(), name="outbox")
    try:
        yield Rig(slack, listener, client, inbox, echo, record)
    finally:
        inbox.stop()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await listener.stop()
        record.close()


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


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_what_is_sent_twice_is_heard_once(slack, tmp_path, mode):
    """An event and a press repeated under retry number 0 are acknowledged each time and handled once."""
    async with running(tmp_path, slack, mode=mode) as rig:
        await slack.says("U0ALICE", "@escher plan")
        card = await slack.sees("C0OPS", "Stop 5")
        press = await (await slack.clicks("U0BOB", card, "Approve")).finished()
        await slack.sees("C0OPS", "running")
        now = slack.state.clock()
        slack.state.clock = lambda: now + 1  # a retry is signed anew, with its own time
        for delivery in (slack.deliveries[0], press, slack.deliveries[0], press):
            assert (await slack.repeat(delivery)).failure == ""
            now += 1
        await asyncio.sleep(0.1)
        assert [type(event) for event in rig.heard] == [Mention, Click]


async def test_an_edited_mention_is_not_a_second_request(rig, slack):
    """Correcting a typo in one's message does not run it again."""
    message = await slack.says("U0ALICE", "@escher hello")
    await slack.sees("C0OPS", "you said")
    await slack.edits("U0ALICE", message, "@escher hello!")
    assert (await slack.deliveries[-1].finished()).acknowledged
    await asyncio.sleep(0.05)
    assert len(rig.heard) == 1


async def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(rig, slack, monkeypatch):
    """While the record cannot be written nothing is acknowledged; Slack's retry brings the event back."""
    accept = rig.record.inbox.accept
    failures = iter([True])

    def broken(*args, **kwargs):
        if next(failures, False):
            raise OSError("disk full")
        return accept(*args, **kwargs)

    monkeypatch.setattr(rig.record.inbox, "accept", broken)
    slack._ack_seconds = 0.3
    await slack.says("U0ALICE", "@escher hello")
    delivery = await slack.deliveries[-1].finished()
    assert (delivery.acknowledged, delivery.attempts) == (True, 2)
    assert [event.text for event in await rig.hears(1)] == ["hello"]


async def test_the_acknowledgement_waits_for_no_call_to_slack(rig, slack):
    """With the Web API refusing everything, events are still kept and acknowledged at once."""
    slack.state.tokens.clear()
    await slack.says("U0ALICE", "@escher hello")
    delivery = await slack.deliveries[-1].finished()
    assert delivery.acknowledged
    assert delivery.ack_seconds < 0.5
    assert rig.heard == []


async def test_a_killed_connection_is_back_within_five_seconds_and_nothing_is_lost(rig, slack):
    """Both connections are cut; presses and mentions made meanwhile arrive, each once."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    slack.sockets.kill()
    started = time.monotonic()
    await slack.says("U0ALICE", "@escher hello")
    assert await slack.connected(2, seconds=5)
    assert time.monotonic() - started < 5
    assert (await (await slack.clicks("U0BOB", card, "Approve")).finished()).acknowledged
    await slack.deliveries[1].finished()
    if not slack.deliveries[1].acknowledged:
        slack.send(slack.deliveries[1].kind, slack.deliveries[1].payload)
    await rig.hears(3)
    assert sorted(type(event).__name__ for event in rig.heard) == ["Click", "Mention", "Mention"]


@pytest.mark.usefixtures("rig")
async def test_one_killed_connection_loses_no_press(slack):
    """With two connections, a press right after one was cut is taken over the other."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    assert slack.sockets.kill(1) == 1
    assert (await (await slack.clicks("U0BOB", card, "Approve")).finished()).acknowledged
    await slack.sees("C0OPS", "running")


async def test_a_refresh_is_survived(rig, slack):
    """When Slack announces the end of both connections, their successors are open before they are closed."""
    before = slack.sockets.connected_ever
    await slack.sockets.disconnect("refresh_requested")
    assert await slack.state.until(lambda: slack.sockets.connected_ever >= before + 2, 5)
    assert len(slack.sockets.open) > 2
    await slack.says("U0ALICE", "@escher hello")
    await slack.sees("C0OPS", "you said: hello")
    assert await slack.state.until(lambda: len(slack.sockets.open) == 2, 3)
    assert await rig.listener.alive() == 2


@pytest.mark.parametrize(
    ("user", "channel", "standing", "identity"),
    [
        ("U0GUEST", "C0OPS", Standing.GUEST, "slack:T0ACME:U0GUEST"),
        ("U0EXTERN", "C0SHARED", Standing.EXTERNAL, "slack:T0PARTNER:U0EXTERN"),
        ("U0ROBOT", "C0OPS", Standing.BOT, "slack:T0ACME:U0ROBOT"),
        ("U0OWNER", "C0OPS", Standing.MEMBER, "slack:T0ACME:U0OWNER"),
    ],
)
async def test_who_asks_is_stated_as_slack_states_it(rig, slack, user, channel, standing, identity):
    """Guests, people of another workspace and bots are named as such; an owner is a member like any other."""
    await slack.says(user, "@escher hello", channel)
    principal = (await rig.hears(1))[0].principal
    assert (principal.standing, principal.id) == (standing, identity)


@pytest.mark.usefixtures("rig")
async def test_a_guest_who_presses_is_named_a_guest(slack):
    """The press of a guest arrives as a guest's, and the answer is for the guest alone."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    await slack.clicks("U0GUEST", card, "Approve")
    answer = await slack.sees("C0OPS", "not for a guest", seen_by="U0GUEST")
    assert answer.ephemeral_to == "U0GUEST"
    assert card.buttons()


async def test_a_renamed_person_stays_the_same_principal(rig, slack):
    """The display name is looked up and shown; the identity does not contain it."""
    slack.state.workspace.users["U0BOB"].name = "olga"
    await slack.says("U0BOB", "@escher hello")
    principal = (await rig.hears(1))[0].principal
    assert (principal.id, principal.display) == ("slack:T0ACME:U0BOB", "olga")


async def test_people_are_looked_up_once(rig, slack):
    """Five messages of one person cost one users.info, and nobody is ever listed."""
    for number in range(5):
        await slack.says("U0ALICE", f"@escher hello {number}")
    await rig.hears(5)
    assert len(slack.calls("users.info")) == 1
    assert not [call for call in slack.state.calls if call.method.endswith(".list")]


@pytest.mark.usefixtures("rig")
async def test_rate_limits_delay_and_lose_nothing(slack):
    """429 on a look-up is waited out; 429 on a post reaches the outbox, which sends the card later."""
    slack.state.pacing.refuse_next("users.info", 1)
    slack.state.pacing.refuse_next("chat.postMessage", 1)
    await slack.says("U0ALICE", "@escher hello")
    await slack.sees("C0OPS", "you said: hello", seconds=8)
    assert [call.answer["ok"] for call in slack.calls("chat.postMessage")] == [False, True]
    assert [call.answer["ok"] for call in slack.calls("users.info")] == [False, True]


@pytest.mark.usefixtures("rig")
async def test_a_burst_stays_inside_slacks_pace(slack):
    """Four answers in one channel go out a second apart, so that Slack refuses none."""
    for number in range(4):
        await slack.says("U0ALICE", f"@escher hello {number}")
    for number in range(4):
        await slack.sees("C0OPS", f"you said: hello {number}", seconds=8)
    assert all(call.answer["ok"] for call in slack.calls("chat.postMessage"))


@pytest.mark.parametrize(
    ("thread", "raised"),
    [
        (ThreadRef(surface=Surface.SLACK, channel="C0OLD"), Gone),
        (ThreadRef(surface=Surface.SLACK, channel="C0RANDOM"), Gone),
        (ThreadRef(surface=Surface.SLACK, channel="C0OPS", thread="1.000001"), Gone),
    ],
)
async def test_a_place_that_cannot_be_written_is_gone(rig, thread, raised):
    """Archived channels, channels without the bot and threads that do not exist are not retried."""
    with pytest.raises(raised):
        await rig.client.post(thread, words("hello"))


async def test_the_port_names_each_failure(rig, slack):
    """Wait, broken, gone and refused are four different exceptions."""
    ops = ThreadRef(surface=Surface.SLACK, channel="C0OPS")
    slack.state.pacing.refuse_next("chat.postMessage", 1, retry_after=7)
    with pytest.raises(Busy) as busy:
        await rig.client.post(ops, words("hello"))
    assert busy.value.retry_after == 7
    with pytest.raises(Gone):
        await rig.client.update(MessageRef(thread=ops, message="1.000001"), words("hello"), revision=1)
    with pytest.raises(Rejected):
        await rig.client.upload(ops, filename="empty.txt", content=b"", title="Nothing")
    slack.state.tokens.clear()
    with pytest.raises(Unreachable):
        await rig.client.post(ops, words("hello"))


async def test_a_card_whose_blocks_are_refused_arrives_as_text(rig, slack, monkeypatch):
    """Should Slack refuse our blocks, the plain text, enough to act on, is sent instead."""
    monkeypatch.setattr(
        "blocks.slack.render", lambda _component, revision=0: [{"type": "novelty", "block_id": str(revision)}]
    )
    await rig.client.post(ThreadRef(surface=Surface.SLACK, channel="C0OPS"), plan_card())
    assert f"approve {PLAN}" in slack.messages("C0OPS")[0].plain


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


def mention_body(*, team="T0ACME", text="<@U0ESCHER> hello"):
    """Return the JSON of a mention that Slack never sent."""
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": team,
            "api_app_id": "A0ESCHER",
            "event_id": "Ev0FORGED",
            "event": {
                "type": "app_mention",
                "user": "U0OWNER",
                "channel": "C0OPS",
                "ts": "1800000000.000001",
                "text": text,
            },
        }
    ).encode()


def headers(slack, body, *, secret=None, age=0, kind="application/json", **changes):
    """Return request headers, signed with a secret."""
    timestamp = int(time.time()) - age
    signed = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": sign(secret or slack.signing_secret, timestamp, body),
    }
    return {name: value for name, value in {**signed, **changes}.items() if value is not None}


def forgeries(slack):
    """Yield (name, body, headers) of requests that must not count."""
    body = mention_body()
    now = str(int(time.time()))
    click = urlencode(
        {"payload": json.dumps({"type": "block_actions", "team": {"id": "T0ACME"}, "user": {"id": "U0OWNER"}})}
    ).encode()
    form = "application/x-www-form-urlencoded"
    return [
        ("wrong secret", body, headers(slack, body, secret="guess")),
        ("empty secret", body, headers(slack, body, secret=" ")),
        ("no signature", body, headers(slack, body, **{"X-Slack-Signature": None})),
        ("empty signature", body, headers(slack, body, **{"X-Slack-Signature": ""})),
        ("no timestamp", body, headers(slack, body, **{"X-Slack-Request-Timestamp": None})),
        ("text as timestamp", body, headers(slack, body, **{"X-Slack-Request-Timestamp": "now"})),
        ("too old", body, headers(slack, body, age=301)),
        ("from the future", body, headers(slack, body, age=-301)),
        ("other timestamp", body, headers(slack, body, age=60, **{"X-Slack-Request-Timestamp": now})),
        ("changed body", body.replace(b"hello", b"approve"), headers(slack, body)),
        ("other version", body, headers(slack, body, **{"X-Slack-Signature": "v1=" + "0" * 64})),
        (
            "signature cut short",
            body,
            headers(slack, body, **{"X-Slack-Signature": headers(slack, body)["X-Slack-Signature"][:20]}),
        ),
        ("form with a wrong signature", click, headers(slack, click, secret="guess", kind=form)),
        ("ssl_check shortcut", b"ssl_check=1&token=x", headers(slack, b"", secret="guess", kind=form)),
        (
            "unsigned url_verification",
            b'{"type":"url_verification","challenge":"c"}',
            headers(slack, b"", secret="guess"),
        ),
    ]


async def test_forged_requests_are_refused(slack, tmp_path):
    """In HTTP mode nothing counts without a fresh signature over exactly this body."""
    async with running(tmp_path, slack, mode="http") as rig:
        for name, body, forged in forgeries(slack):
            outcome = await slack.forge(body, forged)
            assert outcome.failure == "http_error 401", name
        await asyncio.sleep(0.05)
        assert rig.heard == []


async def test_a_replayed_request_is_refused_inside_the_window(slack, tmp_path):
    """The same signed request works once, also after a restart: seen signatures are in the record."""
    body = mention_body()
    signed = headers(slack, body)
    async with running(tmp_path, slack, mode="http") as rig:
        assert (await slack.forge(body, signed)).failure == ""
        assert (await slack.forge(body, signed)).failure == "http_error 401"
        assert len(await rig.hears(1)) == 1
    async with running(tmp_path, slack, mode="http"):
        assert (await slack.forge(body, signed)).failure == "http_error 401"


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_another_workspace_is_not_heard(slack, tmp_path, mode):
    """A payload for another workspace changes nothing, even when it is signed well."""
    async with running(tmp_path, slack, mode=mode) as rig:
        payload = json.loads(mention_body(team="T0EVIL"))
        await slack.send("events_api", payload).finished()
        press = {
            "type": "block_actions",
            "team": {"id": "T0EVIL"},
            "user": {"id": "U0OWNER", "team_id": "T0EVIL"},
            "actions": [],
        }
        await slack.send("interactive", press).finished()
        await asyncio.sleep(0.05)
        assert rig.heard == []


async def test_a_button_that_is_none_of_ours_is_dropped(rig, slack):
    """Unknown actions, values that are no ids and foreign dialogs are acknowledged and go nowhere."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    for change in (
        {"action_id": "rm -rf"},
        {"value": "[1,2]"},
        {"value": "{"},
        {"value": json.dumps({"plan_id": "x" * 700})},
    ):
        press = await slack.clicks("U0BOB", card, "Approve")
        press.payload["actions"][0] |= change
        assert (await press.finished()).acknowledged
    await asyncio.sleep(0.05)
    assert len(rig.heard) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mode": "http", "signing_secret": ""}, "slack.signing_secret"),
        ({"mode": "http", "signing_secret": "  "}, "slack.signing_secret"),
        ({"bot_token": ""}, "slack.bot_token"),
        ({"bot_token": "xapp-1"}, "slack.bot_token"),
        ({"app_token": ""}, "slack.app_token"),
        ({"app_token": "xoxb-1"}, "slack.app_token"),
        ({"mode": "rtm"}, "slack.mode"),
        ({"base_url": "https://slack.example/api/"}, "slack.base_url"),
        ({"base_url": "http://127.0.0.1.evil.example/api/"}, "slack.base_url"),
    ],
)
def test_settings_that_cannot_work_refuse_to_start(change, named):
    """An empty signing secret in HTTP mode, wrong tokens and foreign endpoints are refused by name."""
    with pytest.raises(SlackMisconfigured, match=named):
        SlackOptions(**{"bot_token": "xoxb-1", "app_token": "xapp-1", **change})


@pytest.mark.parametrize("which", ["bot_token", "app_token"])
async def test_a_token_that_slack_does_not_take_is_named_at_start(slack, which):
    """A revoked token stops the start with the setting to mend."""
    good = {"bot_token": slack.bot_token, "app_token": slack.app_token}
    options = SlackOptions(**{**good, which: good[which] + "-revoked"}, base_url=slack.api_url)
    client = SlackClient(options)
    listener = SlackListener(options, client=client, inbox=Inbox(None), clock=system_clock)
    with pytest.raises(SlackMisconfigured, match=f"slack.{which}"):
        await listener.start()
    await listener.stop()


def test_secrets_are_not_shown_by_the_options():
    """The options can be logged."""
    options = SlackOptions(bot_token="xoxb-secret", app_token="xapp-secret", signing_secret="hush")
    assert "secret'" not in repr(options)
    assert "hush" not in repr(options)


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
        ("x" * 5000, "x" * 4000),
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
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.acme.example/slack/events"
    with pytest.raises(ValueError, match="https"):
        manifest(mode="http", request_url="http://bot.acme.example/slack/events")
