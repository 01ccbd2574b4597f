"""The journal: what was about to be done, was sent, and came back, for each target of each step. Append-only.

`append` returns only when the entry is durable; a caller that gets `StorageUnavailable` must not make the call.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, func, insert, select

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing
from engine.storage.tables import executions, journal


class JournalEvent(StrEnum):
    """What happened to one target of one step.

    `intent`: a call is about to be made. `called`: it was accepted. `not_done`: this attempt certainly changed nothing.
    `done`: verified. `skipped`, `cancelled`: it was never begun. The last five end the unit.
    """

    INTENT = "intent"
    CALLED = "called"
    NOT_DONE = "not_done"
    DONE = "done"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


_OPEN = frozenset({JournalEvent.INTENT, JournalEvent.CALLED, JournalEvent.UNCERTAIN})


class Fenced(Exception):
    """Another runner has taken this execution over, or it is unknown: stop, and call nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One line of the journal.

    Attributes:
        execution_id: The execution.
        seq: 1, 2, 3 … within it, without gaps.
        step_id: The plan's step.
        target: The full id of the target.
        attempt: 1 for the first call to it, then 2, 3 ….
        event: What happened.
        detail: What the executor wanted to keep, as it wrote it.
        at: When.
    """

    execution_id: str
    seq: int
    step_id: str
    target: str
    attempt: int
    event: JournalEvent
    detail: bytes
    at: datetime


class Journal:
    """Appends and reads journal entries.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(journal, keys)

    def append(
        self,
        execution_id: str,
        *,
        step_id: str,
        target: str,
        event: JournalEvent,
        detail: bytes = b"",
        attempt: int = 1,
        fencing: int | None = None,
    ) -> int:
        """Make one entry durable and return its number.

        Args:
            execution_id: The execution.
            step_id: The plan's step.
            target: The full id of the target.
            event: What happened, or is about to.
            detail: Anything worth keeping.
            attempt: Which call to this target it is about.
            fencing: The caller's fencing number; None for a single runner.

        Raises:
            Fenced: Another runner has the execution, or there is no such execution.
            StorageUnavailable: The entry is not durable.
        """
        with self._database.transaction() as connection:
            self._hold(connection, execution_id, fencing)
            last = connection.execute(
                select(func.max(journal.c.seq)).where(journal.c.execution_id == execution_id)
            ).scalar()
            seq = int(last or 0) + 1
            row = {
                "execution_id": execution_id,
                "seq": seq,
                "step_id": step_id,
                "attempt": attempt,
                "event": str(event),
                "at": self._clock(),
            }
            proof = _proof(step_id, attempt, event)
            values = self._cells.new(row, target=target, event_seal=proof, detail=detail)
            connection.execute(insert(journal), values)
            return seq

    def entries(self, execution_id: str) -> list[JournalEntry]:
        """Return the entries of one execution, in order.

        Raises:
            EnvelopeError: An entry is missing from the middle or is not what was written.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                select(journal).where(journal.c.execution_id == execution_id).order_by(journal.c.seq)
            )
            found = [self._entry(row) for row in rows.mappings()]
        if [entry.seq for entry in found] != list(range(1, len(found) + 1)):
            raise EnvelopeError("journal", execution_id, "an entry is missing")
        return found

    def last_events(self, execution_id: str) -> dict[tuple[str, str], JournalEntry]:
        """Return the newest entry of each (step id, target).

        Raises:
            EnvelopeError: As for `entries`.
        """
        return {(entry.step_id, entry.target): entry for entry in self.entries(execution_id)}

    def unfinished(self, execution_id: str) -> list[JournalEntry]:
        """Return the newest entry of each target whose call may or may not have been made.

        Raises:
            EnvelopeError: As for `entries`.
        """
        return [entry for entry in self.last_events(execution_id).values() if entry.event in _OPEN]

    def _hold(self, connection: Connection, execution_id: str, fencing: int | None) -> None:
        held = connection.execute(
            select(executions.c.fencing).where(executions.c.id == execution_id).with_for_update()
        ).scalar()
        if held is None or fencing not in (None, held):
            raise Fenced(f"execution {execution_id} is not held by this runner")

    def _entry(self, row: RowMapping) -> JournalEntry:
        event = JournalEvent(row["event"])
        if self._cells.text(row, "event_seal") != _proof(row["step_id"], row["attempt"], event):
            raise EnvelopeError("journal.event", self._cells.record_id(row), "the entry was changed by another hand")
        return JournalEntry(
            execution_id=row["execution_id"],
            seq=row["seq"],
            step_id=row["step_id"],
            target=self._cells.text(row, "target"),
            attempt=row["attempt"],
            event=event,
            detail=self._cells.open(row, "detail"),
            at=row["at"],
        )


def _proof(step_id: str, attempt: int, event: JournalEvent) -> str:
    return f"{attempt}:{event}:{step_id}"
