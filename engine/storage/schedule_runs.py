"""Firings of schedules: each (job, due time) is claimed once, by whichever runner comes first."""

import secrets
from datetime import datetime

from sqlalchemy import func, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import schedule_runs


class ScheduleRunStore:
    """Claims firings.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(schedule_runs, keys)

    def claim(self, job: str, due_at: datetime) -> bool:
        """Claim one firing; of all callers ever, one gets True.

        Raises:
            StorageUnavailable: Nothing was claimed.
        """
        with self._database.transaction() as connection:
            known = select(schedule_runs.c.id).where(self._cells.matches("job", job), schedule_runs.c.due_at == due_at)
            if connection.execute(known).first() is not None:
                return False
            row = {
                "id": secrets.token_hex(16),
                "due_at": due_at,
                "claimed_at": self._clock(),
                "state": "claimed",
            }
            return insert_unless_taken(connection, schedule_runs, self._cells.new(row, job=job))

    def finish(self, job: str, due_at: datetime, state: str) -> None:
        """Note how a claimed firing ended: `done`, `failed` or `missed`."""
        with self._database.transaction() as connection:
            connection.execute(
                update(schedule_runs)
                .where(self._cells.matches("job", job), schedule_runs.c.due_at == due_at)
                .values(state=state)
            )

    def state(self, job: str, due_at: datetime) -> str | None:
        """Return how a firing stands, or None when nobody claimed it."""
        with self._database.read() as connection:
            return connection.execute(
                select(schedule_runs.c.state).where(self._cells.matches("job", job), schedule_runs.c.due_at == due_at)
            ).scalar()

    def last_due(self, job: str) -> datetime | None:
        """Return the newest due time of a job that was claimed, or None."""
        newest = func.max(schedule_runs.c.due_at, type_=schedule_runs.c.due_at.type)
        with self._database.read() as connection:
            return connection.execute(select(newest).where(self._cells.matches("job", job))).scalar()
