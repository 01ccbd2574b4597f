"""How often each version of a playbook was run and with what end: counted once a plan, told to the registry once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import playbook_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCount:
    """How often, and how often well."""

    executions: int
    successes: int


class PlaybookRunStore:
    """Keeps runs.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(playbook_runs, keys)

    def ended(self, plan_id: str, key: str, *, succeeded: bool) -> bool:
        """Count the run of a plan under the playbook's key `id@version`; False when it was counted before.

        Raises:
            StorageUnavailable: It is not durable.
        """
        row = {"plan_id": plan_id, "at": self._clock(), "succeeded": int(succeeded), "reported": 0}
        with self._database.transaction() as connection:
            return insert_unless_taken(connection, playbook_runs, self._cells.new(row, key=key))

    def count(self, key: str) -> RunCount:
        """Return how often a version was run."""
        query = select(func.count(), func.coalesce(func.sum(playbook_runs.c.succeeded), 0))
        with self._database.read() as connection:
            executions, successes = connection.execute(query.where(self._cells.matches("key", key))).one()
        return RunCount(executions=int(executions), successes=int(successes))

    def untold(self, key: str) -> tuple[str, ...]:
        """Return the plans whose run of this version the registry has not been told."""
        query = select(playbook_runs.c.plan_id).where(self._cells.matches("key", key), playbook_runs.c.reported == 0)
        with self._database.read() as connection:
            return tuple(connection.execute(query.order_by(playbook_runs.c.at)).scalars())

    def successes(self, plan_ids: Collection[str]) -> int:
        """Return how many of these runs ended well."""
        query = select(func.count()).where(playbook_runs.c.plan_id.in_(plan_ids), playbook_runs.c.succeeded == 1)
        with self._database.read() as connection:
            return int(connection.execute(query.select_from(playbook_runs)).scalar_one())

    def told(self, plan_ids: Collection[str]) -> None:
        """Note that the registry was told of these runs.

        Raises:
            StorageUnavailable: It is not durable; they will be told again.
        """
        with self._database.transaction() as connection:
            connection.execute(update(playbook_runs).where(playbook_runs.c.plan_id.in_(plan_ids)).values(reported=1))
