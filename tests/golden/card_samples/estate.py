"""What there is, and how well it was seen."""

from typing import Final

from blocks import components as c
from blocks.components import Code, Component, When, line
from tests.golden.card_samples.people import NOON

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

SAMPLES: Final[dict[str, Component]] = {
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
}
