"""The morning report, and what things cost."""

from datetime import UTC, datetime
from typing import Final

from blocks import components as c
from blocks.components import Code, Component, line

MORNING: Final = c.MorningReportCard(
    greeting="Good morning. Tuesday 15 March",
    scope="all three clouds",
    data_until=datetime(2026, 3, 14, 23, 59, tzinfo=UTC),
    cost=c.CostLine(yesterday=1247, change=186, change_percent=17.5, month=18705, budget=25000, forecast=24100),
    chart=c.CostChart(
        title="30 days by service",
        labels=("14 Feb", "15 Mar"),
        series=(
            c.Series(name="EC2", values=tuple(400 + 3 * n + 9 * (n % 7) + (144 if n > 27 else 0) for n in range(30))),
            c.Series(name="RDS", values=tuple(280 + 4 * (n % 5) + (25 if n > 27 else 0) for n in range(30))),
            c.Series(name="Azure VMs", values=tuple(190 + 3 * (n % 4) for n in range(30))),
            c.Series(name="BigQuery", values=tuple(90 + 9 * (n % 3) for n in range(30))),
        ),
        budget=833,
    ),
    sections=(
        c.ReportSection(
            title="Needs you",
            numbered=True,
            items=(
                c.ReportItem(
                    text=line("Production database ", Code(text="orders-db"), " at 91 % of its storage"),
                    tone=c.Tone.WARNING,
                    action=c.Action(id=c.ActionId.PLAN, label="Grow it…", value={"finding_id": "f-1"}),
                ),
                c.ReportItem(
                    text=line("Bucket ", Code(text="my-exports"), " became public at 02:32, made private at 02:34"),
                    action=c.Action(id=c.ActionId.TIMELINE, label="Timeline", value={"finding_id": "f-2"}),
                ),
            ),
        ),
        c.ReportSection(
            title="Why it cost more",
            items=(
                c.ReportItem(text="3 new m5.2xlarge in prod (+$144), orders-db storage (+$25), S3 (+$12), rest +$5"),
            ),
        ),
        c.ReportSection(
            title="Could save $345 a month",
            items=(
                c.ReportItem(
                    text="5 idle instances ($203), 3 oversized VMs ($142)",
                    action=c.Action(id=c.ActionId.PLAN, label="Plan it…", value={"finding_id": "f-3"}),
                ),
            ),
        ),
    ),
    posture="Posture 87 → 88 of 100 · 2 new findings, 3 fixed · backups 41 of 42",
    coverage=("Not seen: eu-west-1 RDS (access denied)",),
    closing="Ask anything in this thread.",
)

SAMPLES: Final[dict[str, Component]] = {
    "morning_report": MORNING,
    "cost_summary": c.CostSummaryCard(
        headline="AWS cost $812 yesterday, 22 % more than the Monday before",
        cost=c.CostLine(yesterday=812, change=146, change_percent=22, note="data until yesterday"),
        drivers=(c.ReportItem(text="3 new m5.2xlarge in prod (+$144)"), c.ReportItem(text="rest +$2")),
        chart=MORNING.chart,
        suggestions=("show the three instances",),
    ),
    "cost_chart": MORNING.chart.model_copy(update={"image_url": "/charts/c-1.png", "slack_file": "F0ABC"}),
    "cost_breakdown": c.CostBreakdownTable(
        title="EC2 is 55 % of yesterday's $1,247",
        columns=(c.Column(label="Service"), c.Column(label="Yesterday", align="right")),
        rows=(
            c.TableRow(cells=("EC2", "$688")),
            c.TableRow(cells=("RDS", "$310")),
            c.TableRow(cells=("Azure VMs", "$249")),
        ),
        total=11,
        footer="11 services cost $1,247",
    ),
    "budget": c.BudgetCard(
        headline="GCP data is at 96 % of its budget with 16 days to go",
        budgets=(
            c.BudgetRow(scope="GCP data", spent=4800, limit=5000, forecast=9300),
            c.BudgetRow(scope="all", spent=18705, limit=25000, forecast=24100),
            c.BudgetRow(scope="Azure corp", spent=1210.5, limit=8000),
        ),
    ),
    "anomaly": c.AnomalyCard(
        headline="BigQuery cost $310 yesterday instead of about $95",
        severity=c.Severity.HIGH,
        expected="$95 (the last 8 Mondays, ±$11)",
        actual="$310",
        causes=(c.ReportItem(text=line("job ", Code(text="nightly_export_v2"), " scanned 41 TB, 4 times")),),
        method="weekday-matched median and MAD, z = 9.1; counted from 3.5",
        actions=(c.Action(id=c.ActionId.SHOW, label="Show the job", value={"finding_id": "f-5"}),),
    ),
    "optimization": c.OptimizationCard(
        headline="Could save $345 a month",
        items=(
            c.ReportItem(
                text="5 idle instances, $203 a month",
                action=c.Action(id=c.ActionId.PLAN, label="Plan it…", value={"finding_id": "f-3"}),
            ),
            c.ReportItem(text="3 oversized VMs, $142 a month"),
        ),
        more=4,
        rules=("idle = at most 10 % daily CPU and 5 MB network on 4 of the last 14 days",),
    ),
}
