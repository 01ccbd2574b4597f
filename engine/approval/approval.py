"""Weighing decisions: does this person count, and is it enough?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.approval.policy import Policy
from engine.approval.requirement import Requirement, holds_roles
from engine.principal import Principal
from engine.refusal import Refusal


class Verdict(StrEnum):
    """What somebody decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided what about which digest, when and why."""

    principal: str
    display: str
    verdict: Verdict
    digest: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A decision somebody wants to make, with what they typed."""

    principal: Principal
    verdict: Verdict
    digest: str
    at: datetime
    reason: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The plan as approval sees it.

    Attributes:
        confirmations: What must be typed for `count` and for `name`.
        clock_floor: The latest instant the record has seen; a clock that went back does not revive an expired plan.
    """

    plan_id: str
    digest: str
    requester: str
    requirement: Requirement
    confirmations: Mapping[str, str]
    clock_floor: datetime


def admissible(ballot: Ballot, subject: Subject, made: tuple[Decision, ...], policy: Policy) -> Refusal | None:
    """Say why this ballot does not count, or None when it does. Roles are those of this moment."""
    if ballot.digest != subject.digest:
        return Refusal(
            code="approval.digest",
            message=f"This card is not the current form of plan {subject.plan_id}; nothing was decided.",
            doors=(f"status {subject.plan_id}",),
        )
    if max(ballot.at, subject.clock_floor) >= subject.requirement.expires_at:
        return Refusal(
            code="approval.expired",
            message=f"Plan {subject.plan_id} expired at {subject.requirement.expires_at:%H:%M %Z}; nothing was done.",
            doors=("ask for it again",),
        )
    if any(decision.principal == ballot.principal.id for decision in made):
        return Refusal(code="approval.repeated", message=f"You have already decided on plan {subject.plan_id}.")
    if ballot.verdict is Verdict.REJECTED:
        return _may_reject(ballot, subject, policy)
    return _may_approve(ballot, subject, policy)


def _may_reject(ballot: Ballot, subject: Subject, policy: Policy) -> Refusal | None:
    own = ballot.principal.id == subject.requester
    if own or holds_roles(policy.roles_of(ballot.principal), subject.requirement.approver_roles):
        return None
    return _not_entitled(subject, policy, "reject")


def _may_approve(ballot: Ballot, subject: Subject, policy: Policy) -> Refusal | None:
    needs = subject.requirement
    if not holds_roles(policy.roles_of(ballot.principal), needs.approver_roles):
        return _not_entitled(subject, policy, "approve")
    if ballot.principal.id == subject.requester and not needs.self_allowed:
        return Refusal(
            code="approval.self",
            message=f"You asked for plan {subject.plan_id}, and policy {', '.join(needs.rules)} wants somebody else to approve.",
            doors=tuple(
                f"ask {member}" for member in policy.members_of(needs.roles)[:3] if member != subject.requester
            ),
        )
    if needs.reason and not any(letter.isalnum() for letter in ballot.reason):
        return Refusal(
            code="approval.reason",
            message=f"Approving plan {subject.plan_id} needs a reason.",
            doors=(f"approve {subject.plan_id} --reason …",),
        )
    wanted = subject.confirmations.get(needs.confirm, "").strip()
    if needs.confirm != "none" and (not wanted or ballot.confirm.strip() != wanted):
        return Refusal(
            code="approval.confirm",
            message=f"Type {wanted} to confirm plan {subject.plan_id}; nothing was decided.",
            doors=(f"approve {subject.plan_id} --confirm {wanted}",),
        )
    return None


def _not_entitled(subject: Subject, policy: Policy, verb: str) -> Refusal:
    roles = subject.requirement.roles
    return Refusal(
        code="approval.role",
        message=f"You may not {verb} plan {subject.plan_id}: it needs {' or '.join(roles) or 'a role nobody holds'}.",
        doors=tuple(f"ask {member}" for member in policy.members_of(roles)[:3]),
    )


def approvals(made: tuple[Decision, ...]) -> int:
    """Count the different people who approved."""
    return len({decision.principal for decision in made if decision.verdict is Verdict.APPROVED})


def enough(made: tuple[Decision, ...], needs: Requirement) -> bool:
    """Say whether the quorum is reached and nobody rejected."""
    return approvals(made) >= needs.quorum and not any(one.verdict is Verdict.REJECTED for one in made)
