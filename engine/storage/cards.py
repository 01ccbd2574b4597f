"""Where sent cards live, so that they can be edited: several for one plan, thread or alert."""

import secrets

from sqlalchemy import insert, select

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database
from engine.storage.keys import KeyRing
from engine.storage.tables import cards


class CardStore:
    """Keeps message references by what the card is about, such as `plan:p-0a1b2c3d`.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(cards, keys)

    def add(self, subject: str, ref: bytes) -> None:
        """Keep one reference.

        Raises:
            StorageUnavailable: It is not durable.
        """
        row = {"id": secrets.token_hex(16), "at": self._clock()}
        with self._database.transaction() as connection:
            connection.execute(insert(cards), self._cells.new(row, subject=subject, ref=ref))

    def refs(self, subject: str) -> list[bytes]:
        """Return the references of one subject, oldest first.

        Raises:
            EnvelopeError: One is not what was written.
        """
        with self._database.read() as connection:
            query = select(cards).where(self._cells.matches("subject", subject)).order_by(cards.c.n)
            return [self._cells.open(row, "ref") for row in connection.execute(query).mappings()]
