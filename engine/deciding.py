"""Decisions: one transaction each, roles read at the moment of the click, targets looked at once more before anything runs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.approval.approval import Ballot, Decision, Subject, Verdict, admissible, enough
from engine.approval.policy import Policy
from engine.approval.requirement import Circumstances, Requirement, still
from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.clock import Clock
from engine.clouds.errors import CloudError
from engine.clouds.ports import CloudAccount
from engine.estate.resource import Resource
from engine.execution.drift import drift
from engine.planning.plan import Plan, remembered
from engine.planning.record import Kept
from engine.plans import Plans, PlanState, decoded, encoded
from engine.proposing import PolicySource
from engine.refusal import Refusal
from engine.storage.database import Database
from engine.storage.plans import DecisionRecord, PlanRecord

_READS_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A decision that counts.

    Attributes:
        state: Where the plan stands now.
        decisions: All decisions so far.
        missing: How many approvals are still missing.
    """

    state: PlanState
    decisions: tuple[Decision, ...]
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """The world is no longer the one the plan was made for: it is void, and nothing was done.

    Attributes:
        changes: Name of the target and how it differs.
    """

    changes: tuple[str, ...]


class Deciding:
    """Takes decisions.

    Args:
        plans: The plans.
        accounts: The connected accounts, for the look before.
        policy: Gives the policy as it is now.
        audit: The trail.
        database: For one transaction over plan and trail.
        clock: The time; it never goes back.
    """

    def __init__(
        self,
        *,
        plans: Plans,
        accounts: Sequence[CloudAccount],
        policy: PolicySource,
        audit: AuditLog,
        database: Database,
        clock: Clock,
    ) -> None:
        self._plans = plans
        self._accounts = {account.account: account for account in accounts}
        self._policy = policy
        self._audit = audit
        self._database = database
        self._clock = clock

    async def decide(self, plan_id: str, ballot: Ballot) -> Counted | Drifted | Refusal:
        """Count a decision, or say why it does not count.

        Raises:
            StorageUnavailable: Nothing was decided.
            DigestMismatch: The stored plan is not the one that was shown.
        """
        found = await asyncio.to_thread(self._plans.get, plan_id)
        if found is None:
            return unknown(plan_id)
        kept, record = found
        refused = await asyncio.to_thread(self._refused, kept, record, ballot, self._policy())
        if refused is not None:
            return refused
        if ballot.verdict is Verdict.APPROVED and (changes := await self.drifted(kept.admitted.plan)):
            await asyncio.to_thread(self._void, plan_id, ballot, changes)
            return Drifted(changes=changes)
        return await asyncio.to_thread(self._count, kept, ballot, self._policy())

    async def drifted(self, plan: Plan) -> tuple[str, ...]:
        """Look at every target again; return how each that changed differs from what the plan holds."""
        slots = asyncio.Semaphore(_READS_AT_ONCE)

        async def look(target: str) -> str:
            held = plan.guard_of(target)
            before = remembered(target, held)
            async with slots:
                try:
                    fresh = await asyncio.to_thread(self._read, before)
                except CloudError as error:
                    return f"{before.name} could not be looked at: {error.message}"
            changed = drift(held, fresh)
            return f"{before.name} {changed}" if changed else ""

        looks = await asyncio.gather(*(look(target) for target in plan.targets))
        return tuple(each for each in looks if each)

    def expire(self) -> tuple[str, ...]:
        """Mark every waiting plan whose time is over; return their ids."""
        over = self._plans.store.over(PlanState.WAITING.value, self._clock())
        return tuple(
            record.plan_id for record in over if self._close(record.plan_id, PlanState.EXPIRED, Tag.PLAN_EXPIRED)
        )

    def withdraw(self, plan_id: str, principal: str) -> bool:
        """Take a waiting plan off the table at its requester's wish; False when it no longer waits."""
        return self._close(plan_id, PlanState.WITHDRAWN, Tag.PLAN_CANCELLED, principal=principal)

    def _close(self, plan_id: str, state: PlanState, tag: Tag, *, principal: str = "") -> bool:
        with self._database.transaction():
            changed = self._plans.store.cas_state(plan_id, {PlanState.WAITING.value}, state.value)
            if changed:
                self._audit.append(AuditEvent(tag=tag, plan_id=plan_id, principal=principal))
            return changed

    def _read(self, resource: Resource) -> Resource | None:
        return self._accounts[resource.account].read(resource)

    def _refused(self, kept: Kept, record: PlanRecord, ballot: Ballot, policy: Policy) -> Refusal | None:
        refused = closed(record) or self._against(kept, ballot, self._plans.decisions(record.plan_id), policy)
        if refused is None:
            return None
        if refused.code == "approval.expired":
            self._close(record.plan_id, PlanState.EXPIRED, Tag.PLAN_EXPIRED)
        self._audit.append(
            AuditEvent(
                tag=Tag.DECISION_REFUSED,
                principal=ballot.principal.id,
                plan_id=record.plan_id,
                detail={"code": refused.code, "verdict": ballot.verdict.value, "digest": ballot.digest},
            )
        )
        return refused

    def _void(self, plan_id: str, ballot: Ballot, changes: tuple[str, ...]) -> None:
        with self._database.transaction():
            if self._plans.store.cas_state(plan_id, {PlanState.WAITING.value}, PlanState.VOID.value):
                detail = {"changes": list(changes)}
                self._audit.append(
                    AuditEvent(tag=Tag.DRIFT_FOUND, principal=ballot.principal.id, plan_id=plan_id, detail=detail)
                )

    def _count(self, kept: Kept, ballot: Ballot, policy: Policy) -> Counted | Refusal:
        """Record the decision and settle the plan in one transaction; everything is checked again inside it."""
        plan_id = kept.admitted.plan.plan_id
        by_now = self._needs(kept, policy)
        needs = kept.admitted.requirement if isinstance(by_now, Refusal) else by_now
        decision = Decision(
            principal=ballot.principal.id,
            display=ballot.principal.display,
            verdict=ballot.verdict,
            digest=ballot.digest,
            at=self._clock(),
            reason=ballot.reason.strip(),
        )

        def settle(plan: PlanRecord, records: Sequence[DecisionRecord]) -> str | None:
            made = decoded(records)
            refused = closed(plan) or self._against(kept, ballot, made[:-1], policy)
            if refused is not None:
                raise _Refused(refused)
            if decision.verdict is Verdict.REJECTED:
                return PlanState.REJECTED.value
            return PlanState.APPROVED.value if enough(made, needs) else None

        try:
            with self._database.transaction():
                decided = self._plans.store.decide(
                    plan_id, principal=decision.principal, payload=encoded(decision), settle=settle
                )
                if not decided.recorded:
                    return closed(decided.plan) or _repeated(plan_id)
                self._audit.append(_event(plan_id, decision))
        except _Refused as no:
            return no.refusal
        made = decoded(decided.decisions)
        approved = sum(one.verdict is Verdict.APPROVED for one in made)
        return Counted(state=PlanState(decided.plan.state), decisions=made, missing=max(needs.quorum - approved, 0))

    def _against(self, kept: Kept, ballot: Ballot, made: tuple[Decision, ...], policy: Policy) -> Refusal | None:
        """Say why a ballot does not count, or None. An approval is held to the policy of this moment, and to the plan's own."""
        held = kept.admitted.requirement
        refused = admissible(ballot, self._subject(kept, held), made, policy)
        if refused is not None or ballot.verdict is Verdict.REJECTED:
            return refused
        needs = self._needs(kept, policy)
        if isinstance(needs, Refusal):
            return needs
        return admissible(ballot, self._subject(kept, needs), made, policy)

    def _needs(self, kept: Kept, policy: Policy) -> Requirement | Refusal:
        admitted = kept.admitted
        circumstances = Circumstances(
            now=self._clock(),
            risk=admitted.risk.level.value,
            cost_per_day=admitted.money.per_day if admitted.money else 0.0,
        )
        return still(admitted.acts, admitted.requirement, policy, circumstances)

    def _subject(self, kept: Kept, needs: Requirement) -> Subject:
        plan = kept.admitted.plan
        return Subject(
            plan_id=plan.plan_id,
            digest=plan.digest,
            requester=plan.requester,
            requirement=needs,
            confirmations=confirmations(plan),
            clock_floor=self._clock(),
        )


class _Refused(Exception):
    """Carries a refusal out of the transaction, which undoes the decision."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def confirmations(plan: Plan) -> Mapping[str, str]:
    """Return what must be typed to confirm: the number of targets, or the name of the first (its id when it has none)."""
    first = plan.targets[0]
    name = str(plan.guard_of(first)["name"]).strip()
    return {"count": str(len(plan.targets)), "name": name or remembered(first, plan.guard_of(first)).short_id}


def closed(record: PlanRecord) -> Refusal | None:
    """Say why a plan can no longer be decided about, or None while it waits."""
    told = {
        PlanState.APPROVED: "was already approved and is running",
        PlanState.EXECUTED: "was already approved and has run",
        PlanState.REJECTED: "was rejected",
        PlanState.EXPIRED: "has expired; nothing was done",
        PlanState.VOID: "is void, because something changed meanwhile",
        PlanState.WITHDRAWN: "was withdrawn",
    }
    state = PlanState(record.state)
    if state is PlanState.WAITING:
        return None
    code = "approval.expired" if state is PlanState.EXPIRED else "approval.decided"
    return Refusal(code=code, message=f"Plan {record.plan_id} {told[state]}.", doors=(f"status {record.plan_id}",))


def unknown(plan_id: str) -> Refusal:
    """Return the refusal for a plan id that does not exist."""
    return Refusal(code="plan.unknown", message=f"There is no plan {plan_id}.", doors=("pending",))


def _repeated(plan_id: str) -> Refusal:
    return Refusal(code="approval.repeated", message=f"You have already decided on plan {plan_id}.")


def _event(plan_id: str, decision: Decision) -> AuditEvent:
    return AuditEvent(
        tag=Tag.DECISION_MADE,
        principal=decision.principal,
        plan_id=plan_id,
        detail={"verdict": decision.verdict.value, "digest": decision.digest, "reason": decision.reason},
    )
