"""Nothing said on Slack is lost or done twice: retries, cut connections, rate limits, a record that cannot be written."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.messages import Click, Mention, MessageRef, Surface, ThreadRef
from bot.outbox import Outbox
from bot.platform import Busy, Gone, Rejected, Unreachable
from engine.clock import system_clock
from engine.tasks import spawn
from tests.fakes.patience import PATIENCE
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack_rig import PLAN, Rig, plan_card, running, words


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
    """Correcting one's message does not run it again, nor does adding a mention to an old message run it at all."""
    message = await slack.says("U0ALICE", "@escher hello")
    await slack.sees("C0OPS", "you said")
    await slack.edits("U0ALICE", message, "@escher hello!")
    old = await slack.says("U0ALICE", "stop everything")
    await slack.edits("U0ALICE", old, "@escher stop everything")
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
    assert delivery.attempts == 1
    assert rig.heard == []


async def test_a_killed_connection_comes_back_and_nothing_is_lost(rig, slack):
    """Both connections are cut; presses and mentions made meanwhile arrive, each once."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    slack.sockets.kill()
    await slack.says("U0ALICE", "@escher hello")
    assert await slack.connected(2)
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


async def test_a_storm_of_retries_loses_nothing_and_repeats_nothing(rig, slack):
    """Fifty presses, each sent three times at once: every one is acknowledged, and heard exactly once."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")

    async def storm():
        press = await slack.clicks("U0BOB", card, "Details")
        again = await asyncio.gather(slack.repeat(press), slack.repeat(press))
        await press.finished()
        assert press.acknowledged
        assert [outcome.failure for outcome in again] == ["", ""]

    await asyncio.gather(*(storm() for _ in range(50)))
    await rig.hears(51)
    await asyncio.sleep(0.1)
    assert len({event.event_id for event in rig.heard}) == len(rig.heard) == 51


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


async def test_a_stop_that_meets_a_new_card_still_stops(rig):
    """Cancelling the outbox in the very moment something is to be sent ends it."""
    outbox = Outbox(rig.record.outbox, rig.record.cards, {Surface.SLACK: rig.client}, system_clock)
    sending = spawn(outbox.run(), name="second outbox")
    await asyncio.sleep(0.1)
    outbox._wake.set()
    sending.cancel()
    done, _ = await asyncio.wait([sending], timeout=PATIENCE)
    sending.cancel()
    assert done == {sending}
