"""What is to be sent: durable, in order, one waiting item for each coalesce key, so that edits of a card never queue up.

An item that is replaced while it is being sent stays queued: the last edit is never lost.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database
from engine.storage.keys import KeyRing
from engine.storage.tables import outbox

_COALESCE_LOCK = 0x6F757462


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One thing to send.

    Attributes:
        id: Opaque.
        version: Rises when a newer body replaces this one; hand it back with the outcome.
        surface: `slack`, `teams`, `web` or `local`.
        channel: Where to.
        kind: What to do there: `post`, `update`, `reply`, `upload`; the sender's word.
        coalesce: Items with the same key replace each other while they wait; empty for none.
        body: What to send, as the caller wrote it.
        due_at: Not before this instant.
        attempts: How often it was tried.
    """

    id: str
    version: int
    surface: str
    channel: str
    kind: str
    coalesce: str
    body: bytes
    due_at: datetime
    attempts: int


class OutboxStore:
    """Keeps what is to be sent.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(outbox, keys)

    def enqueue(
        self,
        body: bytes,
        *,
        surface: str,
        channel: str,
        kind: str,
        coalesce: str = "",
        due_at: datetime | None = None,
    ) -> str:
        """Make one item durable and return its id: that of the waiting item with the same coalesce key, if any.

        Raises:
            StorageUnavailable: It is not durable.
        """
        with self._database.transaction() as connection:
            waiting = self._waiting(connection, coalesce) if coalesce else None
            if waiting is not None:
                place = {"id": waiting["id"], "version": waiting["version"] + 1}
                connection.execute(
                    update(outbox)
                    .where(outbox.c.id == waiting["id"])
                    .values(version=place["version"], **self._cells.sealed(place, body=body))
                )
                return str(waiting["id"])
            row = {
                "id": secrets.token_hex(16),
                "version": 1,
                "surface": surface,
                "kind": kind,
                "due_at": due_at or self._clock(),
                "attempts": 0,
                "state": "queued",
            }
            values = self._cells.new(row, channel=channel, coalesce=coalesce or None, body=body, sent_ref=None)
            connection.execute(insert(outbox), values)
            return str(row["id"])

    def due(self, limit: int = 50, *, surface: str = "") -> list[OutboxItem]:
        """Return what may be sent now, in the order it was put in; of one surface when named.

        Raises:
            EnvelopeError: An item is not what was written.
        """
        query = select(outbox).where(outbox.c.state == "queued", outbox.c.due_at <= self._clock())
        if surface:
            query = query.where(outbox.c.surface == surface)
        with self._database.read() as connection:
            return [self._item(row) for row in connection.execute(query.order_by(outbox.c.n).limit(limit)).mappings()]

    def queued(self, limit: int) -> list[OutboxItem]:
        """Return what waits, also what is put off, in the order it was put in.

        Raises:
            EnvelopeError: An item is not what was written.
        """
        query = select(outbox).where(outbox.c.state == "queued").order_by(outbox.c.n).limit(limit)
        with self._database.read() as connection:
            return [self._item(row) for row in connection.execute(query).mappings()]

    def next_due(self) -> datetime | None:
        """Return when the next waiting item falls due, or None when nothing waits."""
        with self._database.read() as connection:
            return connection.execute(
                select(outbox.c.due_at).where(outbox.c.state == "queued").order_by(outbox.c.due_at).limit(1)
            ).scalar()

    def sent(self, item: OutboxItem, ref: bytes = b"") -> bool:
        """Note that an item was sent and where it lives now; False when a newer body waits under its id."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                update(outbox)
                .where(outbox.c.id == item.id, outbox.c.version == item.version, outbox.c.state == "queued")
                .values(state="sent", attempts=item.attempts + 1, **self._cells.sealed({"id": item.id}, sent_ref=ref))
            )
            return changed.rowcount == 1

    def retry(self, item: OutboxItem, due_at: datetime) -> None:
        """Put an item off; a newer body that replaced it meanwhile is put off with it."""
        self._set(item.id, due_at=due_at, attempts=item.attempts + 1)

    def give_up(self, item: OutboxItem) -> bool:
        """Stop trying; False when a newer body waits under its id, which is still tried."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                update(outbox)
                .where(outbox.c.id == item.id, outbox.c.version == item.version, outbox.c.state == "queued")
                .values(state="failed", attempts=item.attempts + 1)
            )
            return changed.rowcount == 1

    def sent_ref(self, item_id: str) -> bytes | None:
        """Return where a sent item lives, or None when it is not sent.

        Raises:
            EnvelopeError: The reference is not what was written.
        """
        with self._database.read() as connection:
            row = (
                connection.execute(select(outbox).where(outbox.c.id == item_id, outbox.c.state == "sent"))
                .mappings()
                .first()
            )
        return None if row is None else self._cells.open(row, "sent_ref")

    def prune(self, before: datetime) -> int:
        """Forget sent and failed items that were due before an instant; returns how many."""
        with self._database.transaction() as connection:
            return connection.execute(
                delete(outbox).where(outbox.c.state != "queued", outbox.c.due_at < before)
            ).rowcount

    def _waiting(self, connection: Connection, coalesce: str) -> RowMapping | None:
        self._database.lock(connection, _COALESCE_LOCK)
        query = select(outbox).where(self._cells.matches("coalesce", coalesce), outbox.c.state == "queued")
        return connection.execute(query.order_by(outbox.c.n).limit(1).with_for_update()).mappings().first()

    def _set(self, item_id: str, **values: datetime | int) -> None:
        with self._database.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.id == item_id).values(**values))

    def _item(self, row: RowMapping) -> OutboxItem:
        return OutboxItem(
            id=row["id"],
            version=row["version"],
            surface=row["surface"],
            channel=self._cells.text(row, "channel"),
            kind=row["kind"],
            coalesce=self._cells.text(row, "coalesce"),
            body=self._cells.open(row, "body"),
            due_at=row["due_at"],
            attempts=row["attempts"],
        )
