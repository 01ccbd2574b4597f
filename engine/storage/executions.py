"""Executions: at most one for a plan, owned by one runner at a time through a lease with a fencing number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from engine.clock import Clock
from engine.storage.cells import Cells, Row
from engine.storage.database import Database, insert_unless_taken
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing
from engine.storage.tables import executions

FINAL_STATES = frozenset({"succeeded", "failed", "partial", "uncertain", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRecord:
    """One execution of one plan.

    Attributes:
        id: Opaque.
        plan_id: The plan; no other execution has it.
        state: `pending`, `running`, `succeeded`, `failed`, `partial`, `uncertain` or `cancelled`.
        owner: The runner that works on it.
        fencing: Rises by one at each take-over; a writer with a lower number is refused.
        lease_until: Until when the owner has it.
        started_at: When it was claimed.
        changed_at: When its state last changed.
        version: Rises by one at each change of state.
    """

    id: str
    plan_id: str
    state: str
    owner: str
    fencing: int
    lease_until: datetime
    started_at: datetime
    changed_at: datetime
    version: int


class ExecutionStore:
    """Stores executions.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(executions, keys)

    def claim(self, plan_id: str, execution_id: str, *, owner: str, lease_until: datetime) -> bool:
        """Begin the execution of a plan, in state `pending` with fencing 1; of all callers ever, one gets True.

        Raises:
            StorageUnavailable: Nothing was claimed.
        """
        now = self._clock()
        row = {
            "id": execution_id,
            "plan_id": plan_id,
            "version": 1,
            "state": "pending",
            "owner": owner,
            "fencing": 1,
            "lease_until": lease_until,
            "started_at": now,
            "changed_at": now,
        }
        with self._database.transaction() as connection:
            return insert_unless_taken(connection, executions, self._cells.new(row, state_seal=_proof(row)))

    def get(self, execution_id: str) -> ExecutionRecord | None:
        """Return an execution, or None.

        Raises:
            EnvelopeError: Its state is not what was written.
        """
        return next(iter(self._where(executions.c.id == execution_id)), None)

    def of_plan(self, plan_id: str) -> ExecutionRecord | None:
        """Return the execution of a plan, or None.

        Raises:
            EnvelopeError: Its state is not what was written.
        """
        return next(iter(self._where(executions.c.plan_id == plan_id)), None)

    def unfinished(self) -> list[ExecutionRecord]:
        """Return every execution that has not ended, oldest first; what a start must look at.

        Raises:
            EnvelopeError: A state is not what was written.
        """
        return self._where(executions.c.state.not_in(FINAL_STATES))

    def cas_state(
        self, execution_id: str, from_states: Collection[str], to_state: str, *, fencing: int | None = None
    ) -> bool:
        """Change the state if it is one of `from_states` and, when given, the fencing number still holds.

        Raises:
            EnvelopeError: The stored state is not what was written.
        """
        with self._database.transaction() as connection:
            row = self._locked(connection, execution_id)
            if row is None or self._record(row).state not in from_states or fencing not in (None, row["fencing"]):
                return False
            place = {**row, "version": row["version"] + 1, "state": to_state}
            connection.execute(
                update(executions)
                .where(executions.c.id == execution_id)
                .values(
                    version=place["version"],
                    state=to_state,
                    changed_at=self._clock(),
                    **self._cells.sealed(place, state_seal=_proof(place)),
                )
            )
            return True

    def renew(self, execution_id: str, *, fencing: int, lease_until: datetime) -> bool:
        """Extend the lease; False when another runner has taken over."""
        with self._database.transaction() as connection:
            done = connection.execute(
                update(executions)
                .where(executions.c.id == execution_id, executions.c.fencing == fencing)
                .values(lease_until=lease_until)
            )
            return done.rowcount == 1

    def take_over(self, execution_id: str, *, owner: str, lease_until: datetime) -> int | None:
        """Take an unfinished execution whose lease has run out; returns the new fencing number, or None.

        Raises:
            EnvelopeError: The stored state is not what was written.
        """
        with self._database.transaction() as connection:
            row = self._locked(connection, execution_id)
            if row is None or self._record(row).state in FINAL_STATES or row["lease_until"] > self._clock():
                return None
            fencing = int(row["fencing"]) + 1
            connection.execute(
                update(executions)
                .where(executions.c.id == execution_id)
                .values(owner=owner, fencing=fencing, lease_until=lease_until)
            )
            return fencing

    def _locked(self, connection: Connection, execution_id: str) -> RowMapping | None:
        found = connection.execute(select(executions).where(executions.c.id == execution_id).with_for_update())
        return found.mappings().first()

    def _where(self, condition: ColumnElement[bool]) -> list[ExecutionRecord]:
        with self._database.read() as connection:
            rows = connection.execute(
                select(executions).where(condition).order_by(executions.c.started_at, executions.c.id)
            )
            return [self._record(row) for row in rows.mappings()]

    def _record(self, row: RowMapping) -> ExecutionRecord:
        if self._cells.text(row, "state_seal") != _proof(row):
            raise EnvelopeError("executions.state", row["id"], "its state or its plan was changed by another hand")
        return ExecutionRecord(
            id=row["id"],
            plan_id=row["plan_id"],
            state=row["state"],
            owner=row["owner"],
            fencing=row["fencing"],
            lease_until=row["lease_until"],
            started_at=row["started_at"],
            changed_at=row["changed_at"],
            version=row["version"],
        )


def _proof(row: Row) -> str:
    return f"{row['state']} {row['plan_id']}"
