"""The fake Slack delivers as Slack does: envelopes, retries, killed connections, signatures, what people can press."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.callbacks import sign
from tests.fakes.slack.server import FakeSlack, typed_by_a_person
from tests.fakes.slack_samples import CONFIRM, ManualClock, actions, button, modal


@pytest.fixture
def clock():
    """Give a clock that stands still."""
    return ManualClock()


@pytest.fixture
async def slack(clock) -> AsyncIterator[FakeSlack]:
    """Give a Slack in Socket Mode with short waits."""
    async with FakeSlack(clock=clock, ack_seconds=0.3, retry_delays=(0.0, 0.05, 0.1)) as server:
        yield server


@pytest.fixture
def web(slack):
    """Give a Web API client with the bot's token."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


async def open_socket(session, slack):
    """Open a Socket Mode connection as a client does and return it after its hello."""
    url = (await AsyncWebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app_token))["url"]
    socket = await session.ws_connect(url)
    assert (await socket.receive_json())["type"] == "hello"
    return socket, url


async def test_a_socket_address_opens_once(slack):
    """The second connection to one address is refused."""
    async with aiohttp.ClientSession() as session:
        _, url = await open_socket(session, slack)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_an_eleventh_connection_is_sent_away(slack):
    """Ten connections are allowed; the next is told to go."""
    async with aiohttp.ClientSession() as session:
        held = [await open_socket(session, slack) for _ in range(10)]
        url = slack.state.new_socket_url()
        eleventh = await session.ws_connect(url)
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    assert len(held) == 10


async def test_what_is_not_acknowledged_comes_again_with_its_retry_number(slack):
    """A client that never acknowledges sees an event four times; one that does sees it once."""
    async with aiohttp.ClientSession() as session:
        socket, _ = await open_socket(session, slack)
        await slack.says("U0ALICE", "@escher hello")
        numbers = [(await socket.receive_json())["retry_attempt"] for _ in range(4)]
        assert numbers == [0, 1, 2, 3]
        lost = await slack.deliveries[-1].finished()
        assert not lost.acknowledged
        await slack.says("U0ALICE", "@escher hello again")
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await slack.deliveries[-1].finished()).attempts == 1


async def test_a_click_is_not_sent_again(web, slack):
    """Interactions have no retries: a client too slow for one has lost it."""
    async with aiohttp.ClientSession() as session:
        await open_socket(session, slack)
        await web.chat_postMessage(channel="C0OPS", text="t", blocks=[actions(button())])
        delivery = await (await slack.clicks("U0ALICE", slack.messages("C0OPS")[0], "Go")).finished()
    assert (delivery.acknowledged, delivery.attempts) == (False, 1)


async def test_each_payload_goes_to_one_of_the_connections(slack):
    """With two connections, twelve events arrive once each, spread over both."""
    async with aiohttp.ClientSession() as session:
        sockets = [(await open_socket(session, slack))[0] for _ in range(2)]
        seen: list[list[str]] = [[], []]

        async def listen(number):
            while True:
                envelope = await sockets[number].receive_json()
                seen[number].append(envelope["payload"]["event_id"])
                await sockets[number].send_json({"envelope_id": envelope["envelope_id"]})

        listeners = [asyncio.ensure_future(listen(number)) for number in range(2)]
        for _ in range(12):
            await slack.says("U0ALICE", "@escher hello")
            await slack.deliveries[-1].finished()
        for listener in listeners:
            listener.cancel()
    assert len(set(seen[0] + seen[1])) == len(seen[0] + seen[1]) == 12
    assert all(seen)


async def test_a_killed_connection_loses_what_was_on_its_way(slack):
    """A killed socket ends without a goodbye; the event on its way comes again over the next connection."""
    async with aiohttp.ClientSession() as session:
        socket, _ = await open_socket(session, slack)
        await slack.says("U0ALICE", "@escher hello")
        await socket.receive_json()
        assert slack.sockets.kill() == 1
        ended = await socket.receive()
        assert ended.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE}
        second, _ = await open_socket(session, slack)
        again = await second.receive_json()
        assert again["retry_attempt"] >= 1


async def test_an_app_hears_only_mentions_and_direct_messages(slack):
    """Talk without a mention and channels without the bot stay unheard; its own direct messages are heard."""
    await slack.says("U0ALICE", "lunch?")
    assert slack.deliveries == []
    await slack.says("U0ALICE", "hello", "im")
    assert slack.deliveries[-1].payload["event"]["channel_type"] == "im"
    web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await web.chat_postMessage(channel="U0ALICE", text="hi")
    assert slack.deliveries[-1].payload["event"]["bot_id"] == "B0ESCHER"


async def test_people_type_text_that_slack_marks_up():
    """Angle brackets are escaped, addresses linked and mentions made live before the app sees them."""
    assert typed_by_a_person("@escher stop <a> & api.example.com") == (
        "<@U0ESCHER> stop &lt;a&gt; &amp; <http://api.example.com|api.example.com>"
    )
    assert typed_by_a_person("ask ops@acme.com") == "ask <mailto:ops@acme.com|ops@acme.com>"


async def test_a_button_that_vanished_cannot_be_pressed(web, slack):
    """People press what they see: a button of the last version, or of an older one on a screen that lags."""
    ts = (await web.chat_postMessage(channel="C0OPS", text="t", blocks=[actions(button())]))["ts"]
    await web.chat_update(channel="C0OPS", ts=ts, text="done")
    card = slack.messages("C0OPS")[0]
    with pytest.raises(LookupError):
        await slack.clicks("U0ALICE", card, "Go")
    assert (await slack.clicks("U0ALICE", card, "Go", version=0)).payload["actions"][0]["action_id"] == "go"


async def test_the_http_signature_is_the_one_slacks_own_verifier_takes():
    """The v0 signature passes slack_sdk's verifier within five minutes and not after."""
    now = int(time.time())
    body = b'{"type":"event_callback"}'
    verifier = SignatureVerifier("secret")
    for age, valid in ((0, True), (299, True), (301, False)):
        headers = {"x-slack-request-timestamp": str(now - age), "x-slack-signature": sign("secret", now - age, body)}
        assert verifier.is_valid_request(body, headers) is valid


async def test_a_confirmation_answered_with_no_sends_nothing(web, slack):
    """Slack asks before it tells the app."""
    await web.chat_postMessage(channel="C0OPS", text="t", blocks=[actions(button(confirm=CONFIRM))])
    await slack.clicks("U0ALICE", slack.messages("C0OPS")[0], "Go", confirm=False)
    assert slack.deliveries == []


async def test_an_ephemeral_message_is_for_one_pair_of_eyes(web, slack):
    """Others neither see it nor press its buttons."""
    await web.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="t", blocks=[actions(button())])
    message = slack.messages("C0OPS", seen_by="U0ALICE")[0]
    assert slack.messages("C0OPS", seen_by="U0BOB") == []
    with pytest.raises(ValueError, match="cannot see"):
        await slack.clicks("U0BOB", message, "Go")


async def test_a_form_stays_open_with_the_errors_the_app_answers(web, slack):
    """`response_action: errors` keeps the modal on the screen; an empty required input is not even sent."""
    async with aiohttp.ClientSession() as session:
        socket, _ = await open_socket(session, slack)
        await web.views_open(trigger_id=slack.state.new_trigger("U0ALICE"), view=modal())
        view = slack.modal("U0ALICE")
        with pytest.raises(ValueError, match="Reason"):
            await slack.submits("U0ALICE", view)
        sending = asyncio.ensure_future(slack.submits("U0ALICE", view, {"Reason": "no"}))
        envelope = await socket.receive_json()
        errors = {"response_action": "errors", "errors": {"why": "longer, please"}}
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": errors})
        await sending
    assert (view.open, view.errors) == (True, {"why": "longer, please"})
    assert envelope["payload"]["view"]["state"]["values"]["why"]["why"]["value"] == "no"


async def test_http_mode_signs_retries_and_obeys_no_retry(clock):
    """Each attempt is signed anew and numbered; `X-Slack-No-Retry` ends the retries."""
    seen: list[dict[str, str]] = []
    answers = [
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nX-Slack-No-Retry: 1\r\n\r\n",
    ]

    async def app(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        seen.append(dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line))
        await reader.readexactly(int(seen[-1]["content-length"]))
        writer.write(answers[min(len(seen), 2) - 1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(app, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/slack/events"
    async with server, FakeSlack(clock=clock, request_url=url, retry_delays=(0.0, 0.0, 0.0)) as slack:
        await slack.says("U0ALICE", "@escher hello")
        delivery = await slack.deliveries[-1].finished()
    assert (delivery.attempts, delivery.acknowledged) == (2, False)
    assert [head.get("x-slack-retry-num") for head in seen] == [None, "1"]
    assert all(head["x-slack-signature"].startswith("v0=") for head in seen)


async def test_a_live_mention_is_told_from_an_escaped_one(web, slack):
    """Escaped brackets are only seen; raw ones, and user or link runs of rich text, are reported as alive."""
    run = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "channel"}]}
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "&lt;!here&gt; and <@U0ALICE>"}},
        {"type": "header", "text": {"type": "plain_text", "text": "<!everyone>"}},
        {"type": "rich_text", "elements": [run]},
    ]
    await web.chat_postMessage(channel="C0OPS", text="&lt;!channel&gt;", blocks=blocks)
    message = slack.messages("C0OPS")[0]
    assert "<!here> and" in message.plain
    assert message.live == ["<@U0ALICE>", "broadcast:channel"]
