"""Tables as Adaptive Cards write them, with widths that leave a phone something to read."""

from collections.abc import Sequence

from blocks import text
from blocks.adaptive_text import Json
from blocks.components.inline import Code
from blocks.layout.parts import Grid


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


def table(widths: Sequence[int], rows: list[list[Json]], *, header: bool) -> Json:
    """A table; widths are characters, bounded so that no column starves another."""
    return {
        "type": "Table",
        "columns": [{"width": max(5, min(24, width + 2))} for width in widths],
        "rows": [{"type": "TableRow", "cells": cells} for cells in rows],
        "firstRowAsHeaders": header,
        "showGridLines": header,
        "gridStyle": "default",
        "spacing": "Default",
    }
