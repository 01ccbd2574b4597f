"""What was found: posture, a course of events, alerts."""

from datetime import timedelta
from typing import Final

from blocks import components as c
from blocks.components import Code, Component, line
from tests.golden.card_samples.people import NOON

SAMPLES: Final[dict[str, Component]] = {
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
}
