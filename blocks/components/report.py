"""Reports: the morning, cost, posture, waste."""

from typing import Literal

from pydantic import AwareDatetime, Field

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Column, Note, ReportItem, TableRow
from blocks.components.vocabulary import Severity, State, Tone


class CostLine(Frozen):
    """Yesterday, its change, the month against its budget, the forecast. Amounts are in `currency` units."""

    currency: str = "USD"
    yesterday: float
    change: float | None = None
    change_percent: float | None = None
    month: float | None = None
    budget: float | None = None
    forecast: float | None = None
    note: str = ""


class Series(Frozen):
    """One named run of values, oldest first."""

    name: str
    values: tuple[float, ...]


class CostChart(Frozen):
    """Values over days with an optional budget line; a picture where one was made, bars in text everywhere.

    `image_url` is a path of our own console or an https address of ours; `slack_file` the id of an uploaded file.
    """

    kind: Literal["cost_chart"] = "cost_chart"
    title: Line
    labels: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    budget: float | None = None
    currency: str = "USD"
    image_url: str = Field(default="", pattern=r"^(|/[A-Za-z0-9/_.\-]*|https://[A-Za-z0-9./_\-?=&%]*)$")
    slack_file: str = Field(default="", pattern=r"^[A-Z0-9]*$")


class ReportSection(Frozen):
    """A heading and its items; numbered, from `first`, where they are meant to be answered ("do 1", "explain row 4")."""

    title: str
    items: tuple[ReportItem, ...]
    more: int = Field(default=0, ge=0)
    numbered: bool = False
    first: int = Field(default=1, ge=1)


class MorningReportCard(Frozen):
    """The channel post of the morning; the rest lives in its thread."""

    kind: Literal["morning_report"] = "morning_report"
    greeting: Line
    scope: Line = ()
    data_until: AwareDatetime | None = None
    cost: CostLine | None = None
    chart: CostChart | None = None
    sections: tuple[ReportSection, ...] = ()
    posture: Line = ()
    coverage: tuple[Line, ...] = ()
    closing: Line = ()
    actions: tuple[Action, ...] = ()


class CostSummaryCard(Frozen):
    """Spend over a period with its reasons."""

    kind: Literal["cost_summary"] = "cost_summary"
    headline: Line
    cost: CostLine | None = None
    drivers: tuple[ReportItem, ...] = ()
    chart: CostChart | None = None
    notes: tuple[Note, ...] = ()
    suggestions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


class CostBreakdownTable(Frozen):
    """Spend by service, account or tag."""

    kind: Literal["cost_breakdown"] = "cost_breakdown"
    title: Line
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    total: int
    footer: Line = ()
    notes: tuple[Note, ...] = ()
    suggestions: tuple[str, ...] = ()


class BudgetRow(Frozen):
    """One budget: spent so far, limit and forecast in `currency`."""

    scope: str
    spent: float
    limit: float
    forecast: float | None = None
    currency: str = "USD"


class BudgetCard(Frozen):
    """Budgets against what was spent, the tightest first."""

    kind: Literal["budget"] = "budget"
    headline: Line
    budgets: tuple[BudgetRow, ...]
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class AnomalyCard(Frozen):
    """Something cost more (or less) than its own past says it should."""

    kind: Literal["anomaly"] = "anomaly"
    headline: Line
    severity: Severity
    expected: Line
    actual: Line
    causes: tuple[ReportItem, ...] = ()
    method: Line = ()
    actions: tuple[Action, ...] = ()


class OptimizationCard(Frozen):
    """What could be saved, each finding with its next step."""

    kind: Literal["optimization"] = "optimization"
    headline: Line
    items: tuple[ReportItem, ...]
    more: int = Field(default=0, ge=0)
    rules: tuple[Line, ...] = ()
    actions: tuple[Action, ...] = ()


class ComplianceCard(Frozen):
    """Posture by framework: score, findings, what was fixed."""

    kind: Literal["compliance"] = "compliance"
    headline: Line
    framework: str = ""
    score: int | None = Field(default=None, ge=0, le=100)
    previous: int | None = Field(default=None, ge=0, le=100)
    findings: tuple[ReportItem, ...] = ()
    more: int = Field(default=0, ge=0)
    coverage: Line = ()
    actions: tuple[Action, ...] = ()


class Moment(Frozen):
    """One thing that happened."""

    at: AwareDatetime
    text: Line
    tone: Tone = Tone.NORMAL


class TimelineView(Frozen):
    """What happened when, oldest first."""

    kind: Literal["timeline"] = "timeline"
    headline: Line
    moments: tuple[Moment, ...]
    more: int = Field(default=0, ge=0)
    state: State | None = None
    actions: tuple[Action, ...] = ()
