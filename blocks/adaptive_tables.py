"""Tables as Adaptive Cards write them, with widths that leave a phone something to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from blocks import text
from blocks.adaptive_text import Json
from blocks.components.inline import Code, Line, Plain, joined, strong
from blocks.components.vocabulary import Align
from blocks.layout.parts import Grid

_ROOM: Final = 66
"""Characters that stand beside each other on a card of Teams' usual width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a table is laid out.

    Attributes:
        kept: The columns that stand beside each other.
        widths: Their widths in characters.
        ids: The column of ids that moves under the names; 0 for none.
        folded: Columns that move under the names, in small print.
        stacked: Whether the first column's ids stand under its names.
    """

    kept: tuple[int, ...]
    widths: tuple[int, ...]
    ids: int
    folded: tuple[int, ...]
    stacked: bool


def shape(part: Grid, *, narrow: bool) -> Shape:
    """Decide it; where there is little room, columns of words move under the names, the last ones first.

    Bold labels are wider than words, and the letters of an id wider still.
    """
    longest = longest_cells(part)
    if narrow:
        longest = [max(most, len(one.label) * 6 // 5) for most, one in zip(longest, part.columns, strict=True)]
    ids = id_column(part)
    stacked = len(part.columns) >= 4  # noqa: PLR2004 - three columns fit a phone as they are
    if ids:
        longest[0] = max(longest[0], longest[ids] * 4 // 5)
    elif stacked:
        longest[0] = max([len(part.columns[0].label), *(_stack(row.cells[0]) for row in part.rows if row.cells)])
    kept = [index for index in range(len(part.columns)) if not ids or index != ids]
    folded: list[int] = []
    while narrow and stacked and sum(width(longest[index]) for index in kept) > _ROOM:
        wordy = [index for index in kept[1:] if part.columns[index].align is not Align.RIGHT]
        if not wordy:
            break
        kept.remove(wordy[-1])
        folded.insert(0, wordy[-1])
    widths = tuple(longest[index] for index in kept)
    return Shape(kept=tuple(kept), widths=widths, ids=ids, folded=tuple(folded), stacked=stacked)


def named(cells: Sequence[Line], form: Shape) -> tuple[Line, Line]:
    """The name of a row, and the id that stands under it."""
    if form.ids:
        return strong(cells[0]), cells[form.ids]
    return _split(cells[0]) if form.stacked else (cells[0], ())


def below(cells: Sequence[Line], form: Shape) -> Line:
    """What stands under a name in small print."""
    return joined([cells[index] for index in form.folded])


def _split(cell: Line) -> tuple[Line, Line]:
    """A cell that says a name and its id as the two of them; anything else as it is."""
    match cell:
        case (*before, Plain(text=last, strong=is_strong), Code() as identity):
            return strong((*before, Plain(text=last.rstrip(), strong=is_strong))), (identity,)
        case _:
            return cell, ()


def _stack(cell: Line) -> int:
    """Characters of a first cell; those of an id are wider."""
    name, identity = _split(cell)
    return max(len(text.plain(name)), len(text.plain(identity)) * 6 // 5)


def id_column(part: Grid) -> int:
    """The first column behind the names that holds only ids, where there are enough columns to want the room; else 0."""
    if len(part.columns) < 4:  # noqa: PLR2004 - three columns fit a phone as they are
        return 0
    for index in range(1, len(part.columns)):
        cells = [row.cells[index] for row in part.rows if index < len(row.cells) and row.cells[index]]
        if cells and all(isinstance(piece, Code) for cell in cells for piece in cell):
            return index
    return 0


def longest_cells(part: Grid) -> list[int]:
    """Characters of the longest cell of each column."""
    longest = []
    for index, column in enumerate(part.columns):
        cells = [text.plain(row.cells[index]) for row in part.rows if index < len(row.cells)]
        longest.append(max([len(column.label), *(len(cell) for cell in cells)]))
    return longest


def width(longest: int) -> int:
    """The width of a column, bounded so that no column starves another."""
    return max(5, min(24, longest + 2))


def table(widths: Sequence[int], rows: list[list[Json]], *, header: bool) -> Json:
    """A table; widths are characters of the longest cells."""
    return {
        "type": "Table",
        "columns": [{"width": width(longest)} for longest in widths],
        "rows": [{"type": "TableRow", "cells": cells} for cells in rows],
        "firstRowAsHeaders": header,
        "showGridLines": header,
        "gridStyle": "default",
        "spacing": "Default",
    }
