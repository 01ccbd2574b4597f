"""The web console as a chat surface: durable before acknowledged, in order, in place, to the right person."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.resources import files
from uuid import uuid4

import pytest

from blocks.components import State
from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.platform import Gone, Rejected, Unreachable
from bot.settings import SettingsError
from bot.web.assets import load
from bot.web.client import Subscription, TooSlow
from bot.web.rooms import SHOWN_MESSAGES, Entry, Op, Room, thread_of
from engine.storage.database import StorageUnavailable
from tests.fakes.web_console import ADA, DIGEST, OPS, PLAN, REVIEWER, Rig, plan_card, running, words


@pytest.fixture
async def rig(tmp_path) -> AsyncIterator[Rig]:
    """A console whose page is open."""
    async with running(tmp_path) as made:
        yield await made.enters()


async def test_what_is_said_is_heard_and_answered_in_the_same_room(rig):
    """A message becomes a mention of this user; the page sees it first, then the answer."""
    async with rig.looks() as page:
        assert (await rig.says("@escher list the dev machines")).status_code == 202
        assert (await page.message("said"))["text"] == "list the dev machines"
        answer = await page.message("post")
    assert "you said 21 characters" in answer["text"]
    assert answer["card"]["type"] == "AdaptiveCard"
    mention = rig.echo.heard[0]
    assert isinstance(mention, Mention)
    assert mention.principal == ADA
    assert mention.thread == ThreadRef(surface=Surface.WEB, channel="console", thread="ops")


async def test_an_acknowledged_message_is_durable_before_anything_is_answered(rig):
    """What was accepted is in the inbox even when the process dies before the handler runs."""
    rig.listener._inbox.stop()
    assert (await rig.says("stop all dev EC2 instances")).status_code == 202
    assert [item.surface for item in rig.record.inbox.pending()] == ["web"]


async def test_what_cannot_be_made_durable_is_not_acknowledged(rig, monkeypatch):
    """A full disk is said, and the message may be sent again under the same id."""
    id_ = str(uuid4())
    with monkeypatch.context() as patch:

        def full(*_args, **_more):
            raise StorageUnavailable("disk full")

        patch.setattr(rig.record.inbox, "accept", full)
        answer = await rig.says("report", id_=id_)
        assert answer.status_code == 503
        assert "could not write" in answer.json()["error"]
    assert (await rig.says("report", id_=id_)).json()["new"] is True
    assert len(await rig.hears(1)) == 1


async def test_the_same_message_sent_twice_is_one_event(rig):
    """A retry after a lost answer changes nothing: one mention, shown once."""
    id_ = str(uuid4())
    first, second = await asyncio.gather(rig.says("report", id_=id_), rig.says("report", id_=id_.upper()))
    assert sorted([first.json()["new"], second.json()["new"]]) == [False, True]
    assert (await rig.says("something else", id_=id_)).json()["new"] is False
    await rig.says("another")
    heard = await rig.hears(2)
    assert [event.text for event in heard] == ["report", "another"]
    async with rig.looks() as page:
        assert [one["text"] for one in await page.log() if one["op"] == "said"] == ["report", "another"]


async def test_a_press_arrives_once_with_its_value_and_what_was_typed(rig):
    """Two posts of one press are one click; inputs are kept apart from the value; the card changes in place."""
    async with rig.looks() as page:
        await rig.says("plan")
        card = await page.message("post")
        id_ = str(uuid4())
        sent = [rig.presses(card["id"], action="reject", id_=id_, inputs={"reason": "too late"}) for _ in range(2)]
        answers = await asyncio.gather(*sent)
        assert sorted(answer.json()["new"] for answer in answers) == [False, True]
        edited = await page.message("update")
    assert edited["id"] == card["id"]
    assert edited["revision"] > 0
    click = (await rig.hears(2))[1]
    assert isinstance(click, Click)
    assert (click.action, dict(click.value), dict(click.inputs)) == (
        "reject",
        {"plan_id": PLAN, "digest": DIGEST},
        {"reason": "too late"},
    )
    assert click.message == MessageRef(thread=OPS, message=card["id"])
    assert len(rig.echo.heard) == 2


async def test_a_choice_from_a_list_arrives_as_the_value_of_its_press(rig):
    """Many answers come as one field with the chosen value as JSON; the conversation sees an ordinary choice."""
    ref = await rig.platform.post(OPS, plan_card())
    chosen = json.dumps({"question_id": "q-1", "choice": "dev"})
    answer = await rig.presses(ref.message, action="choose", value={}, inputs={"choice_value": chosen})
    assert answer.status_code == 202
    click = (await rig.hears(1))[0]
    assert isinstance(click, Click)
    assert dict(click.value) == {"question_id": "q-1", "choice": "dev"}
    assert dict(click.inputs) == {}


async def test_a_reloaded_page_sees_the_conversation_again_with_cards_as_they_are_now(rig):
    """The log is folded: one plan card, in its last form, where it was first shown."""
    ref = await rig.platform.post(OPS, plan_card())
    await rig.platform.post(OPS, words("afterwards"))
    for step in range(1, 4):
        await rig.platform.update(ref, plan_card(State.RUNNING, f"Stopping, {step} of 3"), revision=step)
    async with rig.looks() as page:
        log = await page.log()
    assert len(log) == 2
    assert log[0]["id"] == ref.message
    assert "Stopping, 3 of 3" in log[0]["text"]


async def test_a_restarted_runner_shows_the_same_conversation(tmp_path):
    """Rooms, titles, edits and private answers come back from disk."""
    async with running(tmp_path) as before:
        await before.enters()
        async with before.looks() as page:
            await before.says("plan the move of the payroll database", room="t-abc")
            card = await page.message("post")
            await before.presses(card["id"], room="t-abc")
            await page.message("update")
            await before.says("whisper", room="t-abc")
            await page.message("private")
            shown = await page.log("t-abc")
    async with running(tmp_path) as after:
        await after.enters()
        async with after.looks() as page:
            assert await page.log("t-abc") == shown
            assert page.hello["rooms"][0]["title"] == "plan the move of the payroll database"
        ref = MessageRef(thread=thread_of("t-abc"), message=card["id"])
        await after.platform.update(ref, plan_card(State.DONE, "Done"), revision=10**14)


async def test_nothing_that_is_shown_rests_readable_on_disk(tmp_path):
    """What was said, card texts and files are sealed."""
    async with running(tmp_path) as rig:
        await rig.enters()
        await rig.says("the zebra migration")
        await rig.hears(1)
        await rig.platform.upload(OPS, filename="zebra.txt", content=b"zebra figures", title="zebra")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert len(kept) > 10_000
    assert b"zebra" not in kept


async def test_an_old_edit_never_replaces_a_newer_one(rig):
    """Edits that overtake each other end with the newest on the page."""
    ref = await rig.platform.post(OPS, plan_card())
    await rig.platform.update(ref, plan_card(State.DONE, "Stopped"), revision=9)
    await rig.platform.update(ref, plan_card(State.RUNNING, "Stopping"), revision=3)
    async with rig.looks() as page:
        shown = (await page.log())[0]
    assert (shown["revision"], "Stopped" in shown["text"]) == (9, True)


def test_a_log_written_out_of_order_shows_the_newest_edit():
    """Two writers of one log may pass each other; the higher revision is what people see."""
    first = Entry(op=Op.POST, id="m-1", at=datetime(2031, 3, 1, tzinfo=UTC), text="waiting")
    edits = [first.model_copy(update={"op": Op.UPDATE, "revision": n, "text": f"edit {n}"}) for n in (2, 1)]
    assert [one.text for one in Room([first, *edits]).seen_by(ADA.id)] == ["edit 2"]


async def test_a_private_answer_is_for_one_person_only(rig):
    """The other person of this machine gets it neither live nor from the log."""
    async with rig.looks(ADA.id) as own, rig.looks(REVIEWER.id) as other:
        await rig.says("whisper", persona=ADA.id)
        assert "between us" in (await own.message("private"))["text"]
        await rig.says("loud", persona=REVIEWER.id)
        told = [(await other.next("message"))["message"]["op"] for _ in range(3)]
        assert told == ["said", "said", "post"]
        assert [one["op"] for one in await other.log()] == ["said", "said", "post"]
        private = next(one for one in await own.log() if one["op"] == "private")
    refused = await rig.presses(private["id"], persona=REVIEWER.id)
    assert refused.status_code == 410


async def test_a_post_outside_any_thread_goes_to_the_reports(rig):
    """The morning report has a room of its own."""
    await rig.platform.post(ThreadRef(surface=Surface.WEB, channel="console"), words("Good morning"))
    async with rig.looks() as page:
        assert "Good morning" in (await page.log("morning-report"))[0]["text"]


async def test_a_second_persona_speaks_under_its_own_name(rig):
    """The switch of the try-out makes another principal, not another display name."""
    await rig.says("approve p-7f3a9k2m", persona=REVIEWER.id)
    assert (await rig.hears(1))[0].principal == REVIEWER


async def test_a_message_that_is_too_long_for_the_conversation_still_reaches_it(rig):
    """Who writes 5,000 characters is told so by the conversation, not by silence."""
    assert (await rig.says("x" * 5000)).status_code == 202
    assert len((await rig.hears(1))[0].text) == 5000


async def test_a_shared_picture_is_shown_and_any_other_file_only_saved(rig):
    """A file that could run in the browser never does."""
    await rig.platform.upload(OPS, filename="chart.png", content=b"\x89PNG\r\n\x1a\nrest", title="30 days")
    await rig.platform.upload(OPS, filename="page.png", content=b"<script>alert(1)</script>", title="not a picture")
    async with rig.looks() as page:
        picture, page_like = await page.log()
    shown = await rig.asks("GET", picture["path"])
    assert shown.headers["content-type"] == "image/png"
    saved = await rig.asks("GET", page_like["path"])
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == "attachment"
    with pytest.raises(Rejected):
        await rig.platform.upload(OPS, filename="empty", content=b"", title="")


async def test_the_port_says_what_it_cannot_do(rig, monkeypatch):
    """An unknown card is gone, a foreign thread is rejected, an unwritable record is worth another try."""
    with pytest.raises(Gone):
        await rig.platform.update(MessageRef(thread=OPS, message="m-" + "0" * 16), plan_card(), revision=1)
    with pytest.raises(Rejected):
        await rig.platform.post(ThreadRef(surface=Surface.SLACK, channel="C1", thread="1.2"), plan_card())
    with pytest.raises(Rejected):
        await rig.platform.post(thread_of("../etc"), plan_card())

    def full(*_args):
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(rig.record.threads, "append", full)
    with pytest.raises(Unreachable):
        await rig.platform.post(OPS, plan_card())


async def test_a_room_shows_its_newest_messages_only(rig):
    """A long conversation stays quick to open; an edit of what is no longer shown is posted anew."""
    first = await rig.platform.post(OPS, plan_card())
    for number in range(SHOWN_MESSAGES):
        await rig.platform.post(OPS, words(f"message {number}"))
    async with rig.looks() as page:
        log = await page.log()
    assert len(log) == SHOWN_MESSAGES
    assert "message 0" in log[0]["text"]
    with pytest.raises(Gone):
        await rig.platform.update(first, plan_card(State.DONE), revision=1)


async def test_a_page_that_does_not_listen_costs_itself_not_the_runner():
    """A thousand events nobody takes end the line; the page comes back and reads the log."""
    page = Subscription(ADA.id)
    for number in range(1001):
        page.offer({"number": number})
    with pytest.raises(TooSlow):
        await page.next()


def test_the_renderer_of_cards_is_microsofts_own_unchanged():
    """The file that is served is the one whose version and hash stand beside it."""
    folder = files("bot.web") / "static" / "vendor"
    notice = (folder / "NOTICE").read_text()
    served = load()["vendor/adaptivecards.min.js"].content
    assert hashlib.sha256(served).hexdigest() in notice
    assert "adaptivecards 3.0.6" in notice
    assert "MIT License" in (folder / "LICENSE.adaptivecards.txt").read_text()


async def test_two_consoles_cannot_share_a_port(rig, tmp_path):
    """The second one says which setting to change."""
    with pytest.raises(SettingsError, match=r"web\.port"):
        async with running(tmp_path / "other", port=rig.port):
            pass


async def test_the_page_is_served_whole_and_only_from_here(rig):
    """Every file the page names exists here; nothing is loaded from elsewhere and nothing is inline."""
    page = await rig.asks("GET", "/")
    assert page.status_code == 200
    assert "<title>Escher</title>" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "style=" not in page.text
    named = [part.partition('"')[0] for part in page.text.replace("href=", "src=").split('src="')[1:]]
    for path in [one for one in named if one.startswith("/")]:
        assert (await rig.asks("GET", path)).status_code == 200, path


async def test_every_answer_carries_the_headers_that_keep_it_safe(rig):
    """Also refusals and files: no frames, no sniffing, no cache, scripts and styles from here only."""
    for path, host in (("/", ""), ("/nothing", ""), ("/static/main.js", ""), ("/", "evil.example")):
        answer = await rig.asks("GET", path, headers={"Host": host} if host else None)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
