"""The fake Slack refuses the blocks and views that Slack refuses, in its words."""

import json
from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack_samples import CONFIRM, ManualClock, actions, button, cell, modal, refused, section, task


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


async def test_a_home_tab_takes_no_message_only_blocks(web):
    """Tables belong into messages, modals are not Home tabs, and the user must exist."""
    table = {"type": "home", "blocks": [{"type": "table", "rows": [[cell()]]}]}
    assert (await refused(web.views_publish(user_id="U0ALICE", view=table)))[0] == "invalid_arguments"
    assert (await refused(web.views_publish(user_id="U0ALICE", view=modal())))[0] == "invalid_arguments"
    assert (await refused(web.views_publish(user_id="U0NOBODY", view={"type": "home", "blocks": []})))[
        0
    ] == "user_not_found"
