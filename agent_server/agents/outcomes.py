"""How planning may end short of a plan, and how carefully a plan goes."""

from collections.abc import Sequence

from agent_server.agents.environment import is_careful
from agent_server.contract.plan import Finding, PlanReply, PlanRequest, ProposedStep, Strategy

PARALLEL, PARALLEL_IN_PROD = 5, 2
_MOST_SUMMARY = 1000


def strategy(steps: Sequence[ProposedStep], request: PlanRequest) -> Strategy:
    """Five at a time, two in production; one alone first in production and when a step has many targets."""
    widest = max((len(step.targets) for step in steps), default=0)
    touched = {handle for step in steps for handle in step.targets}
    careful = any(is_careful(target) for target in request.targets if target.handle in touched)
    first = widest > request.limits.canary_above or (careful and widest > 1)
    return Strategy(parallel=PARALLEL_IN_PROD if careful else PARALLEL, canary=int(first))


def refuse(why: str, findings: Sequence[Finding] = ()) -> PlanReply:
    """Return a reasoned no."""
    return PlanReply(kind="refuse", summary=why[:_MOST_SUMMARY], validation=list(findings)[:50])


def clarify(question: str) -> PlanReply:
    """Return a question back."""
    return PlanReply(kind="clarify", summary=question[:_MOST_SUMMARY])
