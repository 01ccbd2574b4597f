"""What exists: tables of resources, one resource, the estate and what of it could not be seen."""

from typing import Literal

from pydantic import AwareDatetime

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Column, Fact, Note, TableRow
from blocks.components.vocabulary import State


class ResourceTable(Frozen):
    """An answer with rows: the title is the answer, the rules say how it was found.

    `total` counts all matches; `rows` are those of this page, so that `total - len(rows)` are elsewhere.
    """

    kind: Literal["resource_table"] = "resource_table"
    title: Line
    rules: tuple[Line, ...] = ()
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    total: int
    first: int = 1
    footer: Line = ()
    coverage: Line = ()
    notes: tuple[Note, ...] = ()
    suggestions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


class ResourceCard(Frozen):
    """One resource: what it is, its facts, its tags, what belongs to it."""

    kind: Literal["resource"] = "resource"
    headline: Line
    subtitle: Line = ()
    facts: tuple[Fact, ...] = ()
    tags: tuple[Fact, ...] = ()
    related: tuple[Line, ...] = ()
    seen_at: AwareDatetime | None = None
    notes: tuple[Note, ...] = ()
    suggestions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


class Change(Frozen):
    """One property before and after."""

    label: str
    before: str
    after: str


class ResourceDiffCard(Frozen):
    """What changed on one resource between two looks, and who did it if that is known."""

    kind: Literal["resource_diff"] = "resource_diff"
    headline: Line
    changes: tuple[Change, ...]
    cause: Line = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class EstateSummaryCard(Frozen):
    """The estate in counts."""

    kind: Literal["estate_summary"] = "estate_summary"
    headline: Line
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    coverage: Line = ()
    synced_at: AwareDatetime | None = None
    suggestions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


class CoverageRow(Frozen):
    """How the scan of one cell (or of a group of like cells) ended."""

    cell: str
    status: Literal["ok", "running", "denied", "failed", "stale", "skipped"]
    count: int | None = None
    reason: str = ""
    remedy: str = ""


class ScanCoverageCard(Frozen):
    """A sync while it runs and after: cells seen, cells not seen and why, with the remedy."""

    kind: Literal["scan_coverage"] = "scan_coverage"
    headline: Line
    state: State
    done: int
    total: int
    resources: int
    seconds: float | None = None
    rows: tuple[CoverageRow, ...] = ()
    actions: tuple[Action, ...] = ()
