"""How planning may end short of a plan, and how carefully a plan goes."""

from collections.abc import Sequence

from agent_server.contract.plan import Finding, PlanReply, PlanRequest, ProposedStep, Strategy

PARALLEL = 5
_MOST_SUMMARY = 1000


def strategy(steps: Sequence[ProposedStep], request: PlanRequest) -> Strategy:
    """Five at a time; one alone first when a step has many targets."""
    widest = max((len(step.targets) for step in steps), default=0)
    return Strategy(parallel=PARALLEL, canary=1 if widest > request.limits.canary_above else 0)


def refuse(why: str, findings: Sequence[Finding] = ()) -> PlanReply:
    """Return a reasoned no."""
    return PlanReply(kind="refuse", summary=why[:_MOST_SUMMARY], validation=list(findings)[:50])


def clarify(question: str) -> PlanReply:
    """Return a question back."""
    return PlanReply(kind="clarify", summary=question[:_MOST_SUMMARY])
