"""Whatever is in a component: no surface's limit is passed, and nothing foreign comes alive."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from blocks import adaptive, limits, slack, text
from blocks.components import (
    Action,
    ActionId,
    Ask,
    AskKind,
    Code,
    Component,
    ExecutionPlanCard,
    NoticeCard,
    Person,
    Risk,
    RiskLevel,
    State,
    TargetRow,
    line,
    parse_foreign,
    plan_actions,
)
from blocks.slack_modals import ask_modal
from tests.fakes.poison import POISON
from tests.fakes.slack.blocks import check_blocks
from tests.property.card_strategies import KNOWN, component, inflated

SHORT = tuple(item for item in POISON if len(item) < 200)


@st.composite
def _words(draw: st.DrawFn) -> str:
    return draw(st.text(max_size=40)) if draw(st.booleans()) else POISON[draw(st.integers(0, len(POISON) - 1))]


@st.composite
def _harm(draw: st.DrawFn) -> str:
    return "".join(SHORT[draw(st.integers(0, len(SHORT) - 1))] for _ in range(draw(st.integers(1, 3))))


WORDS = _words()
HARMFUL = _harm()
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
PLAN = {"plan_id": "p-7f3a9k2m", "digest": "0" * 64}


def _strings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any], str]]:
    """Every string of a JSON value with its keys and the object it stands in."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                yield (*path, key), value, item
            else:
                yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, path)


def _fits_slack(blocks: list[dict[str, Any]]) -> None:
    assert len(blocks) <= limits.SLACK_BLOCKS
    assert slack.length(blocks) <= limits.SLACK_MESSAGE
    check_blocks(blocks)


def _fits_cards(card: dict[str, Any]) -> None:
    assert adaptive.length(card) <= limits.CARD_CHARACTERS
    assert len(card.get("actions", [])) <= limits.CARD_ACTIONS


def _slack_is_dead(blocks: list[dict[str, Any]]) -> None:
    for path, owner, found in _strings(blocks):
        if path[-1] == "text" and owner.get("type") == "mrkdwn":
            assert owner["verbatim"] is True
            _mrkdwn_is_dead(found)
        elif owner.get("type") in {"plain_text", "raw_text"} or (owner.get("type") == "text" and path[-1] == "text"):
            assert not re.search(r"<[!@#a-zA-Z/]", found)
        elif path[-1] == "user_id":
            assert found == "U0KNOWN"
        elif path[-1] == "type":
            assert found not in {"link", "broadcast", "usergroup", "channel", "emoji", "team"}
        else:
            assert path[-1] != "url"


def _mrkdwn_is_dead(found: str) -> None:
    ours = re.sub(r"<@U0KNOWN>|<!date\^\d+\^[{}a-z_ ]+\|[\w :+-]+>", "", found)
    assert "<" not in ours
    assert not re.search(r"&(?!amp;|lt;|gt;)", ours)
    outside = re.sub(r"`[^`\n]*`", "", ours)
    assert "`" not in outside
    assert "://" not in outside
    assert not re.search(r":[A-Za-z0-9_+'-]+:", outside)
    assert not re.search(r"@(here|channel|everyone)\b", outside)


_MARKDOWN = MarkdownIt("commonmark")
_DATE = re.compile(r"\{\{(?:DATE|TIME)\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?:,SHORT)?\)\}\}")


def _card_is_dead(card: dict[str, Any]) -> None:
    entities = card.get("msteams", {}).get("entities", [])
    assert all(entity["mentioned"]["id"] == KNOWN[1].rpartition(":")[2] for entity in entities)
    tags = {entity["text"] for entity in entities}
    assert len(tags) == len(entities)
    for path, owner, found in _strings(card.get("body", []) + card.get("actions", [])):
        kind = owner.get("type", "")
        if "data" in path:
            continue
        if path[-1] == "type":
            assert found not in {"Action.OpenUrl", "Media"}
        elif path[-1] == "url":
            assert found in {"/charts/1.png", "https://example.com/1.png"}
        elif path[-1] in {"text", "title", "label", "placeholder", "altText"} or (path[-1] == "value" and not kind):
            _card_text_is_dead(found, tags, markdown=kind in {"TextBlock", ""})


def _card_text_is_dead(found: str, tags: set[str], *, markdown: bool) -> None:
    for tag in tags:
        found = found.replace(tag, "")
    assert not re.search(r"</?\s*at\b|<[a-zA-Z!/]", found)
    assert "](" not in found
    assert not re.search(r"&#?[A-Za-z0-9]{1,32};", found)
    assert "{{" not in _DATE.sub("", found)
    if markdown:
        assert "://" not in found
        for token in _MARKDOWN.parse(_DATE.sub("", found)):
            assert token.type in {"paragraph_open", "paragraph_close", "inline"}, found
            kinds = {child.type for child in token.children or ()}
            assert kinds <= {"text", "softbreak", "text_special"}, found


def _text_is_dead(page: str) -> None:
    for row in page.split("\n"):
        assert len(row) <= limits.TEXT_COLUMNS
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in row)


@QUICK
@given(component(WORDS), st.integers(0, 10_000))
def test_no_component_passes_a_limit(card: Component, revision: int) -> None:
    """Blocks, cards and text keep their platform's limits, whatever is said."""
    _fits_slack(slack.render(card, revision=revision))
    _fits_cards(adaptive.render(card, mentions=True))
    _text_is_dead(text.render(card, detailed=True))
    assert len(slack.fallback(card)) <= limits.SLACK_FALLBACK


@QUICK
@given(component(st.one_of(st.sampled_from(["<", "&", "*", "é", "\n", '"', "数"]), HARMFUL)), st.sampled_from([4, 60]))
def test_a_huge_component_is_shortened_and_never_fails(card: Component, times: int) -> None:
    """Long lists of long texts still fit every surface."""
    huge = inflated(card, 6, times)
    _fits_slack(slack.render(huge))
    details = slack.details(huge)
    if details:
        _fits_slack(details)
    _fits_cards(adaptive.render(huge))
    _text_is_dead(text.render(huge))


@QUICK
@given(component(HARMFUL))
def test_hostile_text_never_comes_alive(card: Component) -> None:
    """No mention, link, markup, entity, emoji code or template of foreign making is live on any surface."""
    _slack_is_dead(slack.render(card))
    _slack_is_dead(slack.details(card))
    _mrkdwn_is_dead(slack.fallback(card))
    _card_is_dead(adaptive.render(card))
    _card_is_dead(adaptive.render(card, mentions=True))
    _text_is_dead(text.render(card, detailed=True))


def _poisoned(poison: str) -> ExecutionPlanCard:
    return ExecutionPlanCard(
        headline=line("Stop ", poison),
        state=State.WAITING,
        plan_id=PLAN["plan_id"],
        digest=PLAN["digest"],
        scope=poison,
        requester=Person(principal=f"slack:T1:U1>{poison}", name=poison),
        rows=(TargetRow(name=poison, id=poison, facts=(poison, Code(text=poison)), warning=poison),) * 3,
        risk=Risk(level=RiskLevel.LOW, reasons=(poison, poison)),
        undo=poison,
        requirement=poison,
        actions=plan_actions(PLAN["plan_id"], PLAN["digest"]),
    )


@pytest.mark.parametrize("poison", POISON)
def test_a_poisoned_plan_is_dead_everywhere_and_keeps_its_buttons(poison: str) -> None:
    """Each poisoned string, everywhere in a plan: nothing lives, and the decision stays what it was."""
    card = _poisoned(poison)
    blocks, cards = slack.render(card), adaptive.render(card, mentions=True)
    _fits_slack(blocks)
    _fits_cards(cards)
    _slack_is_dead(blocks)
    _card_is_dead(cards)
    _text_is_dead(text.render(card))
    buttons = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    assert [button["action_id"] for button in buttons] == ["approve", "reject", "details", "change"]
    assert all(json.loads(button["value"]) == PLAN for button in buttons)


@pytest.mark.parametrize("poison", POISON)
def test_a_poisoned_component_from_elsewhere_has_no_powers(poison: str) -> None:
    """A component of the agent server can neither mention anybody nor offer a button."""
    card = parse_foreign(
        {
            "kind": "notice",
            "headline": [{"kind": "person", "principal": KNOWN[0], "name": poison}],
            "actions": [{"id": "approve", "label": poison, "value": PLAN}],
        }
    )
    assert isinstance(card, NoticeCard)
    assert card.actions == ()
    blocks = slack.render(card)
    _slack_is_dead(blocks)
    assert "U0KNOWN" not in json.dumps(blocks)


@QUICK
@given(WORDS, WORDS, st.sampled_from(AskKind))
@example(label="Reject…", headline="<!channel>", kind=AskKind.REASON)
def test_a_dialog_is_dead_and_fits(label: str, headline: str, kind: AskKind) -> None:
    """Dialogs keep Slack's limits and show hostile headlines as text."""
    action = Action(id=ActionId.REJECT, label=label, value=PLAN, asks=(Ask(kind=kind, label=label, expected=label),))
    view = ask_modal(action, headline=headline, origin={"channel": "C1", "ts": "1.2"})
    assert 1 <= len(view["title"]["text"]) <= limits.SLACK_MODAL_TITLE
    check_blocks(view["blocks"], surface="modal")
    _slack_is_dead(view["blocks"])


def test_there_are_enough_poisoned_strings() -> None:
    """The corpus is large and its entries differ."""
    assert len(set(POISON)) == len(POISON) >= 60


def test_only_known_principals_are_mentioned() -> None:
    """A Slack principal is mentioned on Slack, a Teams principal in Teams; both are names elsewhere."""
    card = NoticeCard(
        headline=line(Person(principal=KNOWN[0], name="Ada"), " and ", Person(principal=KNOWN[1], name="Bo"))
    )
    assert "<@U0KNOWN>" in json.dumps(slack.render(card))
    rendered = adaptive.render(card, mentions=True)
    assert [entity["mentioned"]["name"] for entity in rendered["msteams"]["entities"]] == ["Bo"]
    assert "<at>" not in json.dumps(adaptive.render(card))
    assert text.render(card) == "@Ada and @Bo"
