"""Alerts: something happened that somebody should judge."""

from typing import Literal

from pydantic import AwareDatetime

from blocks.components.actions import Action
from blocks.components.inline import Frozen, Line
from blocks.components.rows import Fact, Note
from blocks.components.vocabulary import AlertState, Severity


class SecurityAlertCard(Frozen):
    """An exposure or an attack: what, where, since when, why it matters, what can be done."""

    kind: Literal["security_alert"] = "security_alert"
    headline: Line
    severity: Severity
    state: AlertState
    at: AwareDatetime
    resource: Line = ()
    why: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    remediation: Line = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()


class OperationalAlertCard(Frozen):
    """Something is down, full or slow."""

    kind: Literal["operational_alert"] = "operational_alert"
    headline: Line
    severity: Severity
    state: AlertState
    at: AwareDatetime
    resource: Line = ()
    why: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    remediation: Line = ()
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()
