"""One or more believable samples of every component, for golden files and for looking at."""

from datetime import UTC, datetime, timedelta
from typing import Final

from blocks import components as c
from blocks.components import Code, Component, Person, When, line

NOON: Final = datetime(2026, 3, 15, 14, 2, tzinfo=UTC)
REQUESTER: Final = Person(principal="slack:T0ACME:U0ONE", name="Dana Ortiz")
APPROVER: Final = Person(
    principal="teams:11111111-2222-3333-4444-555555555555:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", name="Sam Okafor"
)
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PLAN: Final = {"plan_id": "p-7f3a9k2m", "digest": DIGEST}


def _target(name: str, id_: str, kind: str, running: str, team: str, warning: str = "") -> c.TargetRow:
    return c.TargetRow(name=name, id=id_, facts=(kind, running, f"team {team}"), warning=warning)


DEV: Final = (
    _target("web-dev-1", "i-0a1b2c3d4e5f60001", "t3.large", "running 41 d", "web"),
    _target("web-dev-2", "i-0a1b2c3d4e5f60002", "t3.large", "running 41 d", "web"),
    _target("batch-dev", "i-0a1b2c3d4e5f60003", "m5.xlarge", "running 3 d", "data"),
    _target("cache-dev", "i-0a1b2c3d4e5f60004", "r5.large", "running 12 d", "data"),
    _target("api-dev", "i-0a1b2c3d4e5f60005", "t3.medium", "running 5 h", "web"),
)

PLAN_WAITING: Final = c.ExecutionPlanCard(
    headline="Stop 5 dev EC2 instances",
    state=c.State.WAITING,
    plan_id="p-7f3a9k2m",
    digest=DIGEST,
    scope="AWS dev (1111…) · us-east-1 ×4, us-west-2 ×1",
    requester=REQUESTER,
    rows=DEV,
    risk=c.Risk(
        level=c.RiskLevel.LOW,
        reasons=("dev only", "reversible", "5 of 5 permitted", "nothing behind a load balancer"),
    ),
    undo="start the same 5 (offered afterwards)",
    money="Saves about $11.40 a day while stopped",
    requirement="Needs 1 approver from platform, requester allowed",
    expires_at=NOON + timedelta(minutes=30),
    notes=(c.Note(text="us-west-2 EC2 was last read 14 min ago; the fresh read timed out", tone=c.Tone.GREY),),
    steps=(
        c.PlanStep(
            title="Stop 4 instances in us-east-1",
            call="ec2.stop_instances",
            cli="aws ec2 stop-instances --instance-ids i-0a1b2c3d4e5f60001 i-0a1b2c3d4e5f60002 --region us-east-1",
            params=("Force=false", "Hibernate=false"),
            permissions=("ec2:StopInstances", "ec2:DescribeInstances"),
            checked="dry run, 4 of 4 allowed",
        ),
        c.PlanStep(
            title="Stop 1 instance in us-west-2",
            call="ec2.stop_instances",
            cli="aws ec2 stop-instances --instance-ids i-0a1b2c3d4e5f60005 --region us-west-2",
            permissions=("ec2:StopInstances",),
            checked="dry run, 1 of 1 allowed",
        ),
    ),
    policy=line("rule ", Code(text="dev"), " allows up to 50 writes in dev"),
    alike=("aws-ec2-stop-idle", "aws-ec2-office-hours"),
    actions=c.plan_actions("p-7f3a9k2m", DIGEST),
)

PLAN_DANGEROUS: Final = c.ExecutionPlanCard(
    headline="Delete 37 unattached prod disks",
    state=c.State.WAITING,
    state_text="1 of 2 approvals",
    plan_id="p-9d2c4h8x",
    digest=DIGEST,
    scope="Azure corp · westeurope ×30, northeurope ×7",
    requester=REQUESTER,
    rows=tuple(
        c.TargetRow(name=f"disk-orphan-{n:02}", id=f"disk-{n:02}", facts=("Premium SSD", "128 GB", "detached 63 d"))
        for n in range(1, 13)
    ),
    more=25,
    risk=c.Risk(level=c.RiskLevel.HIGH, reasons=("prod", "cannot be undone after 7 d", "4.7 TB of data")),
    undo="from the snapshots taken first, for 7 d",
    money="Saves about $621 a month",
    requirement="Needs 2 approvers from sre, not the requester",
    approvals_needed=2,
    decisions=(
        c.DecisionLine(
            person=APPROVER, verdict=c.Verdict.APPROVED, at=NOON + timedelta(minutes=3), reason="checked with storage"
        ),
    ),
    expires_at=NOON + timedelta(minutes=15),
    notes=(
        c.Note(text="The name of disk-orphan-04 reads like an instruction; it was treated as a name", tone="warning"),
        c.Note(
            text="left out by the planner, protected against deletion; switch that off first: disk-orphan-38",
            tone="warning",
        ),
        c.Note(text="Planner: What is deleted is deleted last"),
    ),
    steps=(
        c.PlanStep(title="Snapshot 37 disks", call="compute.snapshots.begin_create_or_update"),
        c.PlanStep(title="Delete 37 disks", call="compute.disks.begin_delete"),
    ),
    confirm=c.Confirmation(kind="count", expected="37"),
    actions=c.plan_actions("p-9d2c4h8x", DIGEST, confirmation=c.Confirmation(kind="count", expected="37"), reason=True),
)

UNDO: Final = c.Action(id=c.ActionId.UNDO, label="Undo: start them again", value={"plan_id": "p-7f3a9k2m"})
LOG: Final = c.Action(id=c.ActionId.LOG, label="Log", value={"plan_id": "p-7f3a9k2m"}, private=True)
CHECK: Final = c.Action(
    id=c.ActionId.CHECK, label="Check now", value={"plan_id": "p-7f3a9k2m", "step_id": "s1"}, style="primary"
)
APPROVED: Final = c.DecisionLine(person=REQUESTER, verdict=c.Verdict.APPROVED, at=NOON + timedelta(minutes=1))

PROGRESS: Final = c.ProgressCard(
    headline="Stopping 5 dev EC2 instances",
    plan_id="p-7f3a9k2m",
    targets=(
        c.TargetProgress(name="web-dev-1", state=c.TargetState.DONE, doing="stopped", seconds=9),
        c.TargetProgress(name="web-dev-2", state=c.TargetState.DONE, doing="stopped", seconds=11),
        c.TargetProgress(name="batch-dev", state=c.TargetState.DONE, doing="stopped", seconds=8),
        c.TargetProgress(name="cache-dev", state=c.TargetState.RUNNING, doing="stopping", seconds=4),
        c.TargetProgress(name="api-dev", state=c.TargetState.PENDING),
    ),
    done=3,
    total=5,
    elapsed_seconds=14,
    decisions=(APPROVED,),
    actions=(c.Action(id=c.ActionId.CANCEL, label="Cancel the rest", style="danger", value={"plan_id": "p-7f3a9k2m"}),),
)

RESULT_DONE: Final = c.ExecutionResultCard(
    headline="Stopped 5 dev EC2 instances",
    plan_id="p-7f3a9k2m",
    state=c.State.DONE,
    targets=tuple(
        c.TargetProgress(name=row.name, state=c.TargetState.DONE, doing="stopped", seconds=8 + n)
        for n, row in enumerate(DEV)
    ),
    elapsed_seconds=31,
    decisions=(APPROVED,),
    verified=5,
    verified_of=5,
    verified_what="stopped",
    money="saves about $11.40 a day",
    audit_seq=1842,
    actions=(UNDO, LOG),
)

RESULT_PARTIAL: Final = c.ExecutionResultCard(
    headline="Stopped 3 of 5 dev EC2 instances, 1 failed, 1 uncertain",
    plan_id="p-7f3a9k2m",
    state=c.State.PARTIAL,
    targets=(
        c.TargetProgress(name="web-dev-1", state=c.TargetState.DONE, doing="stopped", seconds=9),
        c.TargetProgress(name="web-dev-2", state=c.TargetState.DONE, doing="stopped", seconds=11),
        c.TargetProgress(
            name="batch-dev",
            id="i-0a1b2c3d4e5f60003",
            state=c.TargetState.FAILED,
            doing="not stopped",
            reason=line("AWS says ", Code(text="IncorrectInstanceState"), ": it is an Auto Scaling member"),
            next_step=line('Ask "scale batch-asg to 0", which is the right level'),
        ),
        c.TargetProgress(name="cache-dev", state=c.TargetState.DONE, doing="stopped", seconds=12),
        c.TargetProgress(
            name="api-dev",
            id="i-0a1b2c3d4e5f60005",
            state=c.TargetState.UNCERTAIN,
            doing="may be stopping",
            action=CHECK,
        ),
    ),
    elapsed_seconds=137,
    decisions=(APPROVED,),
    verified=3,
    verified_of=5,
    verified_what="stopped",
    uncertain="AWS did not answer for api-dev after the call was sent. It may be stopping. I have not tried again.",
    audit_seq=1843,
    actions=(UNDO, LOG),
)

TABLE: Final = c.ResourceTable(
    title="5 idle EC2 instances cost $203 a month; 45 were looked at",
    rules=("idle = at most 10 % daily CPU and 5 MB network on 4 of the last 14 days (Trusted Advisor)",),
    columns=(
        c.Column(label="Name"),
        c.Column(label="Id"),
        c.Column(label="Type"),
        c.Column(label="Region"),
        c.Column(label="CPU", align=c.Align.RIGHT),
        c.Column(label="Idle", align=c.Align.RIGHT),
        c.Column(label="A month", align=c.Align.RIGHT),
    ),
    rows=tuple(
        c.TableRow(cells=(name, Code(text=id_), kind, region, cpu, days, cost))
        for name, id_, kind, region, cpu, days, cost in (
            ("web-dev-1", "i-0a1b2c3d4e5f60001", "t3.large", "us-east-1", "2.1 %", "11 d", "$60.70"),
            ("web-dev-2", "i-0a1b2c3d4e5f60002", "t3.large", "us-east-1", "1.9 %", "11 d", "$60.70"),
            ("batch-dev", "i-0a1b2c3d4e5f60003", "m5.xlarge", "us-east-1", "0.4 %", "14 d", "$41.20"),
            ("cache-dev", "i-0a1b2c3d4e5f60004", "r5.large", "us-west-2", "3.3 %", "9 d", "$30.10"),
            ("api_dev*old", "i-0a1b2c3d4e5f60005", "t3.medium", "us-west-2", "0.2 %", "14 d", "$10.30"),
        )
    ),
    total=42,
    footer="The other 37 cost $1.20 a month together",
    coverage="Not seen: eu-west-1 EC2 (access denied) · 3 instances have under 7 days of data",
    suggestions=("stop those", "only the ones in us-east-1", "who owns them?"),
    actions=(c.Action(id=c.ActionId.MORE, label="Show all 42", value={"set_id": "s-4k2", "page": "2"}),),
)

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
    "chat_message": c.ChatMessage(
        paragraphs=(
            "Spend rose because three m5.2xlarge instances were started in prod on Monday.",
            "They belong to the spring load test and end on Friday.",
        ),
        suggestions=("show the three instances",),
        model="the offline planner",
    ),
    "clarification": c.ClarificationCard(
        question="Which instances should I stop?",
        detail="I see 14 running: dev 5 · staging 3 · prod 6",
        question_id="q-81",
        options=(
            c.Option(id="dev", label="dev", detail="5"),
            c.Option(id="staging", label="staging", detail="3"),
            c.Option(id="choose", label="choose…"),
        ),
    ),
    "clarification_many": c.ClarificationCard(
        question="Two of these are called web-1. Which one do you mean?",
        question_id="q-82",
        options=tuple(c.Option(id=f"r{n}", label=f"web-1 in region {n}") for n in range(9)),
    ),
    "confirmation": c.ConfirmationCard(
        question="Remove the schedule “stop dev at 20:00”?",
        detail=("It has stopped 14 instances every weekday since 2 February.",),
        expires_at=NOON + timedelta(minutes=10),
        actions=(
            c.Action(id=c.ActionId.CANCEL, label="Remove", style="danger", value={"schedule_id": "sch-1"}),
            c.Action(id=c.ActionId.SKIP, label="Keep", value={"schedule_id": "sch-1"}),
        ),
    ),
    "error": c.ErrorCard(
        what_happened="I could not reach the agent server for 10 s, so I planned nothing",
        kept="Your message is kept.",
        what_to_do="I'll answer here when it is back.",
        reference="e-20260315-41",
        actions=(c.Action(id=c.ActionId.RETRY, label="Try now", style="primary", value={"request_id": "rq-9"}),),
    ),
    "refusal": c.RefusalCard(
        headline="I won't do this: it deletes 212 resources in prod",
        code="prod-deletes",
        reasons=("Policy “prod-deletes” allows at most 10 in one plan, with 2 approvers from sre.",),
        who_can=line("Break-glass: ", APPROVER, " and 3 others in sre"),
        suggestions=("list them", "plan the first 10", "ask sre for break-glass"),
    ),
    "refusal_infeasible": c.RefusalCard(
        headline="2 targets are larger than that; a disk can only grow.",
        code="planner.refuse",
        reasons=("Which: jenkins-data-old, payroll-restore-test", "left out, already so: worker-staging-scratch"),
        suggestions=("help",),
    ),
    "notice": c.NoticeCard(
        headline="Slack is connected as @escher in Acme",
        tone=c.Tone.GOOD,
        lines=("Mention me in any channel I am in.",),
        facts=(c.Fact(label="Mode", value="Socket Mode"), c.Fact(label="Channels", value="4")),
    ),
    "help": c.HelpCard(
        headline="You can ask and approve here; try one of these",
        groups=(
            c.HelpGroup(title="See", examples=("which instances are idle?", "show public buckets")),
            c.HelpGroup(title="Do", examples=("stop all dev EC2 instances", "tag vm web-1 team=web")),
            c.HelpGroup(title="Cost", examples=("why did spending go up yesterday?",)),
        ),
        notes=(c.Note(text="Prod changes need 2 approvers from sre; you are not one of them."),),
    ),
    "resource_table": TABLE,
    "resource": c.ResourceCard(
        headline="orders-db is a PostgreSQL database in prod, 91 % full",
        subtitle=line("AWS prod (2222…) · us-east-1 · ", Code(text="arn:aws:rds:us-east-1:222222222222:db:orders-db")),
        facts=(
            c.Fact(label="Class", value="db.r5.xlarge"),
            c.Fact(label="Storage", value="456 of 500 GB"),
            c.Fact(label="Cost", value="$412 a month"),
            c.Fact(label="You may", value="grow, snapshot; not delete"),
        ),
        tags=(c.Fact(label="env", value="prod"), c.Fact(label="team", value="orders")),
        related=(line("read by ", Code(text="api-prod-asg"), " (6 instances)"),),
        seen_at=NOON,
        suggestions=("grow orders-db to 1 TB", "snapshot orders-db"),
    ),
    "resource_diff": c.ResourceDiffCard(
        headline="sg-web-prod now lets the whole internet in on port 22",
        changes=(
            c.Change(label="ingress 22", before="10.0.0.0/8", after="0.0.0.0/0"),
            c.Change(label="description", before="", after="temp, remove!"),
        ),
        cause=line("changed by ", Code(text="ci-deployer"), " at ", When(at=NOON)),
        actions=(c.Action(id=c.ActionId.PLAN, label="Close it…", value={"finding_id": "f-8"}, style="primary"),),
    ),
    "estate_summary": c.EstateSummaryCard(
        headline="312 resources in 3 clouds",
        columns=(c.Column(label="Cloud"), c.Column(label="Resources", align="right"), c.Column(label="Cells seen")),
        rows=(
            c.TableRow(cells=("AWS", "96", "22 of 23")),
            c.TableRow(cells=("Azure", "109", "14 of 14")),
            c.TableRow(cells=("GCP", "107", "11 of 11")),
        ),
        coverage="Not seen: eu-west-1 RDS (access denied)",
        synced_at=NOON,
    ),
    "scan_coverage": c.ScanCoverageCard(
        headline="Sync: 1 of 48 cells could not be seen",
        state=c.State.DONE,
        done=48,
        total=48,
        resources=312,
        seconds=41,
        rows=(
            c.CoverageRow(cell="aws/dev/us-east-1/ec2", status="ok", count=45),
            c.CoverageRow(
                cell="aws/prod/eu-west-1/rds",
                status="denied",
                reason="rds:DescribeDBInstances is missing",
                remedy="add AmazonRDSReadOnlyAccess to the role escher-read",
            ),
        ),
    ),
    "execution_plan": PLAN_WAITING,
    "execution_plan_dangerous": PLAN_DANGEROUS,
    "execution_plan_done": PLAN_WAITING.model_copy(
        update={"state": c.State.EXPIRED, "actions": (), "decisions": ()},
    ),
    "approval_status": c.ApprovalStatusCard(
        headline="Delete 37 unattached prod disks",
        state=c.State.WAITING,
        plan_id="p-9d2c4h8x",
        digest=DIGEST,
        approvals_needed=2,
        decisions=PLAN_DANGEROUS.decisions,
        missing=(line("1 more approver from sre"),),
        who_can=line(Person(principal="slack:T0ACME:U0TWO", name="Ines"), ", ", Person(name="Jo")),
        policy=line("rule ", Code(text="prod-deletes")),
        expires_at=NOON + timedelta(minutes=15),
    ),
    "pending_approvals": c.PendingApprovalsCard(
        headline="2 plans wait for you",
        plans=(
            c.PendingPlan(
                headline="Delete 37 unattached prod disks",
                plan_id="p-9d2c4h8x",
                requester=REQUESTER,
                risk=c.RiskLevel.HIGH,
                missing="1 of 2 approvals",
                expires_at=NOON + timedelta(minutes=15),
                action=c.Action(id=c.ActionId.OPEN, label="Open", value={"plan_id": "p-9d2c4h8x"}),
            ),
            c.PendingPlan(
                headline="Stop 5 dev EC2 instances",
                plan_id="p-7f3a9k2m",
                requester=REQUESTER,
                risk=c.RiskLevel.LOW,
                expires_at=NOON + timedelta(minutes=30),
                action=c.Action(id=c.ActionId.OPEN, label="Open", value={"plan_id": "p-7f3a9k2m"}),
            ),
        ),
    ),
    "progress": PROGRESS,
    "execution_result": RESULT_DONE,
    "execution_result_partial": RESULT_PARTIAL,
    "rollback": c.RollbackCard(
        headline="Undo: start the same 5 instances",
        plan_id="p-7f3a9k2m",
        lines=("Public addresses will be new for 2 of them.",),
        cannot=("data on the instance store of batch-dev",),
        expires_at=NOON + timedelta(hours=24),
        actions=(UNDO,),
    ),
    "log_output": c.LogOutputCard(
        headline="rotate-logs.sh ended with exit code 3",
        state=c.State.FAILED,
        lines=("+ df -h /var", "/dev/xvda1  99%", "rm: cannot remove '/var/log/app': Device or resource busy"),
        omitted=128,
        exit_code=3,
    ),
    "audit_trail": c.AuditTrailCard(
        headline="3 entries about plan p-7f3a9k2m",
        entries=(
            c.AuditEntry(seq=1840, at=NOON, tag="plan:p-7f3a9k2m:proposed", text=line("by ", REQUESTER)),
            c.AuditEntry(seq=1841, at=NOON, tag="plan:p-7f3a9k2m:approved", text=line("by ", REQUESTER)),
            c.AuditEntry(seq=1842, at=NOON, tag="plan:p-7f3a9k2m:executed", text="5 of 5 verified"),
        ),
        chain="The chain holds, complete up to checkpoint 1842",
    ),
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
    "compliance": c.ComplianceCard(
        headline="Posture rose to 88 of 100: 3 findings fixed, 2 new",
        framework="CIS AWS 3.0.0",
        score=88,
        previous=87,
        findings=(
            c.ReportItem(text=line(Code(text="5.2"), " port 22 open to the internet on sg-web-prod"), tone="bad"),
            c.ReportItem(
                text=line(Code(text="2.1.4"), " bucket my-exports has no public access block"), tone="warning"
            ),
        ),
        coverage="Not seen: eu-west-1 RDS (access denied)",
    ),
    "timeline": c.TimelineView(
        headline="my-exports was public for 2 min 4 s",
        moments=(
            c.report.Moment(at=NOON, text=line("made public by ", Code(text="ci-deployer")), tone="bad"),
            c.report.Moment(at=NOON + timedelta(seconds=9), text="noticed"),
            c.report.Moment(at=NOON + timedelta(seconds=124), text="made private by rule close-buckets", tone="good"),
        ),
        state=c.State.DONE,
    ),
    "security_alert": c.SecurityAlertCard(
        headline="Bucket my-exports is public and holds customer data",
        severity=c.Severity.CRITICAL,
        state=c.AlertState.OPEN,
        at=NOON,
        resource=line("AWS prod · ", Code(text="my-exports")),
        why=("Tag data-class=customer; 14,112 objects can be listed by anybody.",),
        facts=(c.Fact(label="By", value="ci-deployer"), c.Fact(label="Since", value="2 min")),
        remediation="make it private again (reversible)",
        actions=(
            c.Action(id=c.ActionId.PLAN, label="Make private…", style="primary", value={"alert_id": "a-1"}),
            c.Action(id=c.ActionId.ACKNOWLEDGE, label="Acknowledge", value={"alert_id": "a-1"}),
        ),
    ),
    "operational_alert": c.OperationalAlertCard(
        headline="orders-db is at 91 % of its storage and full in about 3 d",
        severity=c.Severity.HIGH,
        state=c.AlertState.REMEDIATING,
        at=NOON,
        resource=line("AWS prod · ", Code(text="orders-db")),
        actions=(c.Action(id=c.ActionId.SNOOZE, label="Snooze 1 h", value={"alert_id": "a-2"}),),
    ),
    "playbook": c.PlaybookCard(
        headline="Rotate the logs of a full disk",
        playbook_id="disk-full",
        version="1.4.0",
        state="published",
        risk=c.RiskLevel.MEDIUM,
        running=c.Note(text="I can run it: say “run playbook disk-full on …”", tone=c.Tone.GOOD),
        summary=("Frees space on a Linux host without stopping its service.",),
        steps=("find the largest log directories", "compress what is older than 7 d", "verify free space"),
        facts=(c.Fact(label="Runs", value="31, 30 of them well"),),
        actions=(
            c.Action(
                id=c.ActionId.PLAYBOOK,
                label="Run…",
                style=c.ActionStyle.PRIMARY,
                value={"do": "run", "playbook_id": "disk-full", "version": "1.4.0"},
                asks=(c.Ask(kind=c.AskKind.TEXT, label="On what?"),),
            ),
            c.Action(
                id=c.ActionId.PLAYBOOK,
                label="Upload",
                value={"do": "upload", "playbook_id": "disk-full", "version": "1.4.0"},
            ),
        ),
    ),
    "playbook_list": c.PlaybookList(
        headline="2 playbooks fit “disk full on web-1”",
        entries=(
            c.PlaybookEntry(
                name="Rotate logs", playbook_id="disk-full", version="1.4.0", confidence=0.92, running="I can run it"
            ),
            c.PlaybookEntry(
                name="Grow the volume",
                playbook_id="grow-ebs",
                version="2.0.1",
                summary="adds 20 %",
                confidence=0.71,
                running="I can only show it, not run it: Escher does not do aws.ssm.send_command",
                warning="cannot be made smaller again",
            ),
        ),
    ),
    "playbook_review": c.PlaybookReviewCard(
        headline="Rotate logs 1.5.0 waits for review",
        playbook_id="disk-full",
        version="1.5.0",
        author=line("by ", REQUESTER),
        summary=("Frees space on a Linux host without stopping its service.",),
        steps=("find the largest log directories", "compress what is older than 7 d"),
        checks=(
            c.ReviewCheck(name="parameters typed", ok=True),
            c.ReviewCheck(name="no secrets", ok=False, detail="line 14 looks like an AWS key"),
        ),
        changes=("compresses with zstd instead of gzip",),
    ),
    "settings": c.SettingsCard(
        headline="Escher is well; one account needs a permission",
        groups=(
            c.StatusGroup(
                title="Surfaces",
                lines=(
                    c.StatusLine(label="Slack", value="Socket Mode, 2 connections", tone="good"),
                    c.StatusLine(label="Teams", value="not set up", remedy="escher init teams"),
                ),
            ),
            c.StatusGroup(
                title="Accounts",
                lines=(
                    c.StatusLine(label="AWS dev", value="22 of 22 cells seen", tone="good"),
                    c.StatusLine(
                        label="AWS prod",
                        value="22 of 23 cells seen",
                        tone="warning",
                        remedy="add AmazonRDSReadOnlyAccess to the role escher-read",
                    ),
                ),
            ),
            c.StatusGroup(
                title="Model",
                lines=(c.StatusLine(label="Planner", value="offline, version 0.1.0"),),
            ),
        ),
        pending="2 plans wait for approval",
        actions=(
            c.Action(id=c.ActionId.SYNC, label="Sync now", value={}),
            c.Action(id=c.ActionId.ASK, label="Show pending", value={"text": "pending"}),
        ),
    ),
    "credential_status": c.CredentialStatusCard(
        headline="1 of 3 credentials does not work",
        credentials=(
            c.CredentialRow(name="aws-dev", where="keychain", works=True),
            c.CredentialRow(name="azure-corp", where="keychain", works=False, detail="expired yesterday"),
            c.CredentialRow(name="gcp-data", where="ambient", expires_at=NOON),
        ),
    ),
    "schedule": c.ScheduleCard(
        headline="Stop dev every weekday at 20:00",
        schedule_id="sch-1",
        next_at=NOON + timedelta(hours=6),
        facts=(c.Fact(label="Selector", value="env=dev, EC2"), c.Fact(label="Cap", value="50 instances a firing")),
        last=("Yesterday: 14 of 14 stopped",),
        actions=(
            c.Action(id=c.ActionId.PAUSE, label="Pause", value={"schedule_id": "sch-1"}),
            c.Action(id=c.ActionId.SKIP, label="Skip tonight", value={"schedule_id": "sch-1"}),
        ),
    ),
    "permission": c.PermissionCard(
        headline="Dana may request and approve writes in dev",
        columns=(c.Column(label="Where"), c.Column(label="May"), c.Column(label="By rule")),
        rows=(
            c.TableRow(cells=("dev", "request, approve", Code(text="dev"))),
            c.TableRow(cells=("prod", "request", Code(text="prod-deletes"))),
        ),
        reasons=("Roles: platform (policy file), oncall until Friday",),
    ),
}
