"""The plans of the record, as the engine speaks of them."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from pydantic import TypeAdapter

from engine.approval.approval import Decision
from engine.planning.record import Kept, dump, read
from engine.storage.plans import DecisionRecord, PlanRecord, PlanStore

_DECISION = TypeAdapter(Decision)


class PlanState(StrEnum):
    """Where a plan stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    EXECUTED = "executed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"
    WITHDRAWN = "withdrawn"


class Plans:
    """Plans over their store.

    Args:
        store: Where they rest.
    """

    def __init__(self, store: PlanStore) -> None:
        self.store = store

    def keep(self, kept: Kept) -> None:
        """Store a new plan that waits for approval.

        Raises:
            StorageUnavailable: It is not durable.
        """
        plan = kept.admitted.plan
        self.store.insert(
            plan.plan_id,
            state=PlanState.WAITING.value,
            digest=plan.digest,
            payload=dump(kept),
            requester=plan.requester,
            thread=plan.origin,
            not_after=plan.not_after,
        )

    def get(self, plan_id: str) -> tuple[Kept, PlanRecord] | None:
        """Return a plan and its row.

        Raises:
            DigestMismatch: The stored bytes are not what was approved.
            EnvelopeError: The record was tampered with.
        """
        record = self.store.get(plan_id)
        return None if record is None else (read(record.payload, digest=record.digest), record)

    def decisions(self, plan_id: str) -> tuple[Decision, ...]:
        """Return the decisions about a plan, oldest first."""
        return decoded(self.store.decisions(plan_id))

    def newest_in(self, thread: str, *states: PlanState) -> PlanRecord | None:
        """Return the newest plan of a thread in any of these states."""
        found = self.store.in_thread(thread, *(state.value for state in states))
        return found[-1] if found else None


def decoded(records: Sequence[DecisionRecord]) -> tuple[Decision, ...]:
    """Return decisions from their rows."""
    return tuple(_DECISION.validate_json(record.payload) for record in records)


def encoded(decision: Decision) -> bytes:
    """Return the bytes of a decision."""
    return _DECISION.dump_json(decision)


def execution_id(plan_id: str) -> str:
    """Return the id of a plan's one execution: derived, so that a second one cannot even be named."""
    return "x-" + hashlib.sha256(plan_id.encode()).hexdigest()[:16]
