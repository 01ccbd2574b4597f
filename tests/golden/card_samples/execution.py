"""How a plan is carried out, what came of it, and the record of it."""

from datetime import timedelta
from typing import Final

from blocks import components as c
from blocks.components import Code, Component, line
from tests.golden.card_samples.people import NOON, REQUESTER
from tests.golden.card_samples.plans import DEV

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

SAMPLES: Final[dict[str, Component]] = {
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
}
