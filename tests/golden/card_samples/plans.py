"""Plans, and who still has to approve them."""

from datetime import timedelta
from typing import Final

from blocks import components as c
from blocks.components import Code, Component, Person, line
from tests.golden.card_samples.people import APPROVER, NOON, REQUESTER

DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


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

SAMPLES: Final[dict[str, Component]] = {
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
}
