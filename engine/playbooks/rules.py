"""Who may do what with a playbook. Pure.

Reviewers are the roles of `[playbooks] reviewers` in the policy; where the policy names none, the roles that approve deletions,
because who is trusted with the worst single plan is trusted with a procedure that makes plans. Nobody reviews a playbook of
their own, and only a reviewer makes one active without a review.
"""

from agent_server.contract.lifecycle import Actor, why_not
from agent_server.contract.playbook import PlaybookStatus
from engine.approval.policy import Policy
from engine.principal import Principal
from engine.refusal import Refusal


def is_reviewer(principal: Principal, policy: Policy) -> bool:
    """Say whether the policy lets somebody review playbooks, now."""
    return bool(policy.roles_of(principal) & set(policy.playbook_reviewers()))


def may_review(principal: Principal, author: str, policy: Policy) -> Refusal | None:
    """Say why somebody may not review a playbook of `author`, or None."""
    if not is_reviewer(principal, policy):
        return not_a_reviewer(policy)
    if not author:
        return Refusal(
            code="playbook.author",
            message="I do not know who wrote this playbook, so I cannot tell that a second person reviews it.",
            doors=("review it on the runner it was uploaded from",),
        )
    if principal.id == author:
        return Refusal(
            code="playbook.self",
            message="You wrote this playbook; somebody else reviews it.",
            doors=tuple(f"ask {one}" for one in policy.members_of(policy.playbook_reviewers())[:3] if one != author),
        )
    return None


def may_trust(principal: Principal, policy: Policy) -> Refusal | None:
    """Say why somebody may not make a playbook active without a review, or None."""
    return None if is_reviewer(principal, policy) else not_a_reviewer(policy)


def may_move(
    principal: Principal, author: str, policy: Policy, before: PlaybookStatus, after: PlaybookStatus
) -> Refusal | None:
    """Say why somebody may not move a playbook from one state to another, or None.

    Author and reviewers may; approving and rejecting is `may_review`'s; making active what nobody reviewed takes a reviewer.
    """
    if principal.id != author and not is_reviewer(principal, policy):
        return Refusal(
            code="playbook.role",
            message="Only who wrote a playbook or may review it changes its state.",
            doors=tuple(f"ask {one}" for one in policy.members_of(policy.playbook_reviewers())[:3]),
        )
    if why := why_not(before, after, Actor.AUTHOR):
        return Refusal(code="playbook.state", message=f"This version stays as it is: {why}.")
    if after is PlaybookStatus.ACTIVE and before is PlaybookStatus.READY:
        return may_trust(principal, policy)
    if after is PlaybookStatus.PENDING_REVIEW:
        return Refusal(
            code="playbook.upload",
            message="A playbook comes to its review by an upload.",
            doors=("playbook upload ID",),
        )
    return None


def not_a_reviewer(policy: Policy) -> Refusal:
    """Return that this takes a reviewer, and who is one."""
    roles = policy.playbook_reviewers()
    return Refusal(
        code="playbook.reviewer",
        message=f"That takes a reviewer of playbooks: {' or '.join(roles) or 'the policy names none'}.",
        doors=tuple(f"ask {one}" for one in policy.members_of(roles)[:3]),
    )
