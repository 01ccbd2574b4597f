"""Closed vocabularies shared by the component models."""

from enum import StrEnum


class State(StrEnum):
    """Where a story stands; one accent and one word each."""

    WAITING = "waiting"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOID = "void"


class TargetState(StrEnum):
    """How far one target of an execution is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Tone(StrEnum):
    """How much a line asks for attention."""

    NORMAL = "normal"
    GREY = "grey"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class RiskLevel(StrEnum):
    """Risk as the runner computed it from the admitted operations."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Severity(StrEnum):
    """How bad an alert or a finding is."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    REMEDIATING = "being remedied"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What somebody decided about a plan."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Align(StrEnum):
    """Which side a column's cells keep to."""

    LEFT = "left"
    RIGHT = "right"


class TimeStyle(StrEnum):
    """How much of a moment is shown."""

    TIME = "time"
    DATE = "date"
    DATETIME = "datetime"
