"""Blocks as a person reads them, in plain text; buttons as `[ Approve ]`.

Entities are decoded as Slack does before showing a text (https://docs.slack.dev/messaging/formatting-message-text/).
What would be alive (a mention that notifies, a link that can be followed) is listed by `live`.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.fakes.slack.errors import Json

_LIVE_KEYS = ("user_id", "usergroup_id", "range", "channel_id", "url")


def unescape(text: str) -> str:
    """Decode the three entities that Slack knows."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(blocks: list[Json] | None, text: str) -> str:
    """Return the readable text of a message: its blocks, or its text when it has none."""
    lines = [line for block in blocks or [] if (line := _block(block))]
    return "\n".join(lines) if lines else unescape(text)


def live(value: Any) -> list[str]:
    """Return the mentions, broadcasts, dates and links in blocks (or one mrkdwn text) that Slack would bring to life.

    Sources: https://docs.slack.dev/messaging/formatting-message-text/ (`<...>` in mrkdwn) and
    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/ (user, usergroup, broadcast, channel and link runs).
    """
    if isinstance(value, str):
        return re.findall(r"<[^<>\n]+>", value)
    if isinstance(value, list):
        return [found for item in value for found in live(item)]
    if not isinstance(value, dict):
        return []
    kind = value.get("type")
    if kind in {"mrkdwn", "markdown"}:
        return live(str(value.get("text", "")))
    if kind in {"user", "usergroup", "broadcast", "channel", "link"}:
        return [f"{kind}:{next(value[key] for key in _LIVE_KEYS if key in value)}"]
    return [found for item in value.values() if isinstance(item, dict | list) for found in live(item)]


def _block(block: Json) -> str:
    render = _RENDERERS.get(str(block.get("type")))
    return render(block) if render else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        content = str(value.get("text") or "")
        return unescape(content) if value.get("type") == "mrkdwn" else content
    return ""


def _element(element: Json) -> str:
    match element.get("type"):
        case "button" | "workflow_button" | "icon_button":
            return f"[ {_text(element.get('text'))} ]"
        case "image":
            return f"({element.get('alt_text', '')})"
        case "overflow" | "static_select" | "radio_buttons" | "checkboxes" | "multi_static_select":
            return " | ".join(_text(option["text"]) for option in element.get("options", []))
        case "mrkdwn" | "plain_text":
            return _text(element)
        case _:
            return ""


def _section(block: Json) -> str:
    parts = [_text(block.get("text")), *(_text(field) for field in block.get("fields", []))]
    if accessory := block.get("accessory"):
        parts.append(_element(accessory))
    return "\n".join(part for part in parts if part)


def _row(block: Json) -> str:
    return "  ".join(part for element in block["elements"] if (part := _element(element)))


def _rich(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_rich(item) for item in value)
    if not isinstance(value, dict):
        return ""
    kind = value.get("type")
    own = {
        "link": value.get("text") or value.get("url", ""),
        "emoji": f":{value.get('name')}:",
        "user": f"<@{value.get('user_id')}>",
        "broadcast": f"<!{value.get('range')}>",
    }
    if kind in own:
        return str(own[str(kind)])
    ending = "\n" if kind in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"} else ""
    return str(value.get("text") or "") + _rich(value.get("elements", [])) + ending


def _table(block: Json) -> str:
    return "\n".join(" | ".join(_text(cell) or _rich(cell).strip() for cell in row) for row in block["rows"])


def _task(block: Json) -> str:
    parts = [f"({block['status']}) {block['title']}", _rich(block.get("details")), _rich(block.get("output"))]
    return "\n".join(part.strip() for part in parts if part.strip())


def _plan(block: Json) -> str:
    return "\n".join([str(block["title"]), *(_task(task) for task in block.get("tasks", []))])


def _card(block: Json) -> str:
    parts = [_text(block.get(name)) for name in ("title", "subtitle", "body")]
    parts.append("  ".join(_element(button) for button in block.get("actions", [])))
    return "\n".join(part for part in parts if part)


def _input(block: Json) -> str:
    return f"{_text(block['label'])}: ______"


def _just_text(block: Json) -> str:
    return _text(block["text"])


_RENDERERS: dict[str, Callable[[Json], str]] = {
    "section": _section,
    "header": _just_text,
    "markdown": _just_text,
    "alert": _just_text,
    "context": _row,
    "actions": _row,
    "divider": lambda _: "---",
    "image": lambda block: f"({block['alt_text']})",
    "rich_text": lambda block: _rich(block["elements"]).rstrip("\n"),
    "table": _table,
    "task_card": _task,
    "plan": _plan,
    "card": _card,
    "carousel": lambda block: "\n".join(_card(card) for card in block["elements"]),
    "input": _input,
}
