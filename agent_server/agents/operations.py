"""The operations agent: from parts, targets and capabilities to an exact typed plan over handles. Pure.

One step for each part and operation. Parameters come from what was said, targets are those that were given, all of them; nothing is
guessed: what is missing is asked for, what cannot be done is refused with a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_server.agents import cost, risk, wording
from agent_server.agents.capabilities import Capability, serving
from agent_server.agents.fitting import fitting
from agent_server.agents.following import follow
from agent_server.agents.frame import Frame
from agent_server.agents.groups import waves
from agent_server.agents.outcomes import clarify, refuse, strategy
from agent_server.agents.parameters import Missing, Params, Unfit, params_for
from agent_server.agents.parts import READING, AskedPart, in_order, parts_of
from agent_server.agents.validation import checked
from agent_server.contract.intent import Action
from agent_server.contract.plan import (
    Finding,
    PlanReply,
    PlanRequest,
    ProposedPlan,
    ProposedStep,
    TargetFacts,
)

_LATER = frozenset({"schedule", "delay"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drafted:
    steps: tuple[ProposedStep, ...]
    findings: tuple[Finding, ...]


def propose(request: PlanRequest) -> PlanReply:
    """Return a plan for a request, or the question or refusal it ends in."""
    if request.follow:
        return follow(request, request.follow)
    reply = _composed(request)
    return reply if reply.kind == "clarify" else reply.model_copy(update={"playbooks": fitting(request)})


def _composed(request: PlanRequest) -> PlanReply:
    frame = framed(request)
    if isinstance(frame, PlanReply):
        return frame
    drafted = _draft(frame)
    if isinstance(drafted, _Drafted) and len(drafted.steps) > request.limits.max_steps:
        drafted = _draft(frame, in_waves=False)
    if isinstance(drafted, PlanReply):
        return drafted
    plan = ProposedPlan(strategy=strategy(drafted.steps, request), steps=list(drafted.steps))
    return settled(plan, frame, drafted.findings)


def framed(request: PlanRequest) -> Frame | PlanReply:
    """Read a request once; what can be said without planning is said."""
    parts = parts_of(request.intent)
    if all(part.action in READING for part in parts):
        return refuse("Nothing in that would change anything, so there is nothing to plan.")
    if any(part.filters.keys() & _LATER for part in parts):
        return refuse(wording.LATER)
    if not request.targets:
        return clarify(request.intent.question or "Which resources do you mean?")
    handles = [target.handle for target in request.targets]
    if len(set(handles)) != len(handles):
        return refuse("Two targets have the same handle; I cannot tell them apart.")
    if any(target.part >= len(parts) for target in request.targets):
        return refuse("A target belongs to a part of the request that does not exist.")
    ordered = in_order(parts)
    if ordered is None:
        return refuse("The parts of the request wait for each other; I cannot bring them in an order.")
    return Frame(request=request, parts=ordered)


def settled(plan: ProposedPlan, frame: Frame, findings: Sequence[Finding] = ()) -> PlanReply:
    """Check and mend a proposal, and judge its risk."""
    result = checked(plan, frame)
    every = [*findings, *result.findings]
    if result.plan is None:
        return refuse(result.why_not, every)
    if money := cost.finding(result.plan, frame.target):
        every.append(money)
    sound = result.plan.model_copy(update={"rollback": wording.rollback(result.plan, frame.target)})
    return PlanReply(
        kind="plan",
        summary=wording.summary(sound, frame.target),
        plan=sound,
        validation=every[:50],
        risk=risk.assess(sound, frame.target, frame.request.moment),
    )


def _draft(frame: Frame, *, in_waves: bool = True) -> _Drafted | PlanReply:
    """Write down the steps part by part; indexes of a part's steps are what later parts wait for."""
    steps: list[ProposedStep] = []
    findings: list[Finding] = []
    places: dict[int, list[int]] = {}
    for part in frame.parts:
        kinds = _by_kind(target for target in frame.request.targets if target.part == part.index)
        places[part.index] = []
        for (cloud, type_), targets in kinds.items():
            row = serving(part.action.value, cloud=cloud, type_=type_, offered=frame.offered)
            if row is None:
                findings.append(_unserved(part, targets))
                continue
            params = params_for(row, part.filters)
            if isinstance(params, Missing):
                return clarify(params.question)
            if isinstance(params, Unfit):
                return refuse(params.message)
            before = {place for earlier in part.after for place in _last(earlier, places, frame)}
            for wave in waves(targets) if in_waves else (tuple(targets),):
                steps.append(_step(row, wave, params, sorted(before)))
                before = {len(steps) - 1}
                places[part.index].append(len(steps) - 1)
    findings += _cautions(frame)
    if not steps:
        return refuse(findings[0].message if findings else "There is nothing to do.", findings)
    return _Drafted(steps=tuple(steps), findings=tuple(findings))


def _last(part: int, places: dict[int, list[int]], frame: Frame) -> list[int]:
    """Return the steps of a part; of one that has none, those of the parts it waited for."""
    if places[part]:
        return places[part]
    return [place for earlier in frame.part[part].after for place in _last(earlier, places, frame)]


def _step(row: Capability, targets: Sequence[TargetFacts], params: Params, before: list[int]) -> ProposedStep:
    verb = row.action.replace("_", " ")
    reason = f"You asked to {verb} {wording.noun(row.type, row.cloud, many=True)}."
    return ProposedStep(
        operation=row.operation,
        targets=[target.handle for target in targets],
        params=params,
        depends_on=before,
        reason=reason,
    )


def _by_kind(targets: Iterable[TargetFacts]) -> dict[tuple[str, str], list[TargetFacts]]:
    kinds: dict[tuple[str, str], list[TargetFacts]] = {}
    for target in targets:
        kinds.setdefault((target.cloud, target.type), []).append(target)
    return kinds


def _unserved(part: AskedPart, targets: Sequence[TargetFacts]) -> Finding:
    message = wording.cannot(part.action.value, targets[0].type, targets[0].cloud)
    left = [target.handle for target in targets]
    return Finding(code="operation.none", message=message, severity="warning", repair="left_out", targets=left)


def _cautions(frame: Frame) -> list[Finding]:
    """Say what a careful colleague would say: data is deleted and nothing keeps a copy."""
    deleted = [part for part in frame.parts if part.action is Action.DELETE]
    kept = any(part.action is Action.SNAPSHOT for part in frame.parts)
    if not deleted or kept:
        return []
    keepable = any(
        serving("snapshot", cloud=target.cloud, type_=target.type, offered=frame.offered)
        for target in frame.request.targets
        if frame.part[target.part].action is Action.DELETE
    )
    if not keepable:
        return []
    message = "No snapshot is taken first; say “snapshot them, then delete them” to keep a copy."
    return [Finding(code="delete.no_copy", message=message, severity="warning")]
