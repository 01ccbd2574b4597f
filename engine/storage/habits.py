"""How often the same thing was planned: one counter under a keyed hash, so that nothing needs to be read to count."""

import secrets

from sqlalchemy import select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import habits


class HabitStore:
    """Keeps counters.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(habits, keys)

    def again(self, key: str) -> int:
        """Count one more time and return how often it was by now.

        Raises:
            StorageUnavailable: It is not durable.
        """
        with self._database.transaction() as connection:
            query = select(habits).where(self._cells.matches("key", key)).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None:
                fresh = {"id": secrets.token_hex(16), "times": 1, "changed_at": self._clock()}
                insert_unless_taken(connection, habits, self._cells.new(fresh, key=key))
                return 1
            times = int(row["times"]) + 1
            connection.execute(
                update(habits).where(habits.c.id == row["id"]).values(times=times, changed_at=self._clock())
            )
            return times
