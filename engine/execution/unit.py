"""One step on one target, and the journal entries that say how far it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from engine.estate.resource import Json
from engine.storage.journal import JournalEvent


class UnitKey(NamedTuple):
    """Which step on which target (full id)."""

    step: str
    target: str


class UnitState(StrEnum):
    """How far a unit is."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the unit by itself."""
        return self not in {UnitState.PENDING, UnitState.RUNNING}


_FINAL = {
    JournalEvent.DONE: UnitState.SUCCEEDED,
    JournalEvent.FAILED: UnitState.FAILED,
    JournalEvent.UNCERTAIN: UnitState.UNCERTAIN,
    JournalEvent.SKIPPED: UnitState.SKIPPED,
    JournalEvent.CANCELLED: UnitState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One entry as it was written."""

    key: UnitKey
    event: JournalEvent
    attempt: int
    at: datetime
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What the journal says of one unit.

    Attributes:
        key: Step and target.
        state: How far.
        attempts: How many calls were intended.
        last: The newest event, None before the first.
        doubtful: Whether a call before the last one was sent and never answered, so that it may have been done.
        began_at: When the first call was intended.
        ended_at: When it became final.
        code: Error code of a failure or uncertainty.
        message: One sentence about it.
    """

    key: UnitKey
    state: UnitState = UnitState.PENDING
    attempts: int = 0
    last: JournalEvent | None = None
    doubtful: bool = False
    began_at: datetime | None = None
    ended_at: datetime | None = None
    code: str = ""
    message: str = ""


def fold(keys: Iterable[UnitKey], lines: Iterable[JournalLine]) -> dict[UnitKey, Unit]:
    """Return the units in the order of `keys`, each as its journal lines say."""
    units = {key: Unit(key=key) for key in keys}
    for entry in lines:
        units[entry.key] = advanced(units[entry.key], entry)
    return units


def advanced(unit: Unit, entry: JournalLine) -> Unit:
    """Return the unit after one more journal line."""
    final = _FINAL.get(entry.event)
    return Unit(
        key=unit.key,
        state=final or UnitState.RUNNING,
        attempts=max(unit.attempts, entry.attempt),
        last=entry.event,
        doubtful=unit.doubtful or (unit.last is JournalEvent.INTENT and entry.event is JournalEvent.INTENT),
        began_at=unit.began_at or (entry.at if entry.event is JournalEvent.INTENT else None),
        ended_at=entry.at if final else None,
        code=str(entry.detail.get("code", "")),
        message=str(entry.detail.get("message", "")),
    )
