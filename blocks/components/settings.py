"""Settings, credentials, schedules, permissions."""

from typing import Literal

from pydantic import AwareDatetime, Field

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Column, Fact, Note, TableRow
from blocks.components.vocabulary import Tone


class StatusLine(Frozen):
    """One thing and how it is: `good`, `warning`, `bad` or plain."""

    label: str
    value: Line
    tone: Tone = Tone.NORMAL
    remedy: str = ""


class StatusGroup(Frozen):
    """Lines that belong together: surfaces, accounts, coverage, model, versions."""

    title: str
    lines: tuple[StatusLine, ...]


class SettingsCard(Frozen):
    """How Escher itself is: surfaces, accounts, coverage, model, versions, what waits."""

    kind: Literal["settings"] = "settings"
    headline: Line
    groups: tuple[StatusGroup, ...]
    pending: Line = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class CredentialRow(Frozen):
    """One credential by name, never its secret."""

    name: str
    where: str
    works: bool | None = None
    expires_at: AwareDatetime | None = None
    detail: str = ""


class CredentialStatusCard(Frozen):
    """Which credentials work, until when, and how to mend those that do not."""

    kind: Literal["credential_status"] = "credential_status"
    headline: Line
    credentials: tuple[CredentialRow, ...]
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class ScheduleCard(Frozen):
    """One schedule: what, when next, under which standing approval, how the last firings went."""

    kind: Literal["schedule"] = "schedule"
    headline: Line
    schedule_id: str
    paused: bool = False
    next_at: AwareDatetime | None = None
    facts: tuple[Fact, ...] = ()
    last: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class PermissionCard(Frozen):
    """What one principal may do, and why."""

    kind: Literal["permission"] = "permission"
    headline: Line
    columns: tuple[Column, ...] = ()
    rows: tuple[TableRow, ...] = ()
    more: int = Field(default=0, ge=0)
    reasons: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
