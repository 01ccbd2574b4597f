"""How Escher itself stands: settings, credentials, schedules, who may what."""

from datetime import timedelta
from typing import Final

from blocks import components as c
from blocks.components import Code, Component
from tests.golden.card_samples.people import NOON

SAMPLES: Final[dict[str, Component]] = {
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
