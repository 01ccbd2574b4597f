"""Lines as Adaptive Cards write them.

Words alone become a TextBlock, made inert because Teams reads markdown there. Lines with monospace or bold pieces
become a RichTextBlock, whose text runs process no markup at all. Mentions work in TextBlocks only
(https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from blocks.accents import Accent
from blocks.components.inline import Code, Line, Person, Plain, When
from blocks.components.vocabulary import TimeStyle, Tone
from blocks.escape import inert, literal
from blocks.fitting import merged
from blocks.wording import moment

Json = dict[str, Any]

_PRINCIPAL: Final = re.compile(
    r"^teams:[0-9a-fA-F-]{36}:([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$"
)
"""`teams:<tenant>:<aad object id>`; anything else is never made a mention."""

COLORS: Final = {
    Accent.NEUTRAL: "default",
    Accent.WAITING: "warning",
    Accent.RUNNING: "accent",
    Accent.GOOD: "good",
    Accent.WARNING: "warning",
    Accent.BAD: "attention",
    Accent.OFF: "default",
}

STYLES: Final = {
    Accent.NEUTRAL: "emphasis",
    Accent.WAITING: "warning",
    Accent.RUNNING: "accent",
    Accent.GOOD: "good",
    Accent.WARNING: "warning",
    Accent.BAD: "attention",
    Accent.OFF: "emphasis",
}

TONES: Final = {
    Tone.NORMAL: "default",
    Tone.GREY: "default",
    Tone.GOOD: "good",
    Tone.WARNING: "warning",
    Tone.BAD: "attention",
}


SIGNS: Final = {Tone.WARNING: "⚠ "}
"""What says a tone where its colour does not."""

_PALE: Final = frozenset({Tone.GOOD, Tone.WARNING})
"""Yellow and light green on white, which nobody reads, are what Teams makes of these two."""


def colored(tone: Tone, *, teams: bool) -> Json:
    """The look of words of a tone."""
    if tone in {Tone.NORMAL, Tone.GREY} or (teams and tone in _PALE):
        return {}
    return {"color": TONES[tone]}


@dataclass(slots=True, kw_only=True)
class Mentions:
    """Who is mentioned in a card; only where `live`, because other hosts would show the tags."""

    live: bool
    entities: list[Json] = field(default_factory=list)

    def tag(self, person: Person) -> str:
        """The person's tag, noted for the card's entities; nothing where no mention can be made."""
        found = _PRINCIPAL.match(person.principal) if self.live else None
        if found is None:
            return ""
        name = re.sub(r"[<>&]", "", inert(person.name)).strip() or "somebody"
        tag = f"<at>{name}</at>"
        entity = {"type": "mention", "text": tag, "mentioned": {"id": found.group(1), "name": name}}
        if any(other["text"] == tag and other != entity for other in self.entities):
            return ""
        if entity not in self.entities:
            self.entities.append(entity)
        return tag


def date_text(at: datetime, style: TimeStyle) -> str:
    """A moment in the reader's own zone.

    https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features#datetime-formatting-and-localization
    """
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if at.astimezone(UTC).year < 1000:  # noqa: PLR2004 - strftime drops leading zeros of the year, the format wants four
        return moment(at, style, UTC)
    day, time = f"{{{{DATE({stamp},SHORT)}}}}", f"{{{{TIME({stamp})}}}}"
    match style:
        case TimeStyle.TIME:
            return time
        case TimeStyle.DATE:
            return day
        case TimeStyle.DATETIME:
            return f"{day} {time}"


def words(pieces: Line, mentions: Mentions) -> str:
    """A line as the text of a TextBlock or of a fact."""
    return "".join(_word(piece, mentions) for piece in merged(pieces))


def _word(piece: Plain | Code | Person | When, mentions: Mentions) -> str:
    match piece:
        case Plain(text=text) | Code(text=text):
            return inert(text)
        case Person(name=name):
            return mentions.tag(piece) or inert(name)
        case When(at=at, style=style):
            return date_text(at, style)


def block(pieces: Line, mentions: Mentions, start: Sequence[Json] = (), **look: Any) -> Json:
    """A line as an element.

    Args:
        pieces: the line.
        mentions: who is mentioned in this card.
        start: text runs to put in front, such as a number or a status sign.
        look: color, size, weight, isSubtle, spacing, horizontalAlignment.
    """
    tagged = any(isinstance(piece, Person) and mentions.tag(piece) for piece in pieces)
    rich = any(isinstance(piece, Code | Person) or (isinstance(piece, Plain) and piece.strong) for piece in pieces)
    if tagged or not (rich or start):
        lead = "".join(run["text"].replace(". ", "  ") for run in start)
        return {"type": "TextBlock", "text": lead + words(pieces, mentions) or " ", "wrap": True, **look}
    outer: Json = {key: look[key] for key in ("spacing", "horizontalAlignment", "id") if key in look}
    inner = {key: value for key, value in look.items() if key not in outer}
    runs = [*start, *(run for piece in merged(pieces) for run in _runs(piece, inner))]
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": " "}], **outer}


def _runs(piece: Plain | Code | Person | When, look: Json) -> list[Json]:
    strong = {"weight": "Bolder"}
    match piece:
        case Plain(text=text):
            return [{"type": "TextRun", "text": inert(text), **look, **(strong if piece.strong else {})}]
        case Code(text=text):
            return [{"type": "TextRun", "text": literal(text), "fontType": "Monospace", **look}] if text else []
        case Person(name=name):
            return [{"type": "TextRun", "text": inert(name), **look, **strong}]
        case When(at=at, style=style):
            return [{"type": "TextRun", "text": date_text(at, style), **look}]
