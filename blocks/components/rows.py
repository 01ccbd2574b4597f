"""Rows shared by several components."""

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.vocabulary import Align, TargetState, Tone


class Column(Frozen):
    """One column of a table."""

    label: str
    align: Align = Align.LEFT


class TableRow(Frozen):
    """One row; cells stand in the order of the columns."""

    cells: tuple[Line, ...]


class Fact(Frozen):
    """A label and its value."""

    label: str
    value: Line


class Note(Frozen):
    """A line that must not be missed (tainted text, stale data) or that only informs (grey)."""

    text: Line
    tone: Tone = Tone.GREY


class TargetRow(Frozen):
    """One target of a plan: name first, id behind it, then facts in the same order for every row."""

    name: str
    id: str = ""
    facts: tuple[Line, ...] = ()
    warning: str = ""


class TargetProgress(Frozen):
    """One target of an execution: where it is, since when, and what to do if it did not work."""

    name: str
    id: str = ""
    state: TargetState
    doing: str = ""
    seconds: float | None = None
    reason: Line = ()
    next_step: Line = ()
    action: Action | None = None


class ReportItem(Frozen):
    """One line of a report with at most one next action."""

    text: Line
    tone: Tone = Tone.NORMAL
    action: Action | None = None
