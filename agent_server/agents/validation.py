"""Whether a proposal can work and is what was asked, and how to mend it: feasible, permitted, in order, without contradiction.

It judges the offline planner's and a model's proposals alike. The runner's admission judges again, over real resources.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from agent_server.agents.capabilities import Capability, known
from agent_server.agents.feasibility import feasible
from agent_server.agents.frame import Frame
from agent_server.agents.ordering import conflicts, order
from agent_server.agents.parameters import params_for
from agent_server.agents.parts import KEEPING
from agent_server.agents.problem import Problem, things
from agent_server.agents.steps import Repair, repaired, tidy
from agent_server.contract.intent import Action
from agent_server.contract.plan import MOST_TARGETS, Finding, ProposedPlan, ProposedStep, TargetFacts

MOST_ROUNDS = 3
_MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A proposal after checking and mending; `plan` is None when nothing of it is left or something cannot be mended."""

    plan: ProposedPlan | None
    findings: tuple[Finding, ...]
    why_not: str = ""


def checked(plan: ProposedPlan, frame: Frame) -> Checked:
    """Check a proposal and mend it, at most `MOST_ROUNDS` times."""
    found: list[Problem] = []
    steps: list[ProposedStep] = [tidy(step, index) for index, step in enumerate(plan.steps)]
    for _ in range(MOST_ROUNDS):
        problems = tuple(_problems(steps, frame))
        found += problems
        if fatal := next((problem for problem in problems if problem.fatal), None):
            return Checked(plan=None, findings=findings(found), why_not=fatal.message)
        repairs = [problem.repair for problem in problems if problem.repair]
        if not repairs:
            break
        mended = repaired(steps, repairs)
        if mended is None:
            return Checked(plan=None, findings=findings(found), why_not=_CYCLE)
        if not mended:
            return Checked(plan=None, findings=findings(found), why_not=problems[0].message)
        steps = mended
    else:
        why = "The plan could not be put right."
        return Checked(plan=None, findings=findings(found), why_not=why)
    return Checked(plan=plan.model_copy(update={"steps": steps}), findings=findings(found))


def findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Return each problem once, with every target that it is about in any step."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.code, problem.message), []).append(problem)
    return tuple(map(_finding, islice(alike.values(), _MOST_FINDINGS)))


def _finding(alike: Sequence[Problem]) -> Finding:
    repairs = [one.repair for one in alike if one.repair]
    about = frozenset[str]().union(*(one.about for one in alike))
    return Finding(
        code=alike[0].code,
        message=alike[0].message,
        severity=alike[0].severity,
        repair=repairs[0].kind if repairs else "",
        targets=sorted(about, key=_number)[:MOST_TARGETS],
    )


def _number(handle: str) -> int:
    return int(handle.removeprefix("r"))


def standing_problems(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    """Yield what stands against steps that are not up for mending, because a playbook says them."""
    for index, step in enumerate(steps):
        if row := known().get(step.operation):
            yield from _permissions(index, step, row, frame)
    yield from conflicts(steps, frame)
    yield from _limits(steps, frame)


_CYCLE = "Its steps wait for each other."


def _problems(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    for index, step in enumerate(steps):
        capability = frame.capability(step.operation)
        if capability is None:
            message = f"{step.operation} is not something this runner can do."
            yield Problem(
                code="operation.unknown", message=message, repair=Repair(step=index, drop=frozenset(step.targets))
            )
            continue
        for check in _STEP_CHECKS:
            yield from check(index, step, capability, frame)
    yield from order(steps, frame)
    yield from conflicts(steps, frame)
    yield from _limits(steps, frame)


def _targets(index: int, step: ProposedStep, capability: Capability, frame: Frame) -> Iterator[Problem]:
    """Only handles of this request, of the operation's type, in a part that asks for its action."""
    unknown = frozenset(handle for handle in step.targets if handle not in frame.target)
    if unknown:
        message = f"{len(unknown)} target(s) of the plan were not asked about."
        yield Problem(code="target.unknown", message=message, repair=Repair(step=index, drop=unknown))
    known = [frame.target[handle] for handle in step.targets if handle not in unknown]
    other = frozenset(one.handle for one in known if (one.cloud, one.type) != (capability.cloud, capability.type))
    if other:
        message = f"{step.operation} does not act on {len(other)} of its targets."
        yield Problem(code="target.type", message=message, repair=Repair(step=index, drop=other))
    strange = frozenset(one.handle for one in known if not _asked(capability, one, frame)) - other
    if strange:
        verb = capability.action.replace("_", " ")
        message = f"Nobody asked to {verb} {len(strange)} of the targets."
        yield Problem(code="action.other", message=message, repair=Repair(step=index, drop=strange))


def _asked(capability: Capability, target: TargetFacts, frame: Frame) -> bool:
    part = frame.part.get(target.part)
    if part is None:
        return False
    action = Action(capability.action)
    return action is part.action or (part.action is Action.DELETE and action in KEEPING)


def _parameters(index: int, step: ProposedStep, capability: Capability, frame: Frame) -> Iterator[Problem]:
    """A step has the parameters that its part said, exactly."""
    for number in dict.fromkeys(frame.target[handle].part for handle in step.targets if handle in frame.target):
        part = frame.part.get(number)
        if part is None or part.action != capability.action:
            continue
        wanted = params_for(capability, part.filters)
        if isinstance(wanted, dict) and wanted != step.params:
            message = f"{step.operation} was given other parameters than were asked for."
            yield Problem(code="params.other", message=message, repair=Repair(step=index, params=wanted))


def _permissions(index: int, step: ProposedStep, _capability: Capability, frame: Frame) -> Iterator[Problem]:
    """What is known to be denied is said; the runner decides, unless everything is denied."""
    known = [frame.target[handle] for handle in step.targets if handle in frame.target]
    denied = [one for one in known if one.permissions.get(step.operation) == "denied"]
    if not denied:
        return
    all_ = len(denied) == len(known)
    which = "any" if all_ else f"{len(denied)} of {len(known)}"
    message = f"Escher's credentials may not use {step.operation} on {which} of the targets."
    yield Problem(
        code="permission.denied",
        message=message,
        severity="error" if all_ else "warning",
        repair=Repair(step=index, drop=frozenset(one.handle for one in denied)) if all_ else None,
        targets=frozenset(one.handle for one in denied),
    )


def _states(index: int, step: ProposedStep, capability: Capability, frame: Frame) -> Iterator[Problem]:
    """What is already so, or cannot be changed in its state, is left out, unless an earlier part changes it first."""
    fresh = [one for handle in step.targets if (one := frame.target.get(handle)) and not frame.waits(one)]
    done = frozenset(one.handle for one in fresh if one.state in capability.done_states)
    if done:
        message = f"{things(len(done))} already so."
        yield Problem(code="state.already", message=message, severity="info", repair=Repair(step=index, drop=done))
    if not capability.from_states:
        return
    wrong = [one for one in fresh if one.state and one.state not in capability.from_states and one.handle not in done]
    for state in sorted({one.state for one in wrong}):
        handles = frozenset(one.handle for one in wrong if one.state == state)
        verb = capability.action.replace("_", " ")
        needed = " or ".join(sorted(capability.from_states))
        message = f"{things(len(handles))} in no state to {verb}; it takes {needed}."
        yield Problem(code="state.wrong", message=message, severity="warning", repair=Repair(step=index, drop=handles))


_STEP_CHECKS: tuple[Callable[[int, ProposedStep, Capability, Frame], Iterator[Problem]], ...] = (
    _targets,
    _parameters,
    _permissions,
    _states,
    feasible,
)


def _limits(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    limits = frame.request.limits
    touched = len({handle for step in steps for handle in step.targets})
    if touched > limits.max_targets:
        message = f"That is {touched:,} resources; one plan may hold at most {limits.max_targets:,}."
        yield Problem(code="limit.targets", message=message, fatal=True)
    if len(steps) > limits.max_steps:
        message = f"That takes {len(steps)} steps; one plan may hold at most {limits.max_steps}."
        yield Problem(code="limit.steps", message=message, fatal=True)
