"""The fake Slack refuses what Slack refuses: every rule has a wrong client here that fails."""

from collections.abc import AsyncIterator

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack_samples import ManualClock, actions, button, modal, refused, section


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


async def test_a_view_is_updated_by_id_and_hash(web, slack):
    """An unknown view and an outdated hash are refused; the present hash is taken."""
    view = (await web.views_open(trigger_id=slack.state.new_trigger("U0ALICE"), view=modal()))["view"]
    assert (await refused(web.views_update(view_id="V0NONE", view=modal())))[0] == "not_found"
    assert (await refused(web.views_update(view_id=view["id"], hash="old", view=modal())))[0] == "hash_conflict"
    await web.views_update(view_id=view["id"], hash=view["hash"], view=modal(callback_id="second"))
    assert slack.modal("U0ALICE").content["callback_id"] == "second"


async def test_modals_have_a_stack_of_three_and_external_ids_of_their_own(web, slack):
    """A fourth modal on a screen and a second use of an external id are refused."""
    new = slack.state.new_trigger
    await web.views_open(trigger_id=new("U0ALICE"), view=modal(external_id="x"))
    assert (await refused(web.views_open(trigger_id=new("U0BOB"), view=modal(external_id="x"))))[
        0
    ] == "duplicate_external_id"
    for _ in range(2):
        await web.views_push(trigger_id=new("U0ALICE"), view=modal())
    assert (await refused(web.views_push(trigger_id=new("U0ALICE"), view=modal())))[0] == "push_limit_reached"


async def test_a_reaction_is_given_once_and_by_name(web, slack):
    """The same reaction twice and a name that is no emoji are refused."""
    message = await slack.says("U0ALICE", "hello")
    await web.reactions_add(channel="C0OPS", timestamp=message.ts, name="eyes")
    assert (await refused(web.reactions_add(channel="C0OPS", timestamp=message.ts, name="eyes")))[
        0
    ] == "already_reacted"
    assert (await refused(web.reactions_add(channel="C0OPS", timestamp=message.ts, name=":eyes:")))[0] == "invalid_name"


async def test_text_is_cut_at_forty_thousand(web, slack):
    """A post is truncated, an edit refused."""
    ts = (await web.chat_postMessage(channel="C0OPS", text="x" * 40_001))["ts"]
    assert len(slack.messages("C0OPS")[0].text) == 40_000
    assert (await refused(web.chat_update(channel="C0OPS", ts=ts, text="x" * 40_001)))[0] == "msg_too_long"
