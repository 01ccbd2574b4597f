"""Trimming: a card that would be too large gets shorter and says so; it never fails.

`layouts` yields the same layout in ever tighter forms; a renderer takes the first whose result fits its platform.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from blocks.components.actions import Action
from blocks.components.inline import Code, Line, Person, Plain, When, line
from blocks.components.rows import Fact, TableRow, TargetProgress
from blocks.components.vocabulary import TargetState, Tone
from blocks.layout.parts import (
    Bars,
    Buttons,
    Facts,
    Fold,
    Grid,
    Headline,
    Item,
    Layout,
    Listing,
    Output,
    Part,
    Picture,
    Spark,
    Tasks,
    Title,
    Words,
)

T = TypeVar("T")
ELLIPSIS: Final = "…"
_TIME_WIDTH: Final = 20
_PIECES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of everything is shown; texts in characters before escaping."""

    rows: int
    columns: int
    paragraph: int
    cell: int
    parts: int
    decisions: int
    offers: int


BUDGETS: Final = (
    Budget(rows=100, columns=20, paragraph=2000, cell=400, parts=46, decisions=10, offers=5),
    Budget(rows=50, columns=12, paragraph=1000, cell=200, parts=40, decisions=10, offers=5),
    Budget(rows=30, columns=10, paragraph=600, cell=120, parts=30, decisions=10, offers=3),
    Budget(rows=18, columns=8, paragraph=300, cell=80, parts=24, decisions=8, offers=3),
    Budget(rows=10, columns=6, paragraph=200, cell=60, parts=18, decisions=6, offers=3),
    Budget(rows=6, columns=5, paragraph=140, cell=40, parts=14, decisions=6, offers=0),
    Budget(rows=4, columns=4, paragraph=90, cell=30, parts=9, decisions=6, offers=0),
    Budget(rows=2, columns=3, paragraph=50, cell=16, parts=6, decisions=5, offers=0),
    Budget(rows=1, columns=2, paragraph=30, cell=10, parts=4, decisions=4, offers=0),
)


def layouts(layout: Layout) -> Iterator[Layout]:
    """The layout as it is, then tighter and tighter; the last is small enough for every platform."""
    for budget in BUDGETS:
        yield Layout(accent=layout.accent, parts=_parts(layout.parts, budget))


def clip(text: str, most: int) -> str:
    """At most `most` characters, the cut marked."""
    return text if len(text) <= most else text[: max(0, most - 1)] + ELLIPSIS


def clip_line(pieces: Line, most: int) -> Line:
    """A line of at most about `most` visible characters, the cut marked."""
    kept: list[Plain | Code | Person | When] = []
    left = most
    for piece in pieces:
        if left <= 0 or len(kept) >= _PIECES:
            kept.append(Plain(text=ELLIPSIS))
            break
        match piece:
            case Plain(text=text) if len(text) > left:
                kept.append(Plain(text=clip(text, left), strong=piece.strong))
            case Code(text=text) if len(text) > left:
                kept.append(Code(text=clip(text, left)))
            case Person(name=name) if len(name) > left:
                kept.append(Person(principal=piece.principal, name=clip(name, left)))
            case _:
                kept.append(piece)
        left -= _width(piece)
    return tuple(kept)


def merged(pieces: Line) -> Line:
    """Neighbouring words as one piece, so that nothing can come alive where two of them meet."""
    kept: list[Plain | Code | Person | When] = []
    for piece in pieces:
        last = kept[-1] if kept else None
        if isinstance(piece, Plain) and isinstance(last, Plain) and piece.strong == last.strong:
            kept[-1] = Plain(text=last.text + piece.text, strong=piece.strong)
        else:
            kept.append(piece)
    return tuple(kept)


def _width(piece: Plain | Code | Person | When) -> int:
    match piece:
        case Plain(text=text) | Code(text=text):
            return len(text)
        case Person(name=name):
            return len(name)
        case When():
            return _TIME_WIDTH


def _parts(parts: Sequence[Part], budget: Budget) -> tuple[Part, ...]:
    """Headline and decisions always stay; of the rest the first ones do."""
    kept: list[Part] = []
    dropped = 0
    room = budget.parts
    for part in parts:
        must = isinstance(part, Headline | Fold) or (isinstance(part, Buttons) and not part.quiet)
        if room <= 0 and not must:
            dropped += 1
            continue
        room -= 0 if must else 1
        shorter = _part(part, budget)
        if shorter is not None:
            kept.append(shorter)
    if dropped:
        position = 1 if kept and isinstance(kept[-1], Buttons) else 0
        said = Words(text=line(f"and {dropped:,} more parts that do not fit here"), tone=Tone.GREY)
        kept.insert(len(kept) - position, said)
    return tuple(kept)


def _part(part: Part, budget: Budget) -> Part | None:  # noqa: C901, PLR0911 - one case a part, each one line
    match part:
        case Headline(text=text, badge=badge):
            short_badge = replace(badge, words=clip(badge.words, min(budget.cell, 60))) if badge is not None else None
            return Headline(text=clip_line(text, min(budget.paragraph, 300)), badge=short_badge)
        case Words(text=text):
            return replace(part, text=clip_line(text, budget.paragraph))
        case Title(text=text):
            return Title(text=clip_line(text, budget.cell))
        case Facts(rows=rows):
            return Facts(rows=tuple(_fact(row, budget) for row in rows[: budget.rows]))
        case Listing():
            return _listing(part, budget)
        case Grid():
            return _grid(part, budget)
        case Tasks():
            return _tasks(part, budget)
        case Bars(bars=bars):
            short = tuple(
                replace(bar, label=clip(bar.label, budget.cell), text=clip(bar.text, 2 * budget.cell)) for bar in bars
            )
            return Bars(bars=short[: budget.rows], more=part.more + _over(bars, budget.rows))
        case Spark(shares=shares):
            return Spark(shares=shares[-60:], caption=clip(part.caption, budget.paragraph))
        case Picture():
            return replace(part, alt=clip(part.alt, 200), instead=_parts(part.instead, budget))
        case Output(lines=lines):
            short_lines = tuple(clip(text, budget.cell) for text in lines[-budget.rows :])
            return Output(lines=short_lines, omitted=part.omitted + _over(lines, budget.rows))
        case Buttons():
            return _buttons(part, budget)
        case Fold(parts=parts):
            return replace(part, parts=_parts(parts, budget))


def _over(items: Sequence[object], most: int) -> int:
    return max(0, len(items) - most)


def _fact(row: Fact, budget: Budget) -> Fact:
    return Fact(label=clip(row.label, budget.cell), value=clip_line(row.value, budget.paragraph))


def _item(item: Item, budget: Budget) -> Item:
    return replace(
        item,
        name=clip(item.name, budget.cell),
        id=clip(item.id, budget.cell),
        cells=tuple(clip_line(cell, budget.cell) for cell in item.cells[: budget.columns]),
        under=clip_line(item.under, budget.paragraph),
        action=_action(item.action, budget) if item.action is not None and budget.offers else None,
    )


def _listing(part: Listing, budget: Budget) -> Listing:
    items = tuple(_item(item, budget) for item in part.items[: budget.rows])
    return replace(part, items=items, more=part.more + _over(part.items, budget.rows))


def _grid(part: Grid, budget: Budget) -> Grid:
    columns = tuple(
        column.model_copy(update={"label": clip(column.label, budget.cell)})
        for column in part.columns[: budget.columns]
    )
    rows = tuple(
        TableRow(cells=tuple(clip_line(cell, budget.cell) for cell in row.cells[: len(columns)]))
        for row in part.rows[: budget.rows]
    )
    return Grid(columns=columns, rows=rows, more=part.more + _over(part.rows, budget.rows))


_FIRST: Final = (TargetState.FAILED, TargetState.UNCERTAIN, TargetState.RUNNING)


def _tasks(part: Tasks, budget: Budget) -> Tasks:
    """Where not all fit, those that need eyes stay."""
    targets = part.targets
    if len(targets) > budget.rows:
        urgent = [target for target in targets if target.state in _FIRST]
        others = [target for target in targets if target.state not in _FIRST]
        targets = tuple((*urgent, *others)[: budget.rows])
    short = tuple(_target(target, budget) for target in targets)
    return Tasks(title=clip(part.title, budget.cell), targets=short, more=part.more + _over(part.targets, budget.rows))


def _target(target: TargetProgress, budget: Budget) -> TargetProgress:
    action = _action(target.action, budget) if target.action is not None and budget.offers else None
    return target.model_copy(
        update={
            "name": clip(target.name, budget.cell),
            "id": clip(target.id, budget.cell),
            "doing": clip(target.doing, budget.cell),
            "reason": clip_line(target.reason, budget.cell),
            "next_step": clip_line(target.next_step, budget.cell),
            "action": action,
        }
    )


def _buttons(part: Buttons, budget: Budget) -> Buttons | None:
    most = budget.offers if part.quiet else budget.decisions
    actions = tuple(_action(action, budget) for action in part.actions[:most])
    return Buttons(actions=actions, quiet=part.quiet) if actions else None


def _action(action: Action, budget: Budget) -> Action:
    """Labels and questions get shorter; what a press carries back never changes."""
    asks = tuple(
        ask.model_copy(update={"label": clip(ask.label, budget.cell), "expected": clip(ask.expected, budget.cell)})
        for ask in action.asks
    )
    return action.model_copy(
        update={"label": clip(action.label, budget.cell), "confirm": clip(action.confirm, budget.cell), "asks": asks}
    )
