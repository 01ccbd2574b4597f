"""The morning report's card: the numbers first, then what needs somebody, each with its next action."""

from blocks.components import (
    CostChart,
    CostLine,
    MorningReportCard,
    ReportItem,
    ReportSection,
    Series,
    Tone,
    ask_again,
    line,
)
from blocks.wording import count, money, signed_money
from bot.views.nouns import of_type
from engine.reports.figures import Cost, Happened, MorningReport, PublicBucket
from engine.reports.rows import Need, OverBudget, Rows, UnusualDay, rows


def report_card(report: MorningReport) -> MorningReportCard:
    """Return the card of a report."""
    made = report.made_at
    found = rows(report)
    every = (_needs(found), _why(report.cost), _idle(report, found), _changes(report, found))
    sections = [section for section in every if section.items]
    return MorningReportCard(
        greeting=line(f"Good morning. {made:%A} {made.day} {made:%B}"),
        scope=line(f"{count(report.resources, 'resource')}"),
        data_until=None,
        cost=_cost(report.cost),
        chart=_chart(report.cost),
        sections=tuple(sections),
        coverage=tuple(line(said) for said in _coverage(report)),
        closing=line("Ask anything about it in your own words: “why did it cost more”, “explain row 2”."),
    )


def _cost(cost: Cost | None) -> CostLine | None:
    if cost is None:
        return None
    change = None if cost.before is None else round(cost.yesterday - cost.before, 2)
    percent = round(100 * change / cost.before, 1) if change is not None and cost.before else None
    return CostLine(
        yesterday=cost.yesterday,
        change=change,
        change_percent=percent,
        month=cost.month,
        budget=cost.budget,
        forecast=cost.forecast,
        note=f"figures for {cost.day.day} {cost.day:%B}",
    )


def _chart(cost: Cost | None) -> CostChart | None:
    if cost is None or not cost.days:
        return None
    return CostChart(
        title=line(f"Last {len(cost.days)} days"),
        labels=tuple(f"{day.day} {day:%b}" for day, _ in cost.days),
        series=(Series(name="all", values=tuple(amount for _, amount in cost.days)),),
    )


def _needs(found: Rows) -> ReportSection:
    items = tuple(_need(one) for one in found.needs)
    return ReportSection(title="Needs you", items=items, more=found.more_public, numbered=True)


def _need(one: Need) -> ReportItem:
    match one:
        case PublicBucket():
            tone = Tone.BAD if one.data_class else Tone.WARNING
            return ReportItem(
                text=line(_bucket(one)), tone=tone, action=ask_again(f"make bucket {one.name} private", "Make private")
            )
        case OverBudget():
            over = f"The month is heading for {money(one.forecast)}, {money(one.forecast - one.budget)} over budget"
            return ReportItem(text=line(over), tone=Tone.WARNING, action=ask_again("cost this month", "Costs"))
        case UnusualDay():
            said = f"{one.day.day} {one.day:%B} cost {money(one.amount)}, usual for its weekday is {money(one.usual)}"
            return ReportItem(
                text=line(said), tone=Tone.WARNING, action=ask_again("cost of the last 14d by day", "By day")
            )


def _why(cost: Cost | None) -> ReportSection:
    if cost is None or not cost.drivers:
        return ReportSection(title="Why it changed", items=())
    words = "cost more" if cost.before is not None and cost.yesterday >= cost.before else "cost less"
    return ReportSection(
        title=f"Why it {words}",
        items=tuple(ReportItem(text=line(f"{label} {signed_money(amount)}")) for label, amount in cost.drivers),
    )


def _idle(report: MorningReport, found: Rows) -> ReportSection:
    known = [one.monthly for one in report.idle if one.monthly is not None]
    title = f"Idle: {count(len(report.idle), 'machine')}" + (f", about {money(sum(known))} a month" if known else "")
    return ReportSection(
        title=title,
        items=tuple(
            ReportItem(
                text=line(f"{one.name} ({one.size}, {one.region}): {one.sentence}{_monthly(one.monthly)}"),
                action=ask_again(f"stop {one.name}", "Stop it"),
            )
            for one in found.idle
        ),
        more=found.more_idle,
        numbered=True,
        first=found.first_idle,
    )


def _changes(report: MorningReport, found: Rows) -> ReportSection:
    return ReportSection(
        title="Top changes since the last report",
        items=tuple(
            ReportItem(
                text=line(_change(one)),
                action=ask_again(f"describe {one.name}", "Describe") if one.kind != "removed" else None,
            )
            for one in found.changes
        ),
        more=report.more_changes,
        numbered=True,
        first=found.first_change,
    )


def _bucket(one: PublicBucket) -> str:
    held = f", holds {one.data_class} data" if one.data_class else ""
    return f"Bucket {one.name} is public{held}"


def _change(one: Happened) -> str:
    said = {"added": "is new", "removed": "is gone", "changed": "changed"}.get(one.kind, one.kind)
    return f"{one.name} ({of_type(one.type)}, {one.region}) {said}{f': {one.what}' if one.what else ''}"


def _coverage(report: MorningReport) -> list[str]:
    said = [f"Not seen: {gap}" for gap in report.gaps]
    if report.not_judged:
        said.append(f"Not enough data to judge {count(report.not_judged, 'running machine')} for idleness")
    if report.cost is None:
        said.append("No cost figures: no account has a cost source")
    elif report.cost.unknown:
        said.append(f"No cost figures for {', '.join(report.cost.unknown)}")
    return said


def _monthly(amount: float | None) -> str:
    return f", about {money(amount)} a month" if amount else ""
