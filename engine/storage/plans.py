"""Plans and the decisions about them, as opaque bytes with a state that changes by compare-and-swap.

State and expiry are readable columns, for searching, and sealed beside them with the row's version, so that a state written
into the file by another hand, or put back, does not open.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from engine.clock import Clock
from engine.storage.cells import Cells, Row
from engine.storage.database import Database
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing
from engine.storage.tables import decisions, plans


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """One stored plan.

    Attributes:
        plan_id: `p-` and 8 characters.
        state: The workflow's word for where it stands.
        digest: SHA-256 of the plan, in hex.
        requester: The principal id of who asked.
        thread: The conversation it was proposed in, empty when none.
        payload: The canonical bytes that were hashed and shown.
        created_at: When it was stored.
        not_after: When it can no longer be executed.
        version: Rises by one at each change of state.
    """

    plan_id: str
    state: str
    digest: str
    requester: str
    thread: str
    payload: bytes
    created_at: datetime
    not_after: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """What one principal decided about one plan; never changed.

    Attributes:
        plan_id: The plan.
        principal: Who decided.
        payload: The decision, as the approval code wrote it.
        at: When.
    """

    plan_id: str
    principal: str
    payload: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of a decision.

    Attributes:
        recorded: False when this principal had decided before; then nothing changed.
        plan: The plan as it stands now.
        decisions: All decisions so far, oldest first.
    """

    recorded: bool
    plan: PlanRecord
    decisions: tuple[DecisionRecord, ...]


class PlanMissing(Exception):
    """There is no plan with this id."""


Settle = Callable[[PlanRecord, Sequence[DecisionRecord]], str | None]
"""Takes the plan and every decision including the new one; returns the plan's new state, or None to leave it."""


class PlanStore:
    """Stores plans and decisions.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._plans = Cells(plans, keys)
        self._decisions = Cells(decisions, keys)

    def insert(
        self,
        plan_id: str,
        *,
        state: str,
        digest: str,
        payload: bytes,
        requester: str,
        not_after: datetime,
        thread: str = "",
    ) -> None:
        """Store a new plan.

        Raises:
            StorageUnavailable: It is not durable, or the id is taken.
        """
        row = {
            "plan_id": plan_id,
            "version": 1,
            "state": state,
            "created_at": self._clock(),
            "not_after": not_after,
        }
        values = self._plans.new(
            row, state_seal=_proof(row), digest=digest, requester=requester, thread=thread or None, payload=payload
        )
        with self._database.transaction() as connection:
            connection.execute(insert(plans), values)

    def get(self, plan_id: str) -> PlanRecord | None:
        """Return a plan, or None.

        Raises:
            EnvelopeError: The stored plan is not what was written.
        """
        with self._database.read() as connection:
            row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).mappings().first()
        return None if row is None else self._record(row)

    def in_state(self, *states: str) -> list[PlanRecord]:
        """Return the plans in any of these states, oldest first."""
        return self._where(plans.c.state.in_(states))

    def over(self, state: str, now: datetime) -> list[PlanRecord]:
        """Return the plans in a state whose last instant has come, oldest first; the others are not even opened."""
        return self._where(plans.c.state == state, plans.c.not_after <= now)

    def in_thread(self, thread: str, *states: str) -> list[PlanRecord]:
        """Return the plans proposed in one conversation, oldest first; with `states` only those in one of them."""
        return self._where(self._plans.matches("thread", thread), *([plans.c.state.in_(states)] if states else []))

    def of_requester(self, principal: str, *states: str) -> list[PlanRecord]:
        """Return the plans one principal asked for, oldest first; with `states` only those in one of them."""
        return self._where(
            self._plans.matches("requester", principal), *([plans.c.state.in_(states)] if states else [])
        )

    def cas_state(self, plan_id: str, from_states: Collection[str], to_state: str) -> bool:
        """Change the state if it is one of `from_states`; of concurrent callers exactly one gets True.

        Raises:
            EnvelopeError: The stored state is not what was written.
        """
        with self._database.transaction() as connection:
            row = self._locked(connection, plan_id)
            if row is None or self._record(row).state not in from_states:
                return False
            self._set_state(connection, row, to_state)
            return True

    def decide(self, plan_id: str, *, principal: str, payload: bytes, settle: Settle) -> Decided:
        """Record one principal's decision and settle the plan, in one transaction.

        A principal decides once: a second decision changes nothing and `settle` is not called. What `settle` raises
        undoes the decision and reaches the caller.

        Raises:
            PlanMissing: There is no such plan.
            EnvelopeError: The stored plan or a decision is not what was written.
            StorageUnavailable: Nothing was recorded.
        """
        with self._database.transaction() as connection:
            row = self._locked(connection, plan_id)
            if row is None:
                raise PlanMissing(plan_id)
            plan, so_far = self._record(row), self._decisions_of(connection, plan_id)
            if any(decision.principal == principal for decision in so_far):
                return Decided(recorded=False, plan=plan, decisions=so_far)
            fresh = DecisionRecord(plan_id=plan_id, principal=principal, payload=payload, at=self._clock())
            place = {"plan_id": plan_id, "seq": len(so_far) + 1, "at": fresh.at}
            connection.execute(insert(decisions), self._decisions.new(place, principal=principal, payload=payload))
            every = (*so_far, fresh)
            if (state := settle(plan, every)) is not None and state != plan.state:
                self._set_state(connection, row, state)
                row = self._locked(connection, plan_id) or row
            return Decided(recorded=True, plan=self._record(row), decisions=every)

    def decisions(self, plan_id: str) -> tuple[DecisionRecord, ...]:
        """Return the decisions about a plan, oldest first.

        Raises:
            EnvelopeError: One is missing or is not what was written.
        """
        with self._database.read() as connection:
            return self._decisions_of(connection, plan_id)

    def count(self) -> int:
        """Return how many plans are stored."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(plans)).scalar_one())

    def _where(self, *conditions: ColumnElement[bool]) -> list[PlanRecord]:
        with self._database.read() as connection:
            rows = connection.execute(select(plans).where(*conditions).order_by(plans.c.created_at, plans.c.plan_id))
            return [self._record(row) for row in rows.mappings()]

    def _locked(self, connection: Connection, plan_id: str) -> RowMapping | None:
        return connection.execute(select(plans).where(plans.c.plan_id == plan_id).with_for_update()).mappings().first()

    def _set_state(self, connection: Connection, row: RowMapping, state: str) -> None:
        place = {**row, "version": row["version"] + 1, "state": state}
        connection.execute(
            update(plans)
            .where(plans.c.plan_id == row["plan_id"])
            .values(version=place["version"], state=state, **self._plans.sealed(place, state_seal=_proof(place)))
        )

    def _decisions_of(self, connection: Connection, plan_id: str) -> tuple[DecisionRecord, ...]:
        rows = (
            connection.execute(select(decisions).where(decisions.c.plan_id == plan_id).order_by(decisions.c.seq))
            .mappings()
            .all()
        )
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            raise EnvelopeError("decisions", plan_id, "a decision is missing")
        return tuple(
            DecisionRecord(
                plan_id=plan_id,
                principal=self._decisions.text(row, "principal"),
                payload=self._decisions.open(row, "payload"),
                at=row["at"],
            )
            for row in rows
        )

    def _record(self, row: RowMapping) -> PlanRecord:
        if self._plans.text(row, "state_seal") != _proof(row):
            raise EnvelopeError("plans.state", row["plan_id"], "its state or its end was changed by another hand")
        return PlanRecord(
            plan_id=row["plan_id"],
            state=row["state"],
            digest=self._plans.text(row, "digest"),
            requester=self._plans.text(row, "requester"),
            thread=self._plans.text(row, "thread"),
            payload=self._plans.open(row, "payload"),
            created_at=row["created_at"],
            not_after=row["not_after"],
            version=row["version"],
        )


def _proof(row: Row) -> str:
    return f"{row['state']} {row['not_after'].astimezone(UTC).isoformat()}"
