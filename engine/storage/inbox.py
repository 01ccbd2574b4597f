"""What arrived: each event is durable before it is acknowledged, and taken in once however often it is sent."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxItem:
    """One event that was taken in.

    Attributes:
        key: What makes it the same event when it is sent again.
        surface: `slack`, `teams`, `web` or `local`.
        body: The event, as the listener wrote it.
        received_at: When it was made durable.
    """

    key: str
    surface: str
    body: bytes
    received_at: datetime


class InboxStore:
    """Takes events in.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(inbox, keys)

    def accept(self, key: str, body: bytes, *, surface: str) -> bool:
        """Make an event durable; False when this key was taken in before. One commit, about half a millisecond.

        Raises:
            StorageUnavailable: It is not durable; do not acknowledge it.
        """
        with self._database.transaction() as connection:
            # While two key epochs are in use, the unique keyed hash alone does not tell a repeated key.
            if len(self._cells.keys.live) > 1 and self._knows(connection, key):
                return False
            row = {
                "id": secrets.token_hex(16),
                "surface": surface,
                "received_at": self._clock(),
                "state": "pending",
            }
            return insert_unless_taken(connection, inbox, self._cells.new(row, key=key, body=body))

    def pending(self, limit: int = 1000) -> list[InboxItem]:
        """Return what was taken in and not done, oldest first.

        Raises:
            EnvelopeError: An event is not what was written.
        """
        with self._database.read() as connection:
            rows = (
                connection.execute(select(inbox).where(inbox.c.state == "pending").order_by(inbox.c.n).limit(limit))
                .mappings()
                .all()
            )
        return [
            InboxItem(
                key=self._cells.text(row, "key"),
                surface=row["surface"],
                body=self._cells.open(row, "body"),
                received_at=row["received_at"],
            )
            for row in rows
        ]

    def done(self, key: str) -> bool:
        """Note that an event needs nothing more; its key stays known. False when it was not pending."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                update(inbox).where(self._cells.matches("key", key), inbox.c.state == "pending").values(state="done")
            )
            return changed.rowcount == 1

    def prune(self, before: datetime) -> int:
        """Forget done events received before an instant, keys included; returns how many."""
        with self._database.transaction() as connection:
            return connection.execute(
                delete(inbox).where(inbox.c.state == "done", inbox.c.received_at < before)
            ).rowcount

    def _knows(self, connection: Connection, key: str) -> bool:
        return connection.execute(select(inbox.c.n).where(self._cells.matches("key", key))).first() is not None
