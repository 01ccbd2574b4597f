"""Escher's Teams surface against a strict connector, through the real botbuilder-core."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from blocks.components import ActionId, LogOutputCard, State, line
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.platform import Busy, Gone, Rejected, Unreachable
from bot.teams.addresses import Addresses
from bot.teams.client import TeamsClient
from bot.teams.words import typed
from engine.principal import Principal, Standing
from tests.fakes.bot_connector import TENANT, BotConnector
from tests.fakes.patience import PATIENCE
from tests.fakes.teams_rig import DIGEST, PLAN, Rig, connected, plan_card, running, words

ADA = f"teams:{TENANT}:ada-object"
PERSONAL = ThreadRef(surface=Surface.TEAMS, channel="a:chat", workspace=TENANT)
BOB = {"id": "29:bob", "name": "Bob", "aadObjectId": "bob-object"}


@pytest.fixture
async def connector() -> AsyncIterator[BotConnector]:
    """Give a connector that wants our token."""
    async with connected() as server:
        yield server


@pytest.fixture
async def rig(connector, tmp_path) -> AsyncIterator[Rig]:
    """Give the surface as in production."""
    async with running(tmp_path, connector) as started:
        yield started


@pytest.mark.parametrize("execute", [True, False], ids=["Action.Execute", "Action.Submit"])
async def test_a_mention_in_a_channel_becomes_a_card_and_a_press_edits_it(connector, rig, execute):
    """Mention → card in its thread → press by a second person → the same card, edited, without buttons."""
    await rig.post(rig.in_channel("plan to stop dev & <test>"))
    card = await connector.sees("Stop 5 dev EC2 instances")
    assert card.conversation == "19:ops@thread.tacv2;messageid=1600000000001"
    mention = rig.heard[0]
    assert isinstance(mention, Mention)
    assert mention.text == "plan to stop dev & <test>"
    assert mention.principal == Principal(id=ADA, display="Ada")
    where = ThreadRef(surface=Surface.TEAMS, channel="19:ops@thread.tacv2", thread="1600000000001", workspace=TENANT)
    assert mention.thread == where

    answer = await rig.post(rig.press(card, execute=execute) | {"from": BOB})
    assert answer.status_code == 200
    if execute:
        assert answer.json()["statusCode"] == 200
        assert answer.json()["type"] == "application/vnd.microsoft.activity.message"
    edited = await connector.sees("running")
    assert edited is card
    assert "actions" not in (edited.card or {})
    click = rig.heard[1]
    assert isinstance(click, Click)
    assert (click.action, click.value) == (ActionId.APPROVE, {"plan_id": PLAN, "digest": DIGEST})
    assert (click.principal.id, click.principal.standing) == (f"teams:{TENANT}:bob-object", Standing.MEMBER)
    assert click.message == MessageRef(thread=where, message=card.id)
    assert connector.faults == []


async def test_a_rejection_brings_its_reason(connector, rig):
    """What was typed beside the button arrives with the press and nothing else does."""
    await rig.says("plan")
    card = await connector.sees("Stop 5 dev EC2 instances")
    await rig.post(rig.press(card, "reject", reason="freeze until Monday", msteams="x", other="y"))
    await connector.sees("freeze until Monday")
    assert rig.heard[1].inputs == {"reason": "freeze until Monday"}


async def test_a_delivery_that_is_repeated_counts_once(connector, rig):
    """Fifty deliveries of one message and of one press are one event each, and all are acknowledged."""
    message = rig.activity(text="plan")
    answers = await asyncio.gather(*(rig.post(message) for _ in range(50)))
    card = await connector.sees("Stop 5 dev EC2 instances")
    press = rig.press(card)
    answers += await asyncio.gather(*(rig.post(press) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    await connector.sees("running")
    assert len(rig.heard) == 2


async def test_what_was_acknowledged_survives_a_restart(connector, tmp_path):
    """An event whose runner died before it was handled is handled by the next one, which also knows where to answer."""
    async with running(tmp_path, connector) as rig:
        connector.members.clear()
        connector.fail(503)
        await rig.says("plan")
        assert rig.heard == []
    connector.join("29:ada", name="Ada")
    async with running(tmp_path, connector) as rig:
        await connector.sees("Stop 5 dev EC2 instances")
        assert [event.text for event in rig.heard] == ["plan"]


async def test_a_card_is_found_again_after_a_restart(connector, tmp_path):
    """A card posted by one process is edited in place by the next."""
    async with running(tmp_path, connector) as rig:
        await rig.post(rig.in_channel("plan"))
        card = await connector.sees("Stop 5 dev EC2 instances")
        await rig.remembers(PLAN)
    async with running(tmp_path, connector) as rig:
        rig.count = 500
        await rig.post(rig.press(card))
        assert await connector.sees("running") is card


async def test_we_can_speak_first_where_somebody_spoke_before(connector, tmp_path):
    """A stored reference is enough to post into a conversation and to begin a thread in a channel, after a restart too."""
    async with running(tmp_path, connector) as rig:
        await rig.says("hello")
        await rig.post(rig.in_channel("hello"))
        await rig.hears(2)
    async with running(tmp_path, connector) as rig:
        sent = await rig.client.post(PERSONAL, words("good morning"))
        assert connector.sent[sent.message].conversation == "a:chat"
        channel = ThreadRef(surface=Surface.TEAMS, channel="19:ops@thread.tacv2")
        begun = await rig.client.post(channel, words("the report"))
        assert connector.sent[begun.message].conversation == f"19:ops@thread.tacv2;messageid={begun.message}"
        await rig.client.update(begun, words("the report, mended"), revision=2)
        assert connector.sent[begun.message].shows("mended")
        with pytest.raises(Gone, match="nobody ever spoke"):
            await rig.client.post(ThreadRef(surface=Surface.TEAMS, channel="19:other@thread.tacv2"), words("hi"))


async def test_a_service_address_that_moved_is_used_from_then_on(rig):
    """Every activity refreshes where its conversation is reached."""
    await rig.says("hello")
    moved = rig.connector.url.replace("127.0.0.1", "localhost")
    answer = await rig.post(rig.activity(serviceUrl=moved), token=rig.connector.signed(serviceurl=moved))
    assert answer.status_code == 200
    address = Addresses(rig.record.cards).of("a:chat")
    assert address is not None
    assert address.service_url == moved


@pytest.mark.parametrize(
    ("status", "code", "meant"),
    [
        (429, "", Busy),
        (404, "ActivityNotFoundInConversation", Gone),
        (404, "ConversationNotFound", Gone),
        (403, "BotNotInConversationRoster", Gone),
        (412, "PreconditionFailed", Unreachable),
        (502, "", Unreachable),
        (504, "", Unreachable),
        (401, "", Unreachable),
    ],
)
async def test_each_refusal_of_teams_means_something_to_the_outbox(connector, rig, status, code, meant):
    """The port's exceptions say what one can do; the SDK retries nothing by itself, so that the outbox keeps the pace."""
    await rig.says("plan")
    card = await connector.sees("Stop 5 dev EC2 instances")
    where = {"conversation": card.conversation}
    ref = MessageRef(thread=PERSONAL, message=card.id, extra=where)
    for attempt in (
        lambda: rig.client.post(PERSONAL, words("hello")),
        lambda: rig.client.update(ref, words("hello"), revision=1),
    ):
        before = len(connector.calls)
        connector.fail(status, code, retry_after="7")
        with pytest.raises(meant) as caught:
            await attempt()
        assert len(connector.calls) == before + 1
        if isinstance(caught.value, Busy):
            assert caught.value.retry_after == 7.0


async def test_a_deleted_card_is_posted_anew(connector, rig):
    """When the card was deleted in Teams, its next state appears as a new reply."""
    await rig.says("plan")
    card = await connector.sees("Stop 5 dev EC2 instances")
    press = rig.press(card)
    del connector.sent[card.id]
    await rig.post(press)
    anew = await connector.sees("running")
    assert anew.id != card.id
    assert anew.conversation == card.conversation


async def test_a_connector_that_is_away_loses_nothing(connector, rig):
    """A post that meets 502 goes out when the connector is back."""
    await rig.says("hello")
    await connector.sees("you said: hello")
    connector.fail(502)
    await rig.says("still there?")
    await connector.sees("still there?", seconds=8)


async def test_a_card_that_teams_refuses_goes_out_as_words(connector, rig):
    """The plain text alone is enough to act on."""
    await rig.says("hello")
    await connector.sees("you said: hello")
    connector.fail(400, "BadArgument")
    ref = await rig.client.post(PERSONAL, plan_card())
    sent = connector.sent[ref.message]
    assert sent.card is None
    assert f"approve {PLAN}" in sent.text


async def test_guests_and_strangers_are_named_as_such(connector, rig):
    """What the roster says decides the standing: invited people, people of other tenants, people who are not in it, bots."""
    connector.join("29:guest", name="Gus", userPrincipalName="gus_other.example#EXT#@acme.onmicrosoft.example")
    connector.join("29:role", name="Rolf", userRole="guest")
    connector.join("29:other", name="Otto", tenantId="another-tenant")
    connector.join("29:silent", name="Silent", userPrincipalName="")
    for user in ("guest", "role", "other", "silent", "absent"):
        sender = {"id": f"29:{user}", "name": user, "aadObjectId": f"{user}-object"}
        await rig.says("hello", **{"from": sender})
    await rig.says("hello", **{"from": {"id": "28:robot", "name": "robot", "aadObjectId": "robot-object"}})
    heard = await rig.hears(6)
    assert {
        event.principal.id.rsplit(":", 1)[1].removesuffix("-object"): event.principal.standing for event in heard
    } == {
        "guest": Standing.GUEST,
        "role": Standing.GUEST,
        "other": Standing.EXTERNAL,
        "silent": Standing.GUEST,
        "absent": Standing.EXTERNAL,
        "robot": Standing.BOT,
    }


async def test_a_renamed_person_is_the_same_person(connector, rig):
    """Taking somebody else's name changes nothing about who one is."""
    connector.join("29:mallory", name="Ada")
    await rig.says("hello", **{"from": {"id": "29:mallory", "name": "Ada", "aadObjectId": "mallory-object"}})
    (heard,) = await rig.hears(1)
    assert heard.principal.id == f"teams:{TENANT}:mallory-object"


async def test_a_private_answer_in_a_channel_goes_to_the_personal_chat(connector, rig):
    """Where no personal chat is known it is opened; where there is one it is used."""
    await rig.post(rig.in_channel("whisper"))
    sent = await connector.sees("only for you")
    assert sent.conversation == "a:29:ada"
    await rig.post(rig.in_channel("whisper"))
    async with asyncio.timeout(PATIENCE):
        while sum(one.shows("only for you") for one in connector.sent.values()) < 2:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    assert [one.conversation for one in connector.sent.values()] == ["a:29:ada", "a:29:ada"]
    assert sum(path.endswith("/v3/conversations") for _, path in connector.calls) == 1


async def test_a_private_answer_without_a_personal_chat_is_addressed_by_name(connector, rig):
    """When Teams opens no personal chat, the answer stands in the thread and says for whom it is."""
    connector.closed_doors.add("29:ada")
    await rig.post(rig.in_channel("whisper"))
    sent = await connector.sees("only for you")
    assert sent.conversation == "19:ops@thread.tacv2;messageid=1600000000001"
    assert sent.text == "For Ada:"


async def test_a_private_answer_in_a_personal_chat_is_simply_sent(connector, rig):
    """A personal chat is private already."""
    await rig.says("whisper")
    assert (await connector.sees("only for you")).conversation == "a:chat"


async def test_we_greet_once_where_we_are_new(connector, rig):
    """Installing says it twice and installing again says it again; people see one greeting a conversation."""
    installed = rig.activity(type="installationUpdate", action="add")
    added = rig.activity(
        type="conversationUpdate", membersAdded=[{"id": "29:ada"}, {"id": rig.activity()["recipient"]["id"]}]
    )
    for activity in (installed, added, rig.activity(type="installationUpdate", action="add")):
        assert (await rig.post(activity)).status_code == 200
    hello = await connector.sees("I am Escher")
    await rig.says("hello")
    await connector.sees("you said")
    assert [one.id for one in connector.sent.values() if one.shows("I am Escher")] == [hello.id]
    assert len(rig.heard) == 1


async def test_what_is_not_for_us_is_acknowledged_and_forgotten(rig):
    """Reactions, edits, other people joining, unaddressed group messages, empty messages and automatic refreshes."""
    refresh = {"action": {"type": "Action.Execute", "verb": "approve", "data": {}}, "trigger": "automatic"}
    for activity in (
        rig.activity(type="messageReaction", reactionsAdded=[{"type": "like"}]),
        rig.activity(type="messageUpdate"),
        rig.activity(type="conversationUpdate", membersAdded=[{"id": "29:bob"}]),
        rig.in_channel("stop all dev instances", mentioned=False),
        rig.in_channel(""),
        rig.activity(type="installationUpdate", action="remove"),
        rig.activity(type="invoke", name="adaptiveCard/action", value=refresh),
        rig.activity(**{"from": {"id": "29:anon", "name": "No object id"}}),
    ):
        answer = await rig.post(activity)
        assert answer.status_code == 200, activity
    await rig.says("the end")
    assert [event.text for event in await rig.hears(1)] == ["the end"]


async def test_a_press_that_is_none_of_ours_is_answered_in_the_body(rig):
    """Errors of a press travel in the body with HTTP 200, so that Teams shows them."""
    odd = {"action": {"type": "Action.Execute", "verb": "format", "data": {"action": "format"}}}
    answer = await rig.post(rig.activity(type="invoke", name="adaptiveCard/action", value=odd))
    assert (answer.status_code, answer.json()["statusCode"]) == (200, 400)
    assert answer.json()["type"] == "application/vnd.microsoft.error"
    other = await rig.post(rig.activity(type="invoke", name="composeExtension/query", value={}))
    assert other.status_code == 501
    assert rig.heard == []


async def test_what_cannot_be_kept_is_not_acknowledged(rig, tmp_path):
    """With the record broken a message is 503, and a press says in its body that nothing happens."""
    await rig.says("hello")
    await rig.hears(1)
    with closing(sqlite3.connect(tmp_path / "data" / "escher.db")) as broken:
        broken.execute("DROP TABLE inbox")
    assert (await rig.post(rig.activity(text="again"))).status_code == 503
    data = {"action": "approve", "value": {"plan_id": PLAN, "digest": DIGEST}}
    value = {"action": {"type": "Action.Execute", "verb": "approve", "data": data}}
    answer = await rig.post(rig.activity(type="invoke", name="adaptiveCard/action", value=value))
    assert (answer.status_code, answer.json()["statusCode"]) == (200, 503)


async def test_a_press_is_answered_long_before_teams_gives_up(connector, rig):
    """A hundred presses at once are answered while the connector has taken nothing: no answer waits for a call to it."""
    await rig.says("plan")
    card = await connector.sees("Stop 5 dev EC2 instances")

    connector.failures.extend([(503, "", {})] * 1000)
    answers = await asyncio.gather(*(rig.post(rig.press(card)) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert connector.failures
    connector.failures.clear()


async def test_a_text_is_shared_as_pages_and_a_file_is_not(connector, rig):
    """Bots share no files in channels: a text becomes messages, cut at line ends, harmless; the rest is refused."""
    await rig.says("hello")
    await connector.sees("you said")
    lines = "".join(f"{number}: <b>line</b> & more\n" for number in range(700))
    await rig.client.upload(PERSONAL, filename="log.txt", content=lines.encode(), title="Log")
    pages = [one.text for one in connector.sent.values() if "<pre>" in one.text]
    assert len(pages) == 2
    assert "1 of 2" in pages[0]
    assert "699: &lt;b&gt;line&lt;/b&gt; &amp; more" in pages[1]
    for content in (b"\x89PNG\xff", b"", b"x" * 200_000):
        with pytest.raises(Rejected, match="Teams takes no files"):
            await rig.client.upload(PERSONAL, filename="chart.png", content=content, title="Chart")


async def test_the_largest_cards_stay_within_what_teams_takes(connector, rig):
    """A long output in hostile characters arrives, within the size of a card."""
    await rig.says("hello")
    await connector.sees("you said")
    huge = LogOutputCard(headline=line("Log"), state=State.RUNNING, lines=("\U0001f480\u202e<at>x</at>" * 20,) * 500)
    ref = await rig.client.post(PERSONAL, huge)
    assert connector.sent[ref.message].versions
    assert connector.faults == []


@pytest.mark.parametrize(
    ("raw", "understood"),
    [
        ("<at>Escher</at>&nbsp;stop web-1", "stop web-1"),
        ("hey <at>Escher</at>  stop   web-1\n", "hey stop web-1"),
        ('<at>Escher</at> ask <at id="1">Bob</at> first', "ask @Bob first"),
        ("@escher, tag \u201cweb\u201d with a&amp;b&lt;c", 'tag "web" with a&b<c'),
    ],
)
def test_words_are_what_the_person_typed(raw, understood):
    """Our own mention goes, others stay as names, Teams' escapes and typographic quotes are undone."""
    assert typed(raw, own_mentions=["<at>Escher</at>"]) == understood


def test_the_client_states_its_limits(rig):
    """A thread takes at most 60 messages in 30 seconds."""
    assert isinstance(rig.client, TeamsClient)
    assert 30 / rig.client.limits.post_seconds <= 60
    assert 30 / rig.client.limits.edit_seconds <= 60
