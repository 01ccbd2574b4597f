"""What cards say and carry, where the golden files would not make the reason plain."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from blocks import adaptive, escape, slack, text
from blocks.components import (
    Action,
    ActionId,
    Code,
    Column,
    Confirmation,
    NoticeCard,
    Plain,
    ResourceTable,
    TableRow,
    When,
    decode_value,
    line,
    parse,
    plan_actions,
)
from blocks.slack_modals import ask_modal, read_submission
from tests.golden.card_samples import DIGEST, SAMPLES


def test_the_first_line_of_every_surface_is_the_answer() -> None:
    """No surface begins with the name of the card."""
    plan = SAMPLES["execution_plan"]
    assert text.render(plan).startswith("Stop 5 dev EC2 instances")
    assert slack.fallback(plan).startswith("Stop 5 dev EC2 instances")
    assert slack.render(plan)[0]["text"]["text"] == "Stop 5 dev EC2 instances"
    assert "Stop 5 dev EC2 instances" in json.dumps(adaptive.render(plan)["body"][0])


def test_text_alone_is_enough_to_act_on() -> None:
    """The plan's text names the commands with the plan's id, and what must be typed."""
    assert "approve p-7f3a9k2m · reject p-7f3a9k2m <why>" in text.render(SAMPLES["execution_plan"])
    assert "approve p-9d2c4h8x confirm 37 <why>" in text.render(SAMPLES["execution_plan_dangerous"])


def test_the_terminal_shows_times_in_its_own_zone() -> None:
    """The reader's zone decides what a moment is called."""
    card = NoticeCard(headline=line("due ", When(at=datetime(2026, 7, 1, 12, tzinfo=UTC))))
    assert text.render(card, zone=ZoneInfo("America/New_York")) == "due 08:00 EDT"


def test_a_decided_plan_has_no_buttons_left() -> None:
    """What can no longer act is gone on every surface."""
    done = SAMPLES["execution_plan_done"]
    assert all(block["type"] != "actions" for block in slack.render(done))
    assert [action["title"] for action in adaptive.render(done)["actions"]] == ["Details"]
    assert "Type:" not in text.render(done)


def test_approving_a_dangerous_plan_asks_for_the_count_in_place() -> None:
    """The card's Approve opens an input; pressing it carries plan, digest and the typed count."""
    approve = adaptive.render(SAMPLES["execution_plan_dangerous"])["actions"][0]
    assert approve["type"] == "Action.ShowCard"
    assert [field["id"] for field in approve["card"]["body"]] == ["count", "reason"]
    press = approve["card"]["actions"][0]
    assert press["verb"] == "approve"
    assert press["data"] == {"action": "approve", "value": {"plan_id": "p-9d2c4h8x", "digest": DIGEST}}
    assert press["fallback"]["type"] == "Action.Submit"
    assert press["fallback"]["data"] == press["data"]


def test_a_press_carries_ids_that_can_be_read_back() -> None:
    """What a button carries decodes to what it was given; anything else is refused."""
    buttons = slack.render(SAMPLES["execution_plan"])[-1]["elements"]
    assert decode_value(buttons[0]["value"]) == {"plan_id": "p-7f3a9k2m", "digest": DIGEST}
    assert slack.action_of(buttons[0]["action_id"]) is ActionId.APPROVE
    for bad in ("[]", '{"a":1}', '{"a":"' + "x" * 1000 + '"}'):
        with pytest.raises(ValueError, match="button"):
            decode_value(bad)


def test_two_buttons_of_one_kind_keep_apart() -> None:
    """Slack wants every action id of a block to be its own; the kind can still be read from each."""
    elements = slack.render(SAMPLES["clarification"])[-2]["elements"]
    ids = [element["action_id"] for element in elements]
    assert len(set(ids)) == len(ids) == 3
    assert {slack.action_of(found) for found in ids} == {ActionId.CHOOSE}


def test_an_action_cannot_carry_more_than_ids() -> None:
    """A value that would not fit beside five others is refused when it is built."""
    with pytest.raises(ValidationError, match="ids only"):
        Action(id=ActionId.ASK, label="x", value={"text": "x" * 390, "more": "y" * 390})


def test_a_dialog_gives_back_what_the_press_carried() -> None:
    """Submission of the typed confirmation names action, value, origin and texts."""
    action = plan_actions("p-1", DIGEST, confirmation=Confirmation(kind="count", expected="5"))[0]
    view = ask_modal(action, headline="Stop 5", origin={"channel": "C1", "ts": "1.2", "thread": "1.1"})
    view["state"] = {"values": {"count": {"count": {"type": "plain_text_input", "value": " 5 "}}}}
    name, value, origin, typed = read_submission(view)
    assert (name, value["plan_id"], origin["ts"], typed) == ("approve", "p-1", "1.2", {"count": "5"})


def test_a_table_says_how_many_rows_it_does_not_show() -> None:
    """Two hundred rows do not fit; the rest is counted against the total of the answer."""
    table = ResourceTable(
        title="900 disks",
        columns=(Column(label="Name"), Column(label="Id")),
        rows=tuple(TableRow(cells=(f"disk-{n}", Code(text=f"d-{n}"))) for n in range(200)),
        total=900,
    )
    blocks = slack.render(table)
    shown = len(next(block for block in blocks if block["type"] == "table")["rows"]) - 1
    assert 0 < shown < 100
    assert f"and {900 - shown} more" in json.dumps(blocks)


@pytest.mark.parametrize("name", ["my_db_name", "api-v2.prod", "i-0a1b2c3d", "10.0.0.0/8", "team web (eu)", "a < 10 %"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    """Making text harmless does not disfigure what people really call things."""
    assert escape.inert(name) == name


def test_ids_in_monospace_stay_exact() -> None:
    """An ARN with something that looks like an emoji code is not touched where it can be copied."""
    arn = "arn:aws:s3:::my_bucket*"
    blocks = slack.render(NoticeCard(headline="x", lines=(line(Code(text=arn)),)))
    assert f"`{arn}`" in blocks[1]["text"]["text"]
    card = adaptive.render(NoticeCard(headline="x", lines=(line(Code(text=arn)),)))
    assert card["body"][1]["inlines"][0]["text"] == arn


def test_hidden_characters_leave_a_mark() -> None:
    """Text that was reordered or hidden shows that something was there."""
    assert escape.visible("pay\u202eroll\u200b") == "pay\N{REPLACEMENT CHARACTER}roll\N{REPLACEMENT CHARACTER}"


def test_a_component_knows_no_unknown_keys() -> None:
    """A misspelt key is an error, not a silent loss."""
    with pytest.raises(ValidationError, match="extra"):
        parse({"kind": "notice", "headline": "x", "colour": "red"})


def test_lone_surrogates_cannot_reach_a_store() -> None:
    """Half a character from somebody's JSON becomes a question mark at the door."""
    assert NoticeCard(headline="a\ud800b").headline == (Plain(text="a?b"),)
