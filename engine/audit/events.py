"""The facts that are recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Tag(StrEnum):
    """What kind of fact: `subject:object:action`. Entries are only ever added."""

    MESSAGE_RECEIVED = "chat:message:received"
    MESSAGE_REFUSED = "chat:message:refused"
    CLICK_RECEIVED = "chat:click:received"
    ANSWER_GIVEN = "engine:answer:given"
    PLAN_PROPOSED = "engine:plan:proposed"
    PLAN_REFUSED = "engine:plan:refused"
    PLAN_EXPIRED = "engine:plan:expired"
    PLAN_CANCELLED = "principal:plan:cancelled"
    DECISION_MADE = "principal:decision:made"
    DECISION_REFUSED = "principal:decision:refused"
    POLICY_REFUSED = "policy:request:refused"
    POLICY_CHANGED = "principal:policy:changed"
    BREAK_GLASS_USED = "principal:policy:overridden"
    EXECUTION_STARTED = "executor:execution:started"
    EXECUTION_RESUMED = "executor:execution:resumed"
    EXECUTION_FINISHED = "executor:execution:finished"
    STEP_CALLED = "executor:step:called"
    STEP_FINISHED = "executor:step:finished"
    STEP_SKIPPED = "executor:step:skipped"
    STEP_RECONCILED = "executor:step:reconciled"
    DRIFT_FOUND = "executor:step:drifted"
    SETTINGS_CHANGED = "principal:settings:changed"
    CREDENTIAL_ADDED = "principal:credential:added"
    CREDENTIAL_REMOVED = "principal:credential:removed"
    SESSION_OPENED = "principal:session:opened"
    SESSION_CLOSED = "principal:session:closed"
    PLAYBOOK_CHANGED = "principal:playbook:changed"
    SCHEDULE_CHANGED = "principal:schedule:changed"
    SCHEDULE_FIRED = "scheduler:job:fired"
    ALERT_RAISED = "engine:alert:raised"
    ALERT_HANDLED = "engine:alert:handled"
    REPORT_MADE = "engine:report:made"
    SYNC_FINISHED = "engine:sync:finished"
    KEYS_ROTATED = "engine:keys:rotated"
    BACKUP_MADE = "engine:backup:made"
    BACKUP_RESTORED = "engine:backup:restored"
    LEASE_TAKEN = "runner:lease:taken"
    RUNNER_STARTED = "runner:process:started"
    RUNNER_STOPPED = "runner:process:stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One fact.

    Attributes:
        tag: What kind of fact.
        principal: Who wanted it; empty when the runner acted by itself.
        plan_id: The plan it belongs to, or empty.
        step_id: The step it belongs to, or empty.
        detail: JSON-able values with text keys; no secrets.
        at: When; None is the moment of writing.
    """

    tag: Tag
    principal: str = ""
    plan_id: str = ""
    step_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """One fact as it stands in the trail; `event.at` is always set.

    Attributes:
        seq: 1, 2, 3 … without gaps.
        event: The fact.
    """

    seq: int
    event: AuditEvent
