"""Lines that several layouts say in the same words."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from blocks.accents import Accent, Badge
from blocks.components.actions import Action, ask_again
from blocks.components.inline import Line, Plain, When, joined, line
from blocks.components.plan import DecisionLine
from blocks.components.rows import Note, ReportItem
from blocks.components.vocabulary import TimeStyle, Tone, Verdict
from blocks.layout.parts import Buttons, Headline, Item, Layout, Part, Words


def card(headline: Line, badge: Badge | None, parts: Iterable[Part | None], accent: Accent | None = None) -> Layout:
    """A layout from its headline and whichever parts there are."""
    tint = accent or (badge.accent if badge is not None else Accent.NEUTRAL)
    kept = tuple(part for part in parts if part is not None)
    return Layout(accent=tint, parts=(Headline(text=headline, badge=badge), *kept))


def words(text: Line, tone: Tone = Tone.NORMAL) -> Words | None:
    """A line, or nothing where there is nothing to say."""
    return Words(text=text, tone=tone) if text else None


def grey(*parts: Line) -> Words | None:
    """The given lines behind each other as one small grey line."""
    return words(joined(parts), Tone.GREY)


def labelled(label: str, text: Line, tone: Tone = Tone.NORMAL) -> Words | None:
    """`Undo: start the same 5`, with the label in bold."""
    return Words(text=(Plain(text=f"{label}: ", strong=True), *text), tone=tone) if text else None


def notes(items: Sequence[Note]) -> list[Words]:
    """One line a note, the loud ones first."""
    order = (Tone.BAD, Tone.WARNING, Tone.NORMAL, Tone.GOOD, Tone.GREY)
    return [Words(text=item.text, tone=item.tone) for tone in order for item in items if item.tone is tone]


def buttons(actions: Sequence[Action]) -> Buttons | None:
    """The decisions of a card, or nothing."""
    return Buttons(actions=tuple(actions)) if actions else None


def offers(texts: Sequence[str]) -> Buttons | None:
    """Ready questions to press, or nothing."""
    return Buttons(actions=tuple(ask_again(text) for text in texts if text), quiet=True) if any(texts) else None


def at(label: str, moment: datetime | None, style: TimeStyle = TimeStyle.TIME) -> Line:
    """`expires 14:32`, or nothing."""
    return line(f"{label} ", When(at=moment, style=style)) if moment is not None else ()


def decision(item: DecisionLine, number: int, needed: int) -> Line:
    """`1 of 2: @approver approved 14:05 "reason"`; the count only where more than one is needed."""
    approved = item.verdict is Verdict.APPROVED
    lead = f"{number} of {needed}: " if approved and needed > 1 else ""
    reason = f": “{item.reason}”" if item.reason else ""
    tail = f" ({item.note})" if item.note else ""
    return line(lead, f"{item.verdict.value} by ", item.person, " ", When(at=item.at), reason + tail)


def decisions(items: Sequence[DecisionLine], needed: int = 1) -> Line:
    """All decisions behind each other, approvals counted."""
    lines: list[Line] = []
    approvals = 0
    for item in items:
        approvals += item.verdict is Verdict.APPROVED
        lines.append(decision(item, approvals, needed))
    return joined(lines)


def report_items(items: Sequence[ReportItem]) -> tuple[Item, ...]:
    """Report lines as rows of a list."""
    return tuple(Item(cells=(item.text,), tone=item.tone, action=item.action) for item in items)
