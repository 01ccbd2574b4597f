"""Layouts of reports."""

from blocks.accents import SEVERITIES, Accent, Badge, badge
from blocks.components.inline import Code, Line, Plain, When, joined, line
from blocks.components.report import (
    AnomalyCard,
    BudgetCard,
    BudgetRow,
    ComplianceCard,
    CostBreakdownTable,
    CostChart,
    CostLine,
    CostSummaryCard,
    MorningReportCard,
    OptimizationCard,
    ReportSection,
    TimelineView,
)
from blocks.components.vocabulary import Tone
from blocks.layout.parts import Bar, Bars, Grid, Item, Layout, Listing, Part, Picture, Spark, Title
from blocks.layout.shared import at, buttons, card, grey, notes, offers, report_items, words
from blocks.wording import money, percent, signed_money, signed_percent

_TIGHT = 0.9
_COMPARED = 2


def morning_report(component: MorningReportCard) -> Layout:
    """Greeting and scope, the cost line, the chart, what needs somebody, why, posture, what was not seen."""
    sections = [part for section in component.sections for part in _section(section)]
    chart = _chart(component.chart) if component.chart is not None else []
    return card(
        component.greeting,
        None,
        [
            grey(component.scope, at("data until", component.data_until)),
            words(cost_line(component.cost)) if component.cost is not None else None,
            *chart,
            *sections,
            words(component.posture),
            *(words(text, Tone.GREY) for text in component.coverage),
            buttons(component.actions),
            grey(component.closing),
        ],
        accent=Accent.RUNNING,
    )


def cost_line(cost: CostLine) -> Line:
    """`Yesterday $1,247 (+$186, +17.5 %) · month $18,705 of $25,000 · forecast $24,100`."""
    changes = [
        signed_money(cost.change, cost.currency) if cost.change is not None else "",
        signed_percent(cost.change_percent) if cost.change_percent is not None else "",
    ]
    change = ", ".join(text for text in changes if text)
    yesterday = line(
        "Yesterday ", Plain(text=money(cost.yesterday, cost.currency), strong=True), f" ({change})" if change else ""
    )
    budget = f" of {money(cost.budget, cost.currency)}" if cost.budget is not None else ""
    month = line(f"month {money(cost.month, cost.currency)}{budget}") if cost.month is not None else ()
    forecast = line(f"forecast {money(cost.forecast, cost.currency)}") if cost.forecast is not None else ()
    return joined([yesterday, month, forecast, line(cost.note)])


def _section(section: ReportSection) -> list[Part]:
    listing = Listing(
        items=report_items(section.items), more=section.more, numbered=section.numbered, first=section.first
    )
    return [Title(text=line(section.title)), *([listing] if section.items or section.more else [])]


def cost_chart(component: CostChart) -> Layout:
    """A picture where there is one, else columns made of characters, and the figures in words."""
    return card(component.title, None, _chart(component))


def _chart(chart: CostChart) -> list[Part]:
    drawn = _drawn(chart)
    if not chart.image_url and not chart.slack_file:
        return drawn
    caption = next((part.caption for part in drawn if isinstance(part, Spark)), "")
    title = "".join(piece.text for piece in chart.title if isinstance(piece, Plain | Code))
    alt = ". ".join(text for text in (title, caption) if text) or "chart"
    return [Picture(url=chart.image_url, slack_file=chart.slack_file, alt=alt, instead=tuple(drawn))]


def _drawn(chart: CostChart) -> list[Part]:
    runs = [series.values for series in chart.series if series.values]
    if not runs:
        return []
    length = min(len(run) for run in runs)
    totals = [max(0.0, sum(run[index] for run in runs)) for index in range(length)]
    budget = f", budget {money(chart.budget, chart.currency)}" if chart.budget is not None else ""
    span = f"{chart.labels[0]} to {chart.labels[-1]}: " if chart.labels else ""
    caption = f"{span}{money(min(totals), chart.currency)} to {money(max(totals), chart.currency)}{budget}"
    low, high = min(totals), max(totals)
    shares = tuple((total - low) / (high - low) if high > low else 0.5 for total in totals)
    spark = Spark(shares=shares, caption=caption)
    if len(chart.series) < _COMPARED:
        return [spark]
    sums = sorted(((max(0.0, sum(series.values)), series.name) for series in chart.series), reverse=True)
    longest = sums[0][0] or 1.0
    bars = tuple(Bar(label=name, share=value / longest, text=money(value, chart.currency)) for value, name in sums)
    return [spark, Bars(bars=bars)]


def cost_summary(component: CostSummaryCard) -> Layout:
    """The figure, its reasons, its chart."""
    chart = _chart(component.chart) if component.chart is not None else []
    return card(
        component.headline,
        None,
        [
            words(cost_line(component.cost)) if component.cost is not None else None,
            *chart,
            Title(text=line("Why")) if component.drivers else None,
            Listing(items=report_items(component.drivers)) if component.drivers else None,
            *notes(component.notes),
            buttons(component.actions),
            offers(component.suggestions),
        ],
    )


def cost_breakdown(component: CostBreakdownTable) -> Layout:
    """Spend by service, account or tag."""
    more = max(0, component.total - len(component.rows))
    grid = Grid(columns=component.columns, rows=component.rows, more=more)
    return card(
        component.title,
        None,
        [
            grid if component.rows and component.columns else None,
            words(component.footer),
            *notes(component.notes),
            offers(component.suggestions),
        ],
    )


def budget(component: BudgetCard) -> Layout:
    """One bar a budget."""
    bars = tuple(_budget(row) for row in component.budgets)
    return card(
        component.headline,
        None,
        [Bars(bars=bars) if bars else None, *notes(component.notes), buttons(component.actions)],
    )


def _budget(row: BudgetRow) -> Bar:
    share = row.spent / row.limit if row.limit > 0 else 1.0
    ahead = f", forecast {money(row.forecast, row.currency)}" if row.forecast is not None else ""
    tone = Tone.BAD if share >= 1 else Tone.WARNING if share >= _TIGHT else Tone.NORMAL
    text = f"{money(row.spent, row.currency)} of {money(row.limit, row.currency)} ({percent(100 * share)}){ahead}"
    return Bar(label=row.scope, share=min(1.0, max(0.0, share)), text=text, tone=tone)


def anomaly(component: AnomalyCard) -> Layout:
    """What was expected, what came, why."""
    return card(
        component.headline,
        Badge(words=component.severity.value, accent=SEVERITIES[component.severity]),
        [
            words(
                joined(
                    [
                        line("expected ", *component.expected) if component.expected else (),
                        line("was ", *component.actual) if component.actual else (),
                    ]
                )
            ),
            Listing(items=report_items(component.causes)) if component.causes else None,
            grey(component.method),
            buttons(component.actions),
        ],
    )


def optimization(component: OptimizationCard) -> Layout:
    """Findings with their savings and next steps."""
    listing = Listing(items=report_items(component.items), more=component.more, numbered=True)
    rules = [words(text, Tone.GREY) for text in component.rules]
    return card(
        component.headline,
        None,
        [listing if component.items or component.more else None, *rules, buttons(component.actions)],
    )


def compliance(component: ComplianceCard) -> Layout:
    """Score before and now, findings."""
    score = f"{component.score} of 100" if component.score is not None else ""
    moved = f"{component.previous} → {score}" if component.previous is not None and score else score
    return card(
        component.headline,
        None,
        [
            grey(line(component.framework), line(f"posture {moved}") if moved else ()),
            Listing(items=report_items(component.findings), more=component.more)
            if component.findings or component.more
            else None,
            words(component.coverage, Tone.GREY),
            buttons(component.actions),
        ],
    )


def timeline(component: TimelineView) -> Layout:
    """Moments in order."""
    items = tuple(Item(cells=(line(When(at=moment.at)), moment.text), tone=moment.tone) for moment in component.moments)
    return card(
        component.headline,
        badge(component.state) if component.state is not None else None,
        [
            Listing(items=items, more=component.more) if items or component.more else None,
            buttons(component.actions),
        ],
    )
