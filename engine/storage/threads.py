"""Conversations: what was said, in order, and the sets of results that "those" and "the second one" refer to."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import result_sets, threads, turns

_THREAD_LOCK = 0x74687264


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTurn:
    """One thing that was said.

    Attributes:
        seq: 1, 2, 3 … within its thread.
        at: When.
        body: What was said, by whom, about which results; as the caller wrote it.
    """

    seq: int
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResults:
    """One set of results that a thread can refer to.

    Attributes:
        set_id: The caller's name for it, opaque.
        at: When.
        body: The real ids, as the caller wrote them.
    """

    set_id: str
    at: datetime
    body: bytes


class ThreadStore:
    """Keeps conversations by the key of their thread, such as `slack:C0123:1700000000.000100`.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._threads = Cells(threads, keys)
        self._turns = Cells(turns, keys)
        self._results = Cells(result_sets, keys)

    def append(self, thread: str, body: bytes) -> int:
        """Add a turn to a thread, which begins with its first turn; returns the turn's number.

        Raises:
            StorageUnavailable: It is not durable.
        """
        with self._database.transaction() as connection:
            thread_id = self._begun(connection, thread)
            self._database.lock(connection, _THREAD_LOCK)
            last = connection.execute(select(func.max(turns.c.seq)).where(turns.c.thread_id == thread_id)).scalar()
            row = {"thread_id": thread_id, "seq": (last or 0) + 1, "at": self._clock()}
            connection.execute(insert(turns), self._turns.new(row, body=body))
            return int(last or 0) + 1

    def history(self, thread: str, count: int) -> list[StoredTurn]:
        """Return the last `count` turns of a thread, oldest first; none for an unknown thread.

        Raises:
            EnvelopeError: A turn is not what was written.
        """
        with self._database.read() as connection:
            thread_id = self._known(connection, thread)
            query = select(turns).where(turns.c.thread_id == thread_id).order_by(turns.c.seq.desc()).limit(count)
            rows = connection.execute(query).mappings().all()
        return [StoredTurn(seq=row["seq"], at=row["at"], body=self._turns.open(row, "body")) for row in reversed(rows)]

    def keep_results(self, thread: str, set_id: str, body: bytes) -> None:
        """Keep a set of results of a thread; what is kept under a name is never replaced.

        Raises:
            StorageUnavailable: It is not durable.
        """
        with self._database.transaction() as connection:
            row = {"thread_id": self._begun(connection, thread), "set_id": set_id, "at": self._clock()}
            insert_unless_taken(connection, result_sets, self._results.new(row, body=body))

    def results(self, thread: str, set_id: str) -> StoredResults | None:
        """Return one set of results of a thread, or None.

        Raises:
            EnvelopeError: It is not what was written.
        """
        return next((found for found in self.result_sets(thread) if found.set_id == set_id), None)

    def result_sets(self, thread: str, limit: int = 100) -> list[StoredResults]:
        """Return the newest sets of results of a thread, newest first.

        Raises:
            EnvelopeError: One is not what was written.
        """
        with self._database.read() as connection:
            thread_id = self._known(connection, thread)
            query = select(result_sets).where(result_sets.c.thread_id == thread_id)
            rows = connection.execute(query.order_by(result_sets.c.at.desc()).limit(limit)).mappings().all()
        return [StoredResults(set_id=row["set_id"], at=row["at"], body=self._results.open(row, "body")) for row in rows]

    def _known(self, connection: Connection, thread: str) -> str | None:
        return connection.execute(select(threads.c.id).where(self._threads.matches("key", thread))).scalar()

    def _begun(self, connection: Connection, thread: str) -> str:
        if (known := self._known(connection, thread)) is not None:
            return known
        self._database.lock(connection, _THREAD_LOCK)
        if (known := self._known(connection, thread)) is not None:
            return known
        row = {"id": secrets.token_hex(16), "created_at": self._clock()}
        connection.execute(insert(threads), self._threads.new(row, key=thread))
        return row["id"] if isinstance(row["id"], str) else str(row["id"])
