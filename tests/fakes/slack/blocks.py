"""Validation of the blocks of a message, a modal or a Home tab.

Sources: https://docs.slack.dev/reference/block-kit/blocks/ (one page a block, named in `docs`), and for the size of a
whole message https://github.com/slackapi/bolt-js/issues/2509 ("12,000 text characters with a buffer for block
containers"; measured near 13,200).
"""

from collections.abc import Iterator
from typing import Any

from tests.fakes.slack import elements as el
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.rich_text import RICH_TEXT, RICH_TEXT_OBJECT
from tests.fakes.slack.shapes import (
    Report,
    Shape,
    array,
    at_least_one_of,
    boolean,
    conform,
    not_together,
    obj,
    one_of,
    string,
    text,
    typed,
)

_DOCS = "https://docs.slack.dev/reference/block-kit/blocks"
_MESSAGE = frozenset({"message"})

MESSAGE_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks/
VIEW_BLOCKS = 100  # https://docs.slack.dev/surfaces/modals/
MESSAGE_CHARACTERS = 13_200  # see the module docstring
CONTAINER_CHARACTERS = 10  # what an object around a text is counted as
TABLE_CHARACTERS = 10_000  # https://docs.slack.dev/reference/block-kit/blocks/table-block/

_COLUMN = Shape(
    docs=f"{_DOCS}/table-block/",
    optional={"align": one_of("left", "center", "right"), "is_wrapped": boolean},
)


def _number(value: Any, path: str, report: Report) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("must provide a number", path)


_CELL = typed(
    {
        "raw_text": Shape(docs=f"{_DOCS}/table-block/", required={"text": string(12_000)}),
        "raw_number": Shape(docs=f"{_DOCS}/table-block/", required={"value": _number, "text": string(12_000)}),
        "rich_text": RICH_TEXT,
    },
    always=("type", "block_id"),
)


def _column(value: Any, path: str, report: Report) -> None:
    if value is not None:
        obj(_COLUMN)(value, path, report)


TASK_CARD = Shape(
    docs=f"{_DOCS}/task-card-block/",
    required={
        "task_id": string(255),
        "title": string(255),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    optional={
        "details": RICH_TEXT_OBJECT,
        "output": RICH_TEXT_OBJECT,
        "sources": array(typed({"url": el.URL_SOURCE}), maximum=50),
    },
    surfaces=_MESSAGE,
)

CARD = Shape(
    docs=f"{_DOCS}/card-block/",
    optional={
        "hero_image": typed({"image": el.IMAGE}),
        "icon": typed({"image": el.IMAGE}),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(typed({"button": el.BUTTON}), maximum=5),
    },
    surfaces=_MESSAGE,
    rules=(at_least_one_of("hero_image", "title", "actions", "body"),),
)

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        docs=f"{_DOCS}/section-block/",
        optional={
            "text": text(3000),
            "fields": array(text(2000), maximum=10),
            "accessory": el.ACCESSORY,
            "expand": boolean,
        },
        rules=(at_least_one_of("text", "fields"),),
    ),
    "divider": Shape(docs=f"{_DOCS}/divider-block/"),
    "header": Shape(docs=f"{_DOCS}/header-block/", required={"text": text(150, "plain_text")}),
    "context": Shape(
        docs=f"{_DOCS}/context-block/",
        required={
            "elements": array(
                typed(
                    {
                        "image": el.IMAGE,
                        "plain_text": Shape(docs=_DOCS, required={"text": string(2000)}, optional={"emoji": boolean}),
                        "mrkdwn": Shape(docs=_DOCS, required={"text": string(2000)}, optional={"verbatim": boolean}),
                    }
                ),
                maximum=10,
            )
        },
    ),
    "actions": Shape(docs=f"{_DOCS}/actions-block/", required={"elements": array(typed(el.INTERACTIVE), maximum=25)}),
    "context_actions": Shape(
        docs=f"{_DOCS}/context-actions-block/",
        required={"elements": array(typed(el.CONTEXT_ACTIONS), maximum=5)},
        surfaces=_MESSAGE,
    ),
    "image": Shape(
        docs=f"{_DOCS}/image-block/",
        required={"alt_text": string(2000)},
        optional={"image_url": el.image_url, "slack_file": obj(el.SLACK_FILE), "title": text(2000, "plain_text")},
        rules=(at_least_one_of("image_url", "slack_file"), not_together("image_url", "slack_file")),
    ),
    "input": Shape(
        docs=f"{_DOCS}/input-block/",
        required={"label": text(2000, "plain_text"), "element": typed(el.INPUTS)},
        optional={"hint": text(2000, "plain_text"), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "markdown": Shape(docs=f"{_DOCS}/markdown-block/", required={"text": string(12_000)}, surfaces=_MESSAGE),
    "table": Shape(
        docs=f"{_DOCS}/table-block/",
        required={"rows": array(array(_CELL, maximum=20), maximum=100)},
        optional={"column_settings": array(_column, maximum=20, minimum=0)},
        surfaces=_MESSAGE,
    ),
    "task_card": TASK_CARD,
    "plan": Shape(
        docs=f"{_DOCS}/plan-block/",
        required={"title": string(255)},
        optional={"tasks": array(typed({"task_card": TASK_CARD}, always=("type", "block_id")), maximum=50, minimum=0)},
        surfaces=_MESSAGE,
    ),
    "alert": Shape(
        docs=f"{_DOCS}/alert-block/",
        required={"text": text(3000)},
        optional={"level": one_of("default", "info", "warning", "error", "success")},
        surfaces=frozenset({"message", "modal"}),
    ),
    "card": CARD,
    "carousel": Shape(
        docs=f"{_DOCS}/carousel-block/",
        required={"elements": array(typed({"card": CARD}, always=("type", "block_id")), maximum=10)},
        surfaces=_MESSAGE,
    ),
}


def check_blocks(blocks: Any, *, surface: str = "message") -> None:
    """Refuse blocks that Slack would refuse.

    Args:
        blocks: The parsed `blocks` argument.
        surface: `message`, `modal` or `home`.

    Raises:
        SlackError: `invalid_blocks_format` (not a list of objects), `invalid_blocks` with one message a fault, or
            `msg_blocks_too_long`.
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError(code="invalid_blocks_format")
    report = Report(surface=surface)
    limit = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    if len(blocks) > limit:
        report.add(f"no more than {limit} items allowed", "/blocks")
    for index, block in enumerate(blocks):
        _check_block(block, f"/blocks/{index}", report)
    _unique_block_ids(blocks, report)
    _agent_blocks(blocks, report)
    _tables(blocks, report)
    if report.complaints:
        raise SlackError(code="invalid_blocks", messages=report.complaints)
    if surface == "message" and weight(blocks) > MESSAGE_CHARACTERS:
        raise SlackError(code="msg_blocks_too_long")


def weight(value: Any) -> int:
    """Return the characters Slack counts for a message's blocks: its texts, and a little for each object around them."""
    if isinstance(value, dict):
        own = sum(len(item) for key, item in value.items() if key in {"text", "title", "alt_text"} and _is_text(item))
        return CONTAINER_CHARACTERS + own + sum(weight(item) for item in value.values())
    if isinstance(value, list):
        return sum(weight(item) for item in value)
    return 0


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every (block, element) in which the element has something to click."""
    for block in blocks:
        candidates = [
            *block.get("elements", []),
            block.get("accessory"),
            block.get("element"),
            *block.get("actions", []),
        ]
        for element in candidates:
            if isinstance(element, dict) and element.get("type") in {**el.INTERACTIVE, **el.INPUTS}:
                yield block, element


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _check_block(block: Json, path: str, report: Report) -> None:
    kind = block.get("type")
    shape = BLOCKS.get(kind) if isinstance(kind, str) else None
    if shape is None or report.surface not in shape.surfaces:
        report.add(f"unsupported type: {kind}", f"{path}/type")
        return
    if "block_id" in block:
        string(255)(block["block_id"], f"{path}/block_id", report)
    conform(block, path, report, shape, always=("type", "block_id"))
    seen: set[str] = set()
    for _, element in interactive([block]):
        action_id = element.get("action_id")
        if action_id in seen:  # https://docs.slack.dev/reference/block-kit/block-elements/button-element/
            report.add(f"`action_id` `{action_id}` already exists", f"{path}/elements")
        if isinstance(action_id, str):
            seen.add(action_id)


def _unique_block_ids(blocks: list[Json], report: Report) -> None:
    """Source: https://docs.slack.dev/reference/block-kit/blocks/section-block/ ("should be unique for each message")."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            report.add(f"`block_id` `{block_id}` already exists", f"/blocks/{index}/block_id")
        if isinstance(block_id, str):
            seen.add(block_id)


def _agent_blocks(blocks: list[Json], report: Report) -> None:
    """Source: https://docs.slack.dev/reference/block-kit/blocks/plan-block/ (a plan holds the task cards)."""
    kinds = {block.get("type") for block in blocks}
    if {"plan", "task_card"} <= kinds:
        report.add("plan and task_card blocks cannot be used together", "/blocks")


def _tables(blocks: list[Json], report: Report) -> None:
    """Source: https://docs.slack.dev/reference/block-kit/blocks/table-block/ (one a message, 10,000 characters)."""
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        report.add("only_one_table_allowed", "/blocks")
    characters = sum(len(string_) for table in tables for string_ in _texts(table))
    if characters > TABLE_CHARACTERS:
        report.add(f"table cells must be less than {TABLE_CHARACTERS + 1} characters together", "/blocks")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
