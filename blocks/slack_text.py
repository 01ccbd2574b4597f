"""Lines as Slack writes them: mrkdwn, rich text elements and plain text objects."""

import re
from datetime import UTC
from typing import Any, Final

from blocks.components.inline import Code, Line, Person, Plain, When
from blocks.components.vocabulary import TimeStyle
from blocks.escape import inert, literal, mrkdwn, mrkdwn_code
from blocks.fitting import clip, clip_line, merged
from blocks.wording import moment

Json = dict[str, Any]

_PRINCIPAL: Final = re.compile(r"^slack:[TE][A-Z0-9]{2,20}:([UW][A-Z0-9]{2,20})$")
"""`slack:<team>:<user>`; anything else is never made a mention."""

_DATES: Final = {
    TimeStyle.TIME: "{time}",
    TimeStyle.DATE: "{date_short}",
    TimeStyle.DATETIME: "{date_short_pretty} {time}",
}
"""https://docs.slack.dev/messaging/formatting-message-text#date-formatting"""


def user_id(person: Person) -> str:
    """The Slack user id behind a principal, or nothing."""
    found = _PRINCIPAL.match(person.principal)
    return found.group(1) if found else ""


def line_mrkdwn(pieces: Line, limit: int) -> str:
    """A line as mrkdwn of at most `limit` characters."""
    text = "".join(_piece_mrkdwn(piece) for piece in merged(pieces))
    most = limit
    while len(text) > limit:
        most //= 2
        text = "".join(_piece_mrkdwn(piece) for piece in merged(clip_line(pieces, most)))
    return text


def _piece_mrkdwn(piece: Plain | Code | Person | When) -> str:
    match piece:
        case Plain(text=text, strong=strong):
            return bold(text) if strong else mrkdwn(text)
        case Code(text=text):
            return code(text)
        case Person():
            known = user_id(piece)
            return f"<@{known}>" if known else bold(piece.name)
        case When(at=at, style=style):
            return f"<!date^{int(at.timestamp())}^{_DATES[style]}|{mrkdwn(moment(at, style, UTC))}>"


def bold(text: str) -> str:
    """Bold mrkdwn; spaces at the edges stay outside, because Slack does not embolden them."""
    safe = mrkdwn(text)
    core = safe.strip()
    if not core:
        return safe
    start = safe.index(core)
    return f"{safe[:start]}*{core}*{safe[start + len(core) :]}"


def code(text: str) -> str:
    """Monospace mrkdwn."""
    safe = mrkdwn_code(text).strip()
    return f"`{safe}`" if safe else ""


def line_plain(pieces: Line) -> str:
    """A line without any formatting, for plain text objects."""
    return "".join(_piece_plain(piece) for piece in merged(pieces))


def _piece_plain(piece: Plain | Code | Person | When) -> str:
    match piece:
        case Plain(text=text):
            return inert(text)
        case Code(text=text):
            return literal(text)
        case Person(name=name):
            return inert(name)
        case When(at=at, style=style):
            return moment(at, style, UTC)


def rich_elements(pieces: Line) -> list[Json]:
    """A line as elements of a rich text section."""
    elements = [element for piece in merged(pieces) if (element := _piece_rich(piece))]
    return elements or [{"type": "text", "text": " "}]


def _piece_rich(piece: Plain | Code | Person | When) -> Json:
    match piece:
        case Plain(text=text, strong=strong):
            return _rich(inert(text), {"bold": True} if strong else {})
        case Code(text=text):
            return _rich(literal(text), {"code": True})
        case Person():
            known = user_id(piece)
            return {"type": "user", "user_id": known} if known else _rich(inert(piece.name), {"bold": True})
        case When(at=at, style=style):
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": _DATES[style],
                "fallback": moment(at, style, UTC),
            }


def _rich(text: str, style: Json) -> Json:
    if not text:
        return {}
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def rich_block(elements: list[Json]) -> Json:
    """One rich text section as a block or cell."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def plain_text(text: str, limit: int) -> Json:
    """A plain text object: no emoji codes, never empty."""
    return {"type": "plain_text", "text": clip(inert(text), limit).strip() or "-", "emoji": False}


def mrkdwn_text(text: str) -> Json:
    """A mrkdwn object whose text is already safe; `verbatim` keeps Slack from making links of plain addresses."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def is_plain(pieces: Line) -> bool:
    """Whether a line is words only."""
    return all(isinstance(piece, Plain) for piece in pieces)
