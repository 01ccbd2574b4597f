"""The fake Slack refuses what Slack refuses: every rule has a wrong client here that fails."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.callbacks import sign
from tests.fakes.slack.server import FakeSlack, typed_by_a_person


class ManualClock:
    """Seconds that pass only when told."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        """Return the present second."""
        return self.now


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


async def refused(call) -> tuple[str, list[str]]:
    """Return the error code and messages of a call that must fail."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return answer["error"], answer.get("errors") or []


def button(**changes):
    """Return a valid button with changes."""
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", **changes}


def section(text="hello", **changes):
    """Return a valid section with changes."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **changes}


def actions(*elements, **changes):
    """Return an actions block."""
    return {"type": "actions", "elements": list(elements), **changes}


def cell(text="x"):
    """Return a table cell."""
    return {"type": "raw_text", "text": text}


def task(**changes):
    """Return a valid task card."""
    return {"type": "task_card", "task_id": "1", "title": "Stop web-1", "status": "pending", **changes}


CONFIRM = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "plain_text", "text": "Really"},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}

WRONG_BLOCKS = [
    ("51 blocks", [{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ("long section", [section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ("empty section", [{"type": "section"}], "must define either `text` or `fields`"),
    ("empty text", [section("")], "must be more than 0 characters"),
    ("11 fields", [{"type": "section", "fields": [cell()] * 11}], "no more than 10 items allowed"),
    ("long header", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "less than 151"),
    ("mrkdwn header", [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
    ("11 context elements", [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], "more than 10"),
    ("26 buttons", [actions(*(button(action_id=f"a{n}") for n in range(26)))], "no more than 25 items"),
    ("no buttons", [actions()], "no fewer than 1"),
    ("long value", [actions(button(value="x" * 2001))], "must be less than 2001 characters"),
    ("long label", [actions(button(text={"type": "plain_text", "text": "x" * 76}))], "must be less than 76"),
    ("long action id", [actions(button(action_id="x" * 256))], "must be less than 256 characters"),
    ("long block id", [section(block_id="x" * 256)], "must be less than 256 characters"),
    ("twice one action id", [actions(button(), button())], "`action_id` `go` already exists"),
    ("twice one block id", [section(block_id="b"), section(block_id="b")], "`block_id` `b` already exists"),
    ("unknown style", [actions(button(style="warning"))], "value must be one of primary, danger"),
    ("unknown block", [{"type": "sectoin"}], "unsupported type: sectoin [json-pointer:/blocks/0/type]"),
    ("unknown element", [actions({"type": "knob"})], "unsupported type: knob"),
    ("unknown field", [section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    (
        "emoji in mrkdwn",
        [dict(section(), text={"type": "mrkdwn", "text": "x", "emoji": True})],
        "additional property: emoji",
    ),
    ("long confirm text", [actions(button(confirm=CONFIRM | {"text": {"type": "mrkdwn", "text": "x" * 301}}))], "301"),
    ("confirm without deny", [actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}))], "deny"),
    ("image without source", [{"type": "image", "alt_text": "chart"}], "must define either `image_url`"),
    ("image without alt text", [{"type": "image", "image_url": "https://x.example/a.png"}], "required field: alt_text"),
    ("input in a section", [section(accessory={"type": "plain_text_input"})], "unsupported type: plain_text_input"),
    ("101 rows", [{"type": "table", "rows": [[cell()]] * 101}], "no more than 100 items"),
    ("21 cells", [{"type": "table", "rows": [[cell()] * 21]}], "no more than 20 items"),
    ("two tables", [{"type": "table", "rows": [[cell()]]}] * 2, "only_one_table_allowed"),
    ("table too long", [{"type": "table", "rows": [[cell("x" * 1000)] * 11]}], "less than 10001 characters together"),
    ("text as cell", [{"type": "table", "rows": [["x"]]}], "unsupported type: None"),
    ("wrong status", [task(status="completed")], "value must be one of pending, in_progress, complete, error"),
    ("plan beside task", [{"type": "plan", "title": "p", "tasks": [task()]}, task()], "cannot be used together"),
    ("task details as text", [task(details="text")], "unsupported type"),
    ("long markdown", [{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters"),
    (
        "six options",
        [actions({"type": "overflow", "options": [{"text": {"type": "plain_text", "text": "a"}, "value": "a"}] * 6})],
        "more than 5",
    ),
]


@pytest.mark.parametrize(
    ("blocks", "complaint"), [case[1:] for case in WRONG_BLOCKS], ids=[case[0] for case in WRONG_BLOCKS]
)
async def test_wrong_blocks_are_refused_in_slacks_words(web, slack, blocks, complaint):
    """A client that breaks a Block Kit rule gets `invalid_blocks` with the place of the fault, and nothing is posted."""
    error, messages = await refused(web.chat_postMessage(channel="C0OPS", text="t", blocks=blocks))
    assert error == "invalid_blocks"
    assert any(complaint in message for message in messages), messages
    assert slack.messages("C0OPS") == []


async def test_every_allowed_kind_of_block_is_taken_at_its_limit(web, slack):
    """Blocks exactly at their limits are posted: the fake is strict, not narrow."""
    blocks = [
        section("x" * 3000, accessory=button(value="v" * 2000, action_id="a" * 255, confirm=CONFIRM, style="danger")),
        {"type": "header", "text": {"type": "plain_text", "text": "h" * 150, "emoji": True}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}] * 10},
        actions(*(button(action_id=f"a{n}") for n in range(25)), block_id="b" * 255),
        {"type": "table", "rows": [[cell()] * 20] * 10, "column_settings": [{"align": "right"}, None]},
        {
            "type": "plan",
            "title": "Plan",
            "tasks": [task(status=s, task_id=s) for s in ("pending", "in_progress", "complete", "error")],
        },
        {"type": "divider"},
        {"type": "alert", "text": {"type": "mrkdwn", "text": "careful"}, "level": "warning"},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich", "style": {"bold": True}}]}
            ],
        },
    ]
    await web.chat_postMessage(channel="C0OPS", text="t", blocks=blocks)
    assert "(in_progress) Stop web-1" in slack.messages("C0OPS")[0].plain
    assert "rich" in slack.messages("C0OPS")[0].plain


async def test_a_message_over_13200_characters_is_too_long(web):
    """Blocks that are each within their limit can still be too long together."""
    error, _ = await refused(web.chat_postMessage(channel="C0OPS", text="t", blocks=[section("x" * 2900)] * 5))
    assert error == "msg_blocks_too_long"


async def test_blocks_that_are_no_list_have_an_error_of_their_own(web):
    """A doubly encoded string is `invalid_blocks_format`, not `invalid_blocks`."""
    error, _ = await refused(web.chat_postMessage(channel="C0OPS", text="t", blocks=json.dumps({"type": "divider"})))
    assert error == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "t"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#ops", "text": "t"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0PRIVATE", "text": "t"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0RANDOM", "text": "t"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0OLD", "text": "t"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0OPS"}, "no_text"),
        ("chat.postMessage", {"channel": "C0OPS", "text": "t", "thread_ts": "1.1"}, "thread_not_found"),
        ("chat.postMessage", {"text": "t"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0OPS", "text": "t", "thread": "1.1"}, "invalid_arguments"),
        ("chat.update", {"channel": "C0OPS", "ts": "1.1", "text": "t"}, "message_not_found"),
        ("chat.update", {"channel": "U0ALICE", "ts": "1.1", "text": "t"}, "channel_not_found"),
        ("chat.postEphemeral", {"channel": "C0DEV", "user": "U0GUEST", "text": "t"}, "user_not_in_channel"),
        ("chat.getPermalink", {"channel": "C0OPS", "message_ts": "1.1"}, "message_not_found"),
        ("reactions.add", {"channel": "C0OPS", "timestamp": "1.1", "name": "eyes"}, "message_not_found"),
        ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
        ("views.open", {"trigger_id": "1.2.3", "view": {}}, "invalid_arguments"),
        ("conversations.list", {}, "unknown_method"),
        ("conversations.info", {"channel": "C0OPS"}, "missing_scope"),
        ("conversations.open", {"users": "U0ALICE"}, "missing_scope"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
    ],
)
async def test_wrong_calls_are_refused_by_name(web, method, arguments, error):
    """A wrong argument, place or scope gives the error code that Slack documents for it."""
    assert (await refused(web.api_call(method, json=arguments)))[0] == error


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-stolen", "invalid_auth"), ("xapp-1-acme-escher-app", "not_allowed_token_type")],
)
async def test_a_wrong_token_opens_nothing(slack, token, error):
    """No token, an unknown token and an app-level token are three different refusals."""
    assert (await refused(AsyncWebClient(token=token, base_url=slack.api_url).auth_test()))[0] == error


async def test_a_missing_scope_is_named(web, slack):
    """The refusal says which scope is needed and which are there."""
    slack.state.scopes = slack.state.scopes - {"chat:write"}
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel="C0OPS", text="t")
    assert caught.value.response["needed"] == "chat:write"
    assert "users:read" in caught.value.response["provided"]


async def test_only_own_messages_can_be_edited(web, slack):
    """Editing a person's message is refused; editing an ephemeral one finds nothing."""
    message = await slack.says("U0ALICE", "hello")
    assert (await refused(web.chat_update(channel="C0OPS", ts=message.ts, text="t")))[0] == "cant_update_message"
    private = await web.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst")
    assert (await refused(web.chat_update(channel="C0OPS", ts=private["message_ts"], text="t")))[
        0
    ] == "message_not_found"


async def test_an_edit_keeps_the_history_and_text_alone_removes_the_blocks(web, slack):
    """Every version of a message is kept; text without blocks replaces the blocks."""
    ts = (await web.chat_postMessage(channel="C0OPS", text="t", blocks=[section("waiting"), actions(button())]))["ts"]
    await web.chat_update(channel="C0OPS", ts=ts, text="done")
    message = slack.messages("C0OPS")[0]
    assert [version.plain for version in message.history] == ["waiting\n[ Go ]", "done"]
    assert message.buttons() == []


async def test_a_thread_is_named_by_its_first_message(web, slack):
    """Replying to a reply is refused."""
    parent = await slack.says("U0ALICE", "hello")
    reply = await web.chat_postMessage(channel="C0OPS", text="t", thread_ts=parent.ts)
    error, _ = await refused(web.chat_postMessage(channel="C0OPS", text="t", thread_ts=reply["ts"]))
    assert error == "cannot_reply_to_message"


async def test_blocks_without_text_are_noted(web, slack):
    """A message without fallback text is posted, with the warning Slack gives."""
    answer = await web.api_call("chat.postMessage", json={"channel": "C0OPS", "blocks": [section()]})
    assert answer["warning"] == "missing_text_in_message"
    assert len(slack.state.warnings) == 1


async def test_posting_is_one_a_second_and_channel_after_a_burst(web, clock):
    """The sixth post within a second is told to wait; another channel is not; a second later it goes through."""
    for _ in range(5):
        await web.chat_postMessage(channel="C0OPS", text="t")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel="C0OPS", text="t")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    await web.chat_postMessage(channel="C0DEV", text="t")
    clock.now += 1.0
    await web.chat_postMessage(channel="C0OPS", text="t")


async def test_edits_are_fifty_a_minute(web, clock):
    """chat.update is a Tier 3 method: the fifty-first call in a minute is refused."""
    ts = (await web.chat_postMessage(channel="C0OPS", text="t"))["ts"]
    for number in range(50):
        await web.chat_update(channel="C0OPS", ts=ts, text=str(number))
    assert (await refused(web.chat_update(channel="C0OPS", ts=ts, text="51")))[0] == "ratelimited"
    clock.now += 1.3
    await web.chat_update(channel="C0OPS", ts=ts, text="52")


async def test_a_trigger_lives_three_seconds_and_works_once(web, slack, clock):
    """views.open with a late or used trigger id fails."""
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Why?"}, "blocks": [section()]}
    first, second = slack.state.new_trigger("U0ALICE"), slack.state.new_trigger("U0ALICE")
    await web.views_open(trigger_id=first, view=view)
    assert (await refused(web.views_open(trigger_id=first, view=view)))[0] == "exchanged_trigger_id"
    clock.now += 3.1
    assert (await refused(web.views_open(trigger_id=second, view=view)))[0] == "expired_trigger_id"
    assert (await refused(web.views_open(trigger_id="1.2.x", view=view)))[0] == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "must be less than 25 characters"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"submit": None}, "missing required field: submit"),
        ({"colour": "red"}, "invalid additional property: colour"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"blocks": [{"type": "divider"}] * 101}, "no more than 100 items"),
    ],
)
async def test_a_wrong_modal_is_refused(web, slack, change, complaint):
    """A modal that breaks a rule does not open."""
    ask = {
        "type": "input",
        "label": {"type": "plain_text", "text": "Reason"},
        "element": {"type": "plain_text_input", "action_id": "r"},
    }
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Why?"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [ask],
    }
    view = {key: value for key, value in {**view, **change}.items() if value is not None}
    error, messages = await refused(web.views_open(trigger_id=slack.state.new_trigger("U0ALICE"), view=view))
    assert error == "invalid_arguments"
    assert any(complaint in message for message in messages), messages
    assert slack.modal("U0ALICE") is None


async def test_a_response_url_works_five_times_in_thirty_minutes(web, slack, clock):
    """The sixth use and a use after half an hour are refused."""
    await web.chat_postMessage(channel="C0OPS", text="t", blocks=[actions(button())])
    card = slack.messages("C0OPS")[0]
    async with httpx.AsyncClient(trust_env=False) as plain:
        url = slack.state.new_response_url("C0OPS", "U0ALICE", card)
        codes = [(await plain.post(url, json={"text": str(n)})).status_code for n in range(6)]
        late = slack.state.new_response_url("C0OPS", "U0ALICE", card)
        clock.now += 1801
        codes.append((await plain.post(late, json={"text": "late"})).status_code)
    assert codes == [200] * 5 + [404, 404]


async def test_a_file_arrives_only_whole(web, slack):
    """Bytes that are not as many as announced are refused, and sharing them then finds no file."""
    announced = await web.files_getUploadURLExternal(filename="log.txt", length=10)
    async with httpx.AsyncClient(trust_env=False) as plain:
        assert (await plain.post(announced["upload_url"], content=b"short")).status_code == 400
    error, _ = await refused(web.files_completeUploadExternal(files=[{"id": announced["file_id"]}], channel_id="C0OPS"))
    assert error == "file_not_found"
    await web.files_upload_v2(channel="C0OPS", filename="log.txt", content="0123456789", title="Log")
    assert slack.messages("C0OPS")[0].files[0]["title"] == "Log"


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


async def test_people_type_text_that_slack_marks_up():
    """Angle brackets are escaped, addresses linked and mentions made live before the app sees them."""
    assert typed_by_a_person("@escher stop <a> & api.example.com") == (
        "<@U0ESCHER> stop &lt;a&gt; &amp; <http://api.example.com|api.example.com>"
    )
    assert typed_by_a_person("ask ops@acme.com") == "ask <mailto:ops@acme.com|ops@acme.com>"


async def test_an_app_hears_only_mentions_and_direct_messages(slack):
    """Talk without a mention and channels without the bot stay unheard; its own direct messages are heard."""
    await slack.says("U0ALICE", "lunch?")
    assert slack.deliveries == []
    await slack.says("U0ALICE", "hello", "im")
    assert slack.deliveries[-1].payload["event"]["channel_type"] == "im"
    web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await web.chat_postMessage(channel="U0ALICE", text="hi")
    assert slack.deliveries[-1].payload["event"]["bot_id"] == "B0ESCHER"


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
