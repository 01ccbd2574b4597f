"""Whether a proposal can work and is what was asked, and how to mend it: feasible, permitted, in order, without contradiction.

It judges the offline planner's and a model's proposals alike. The runner's admission judges again, over real resources.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent_server.agents.capabilities import Capability, capabilities
from agent_server.agents.frame import Frame
from agent_server.agents.parameters import params_for
from agent_server.agents.parts import PROTECTIVE
from agent_server.agents.steps import Repair, reach, repaired, tidy
from agent_server.contract.intent import Action
from agent_server.contract.plan import Finding, ProposedPlan, ProposedStep, TargetFacts

MOST_ROUNDS = 3
_MOST_FINDINGS = 50
_OPPOSED = (
    frozenset({Action.START, Action.STOP}),
    frozenset({Action.ENABLE, Action.DISABLE}),
    frozenset({Action.MAKE_PUBLIC, Action.MAKE_PRIVATE}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it must be.

    Attributes:
        code: Which sort.
        message: One sentence for the person who asked.
        severity: `error` when it cannot be left so.
        repair: What mends it, when something does.
        fatal: Whether nothing can mend it.
    """

    code: str
    message: str
    severity: Literal["info", "warning", "error"] = "error"
    repair: Repair | None = None
    fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A proposal after checking and mending; `plan` is None when nothing of it is left or something cannot be mended."""

    plan: ProposedPlan | None
    findings: tuple[Finding, ...]
    why_not: str = ""


def checked(plan: ProposedPlan, frame: Frame) -> Checked:
    """Check a proposal and mend it, at most `MOST_ROUNDS` times."""
    found: dict[tuple[str, str], Problem] = {}
    steps: list[ProposedStep] = [tidy(step, index) for index, step in enumerate(plan.steps)]
    for _ in range(MOST_ROUNDS):
        problems = tuple(_problems(steps, frame))
        found |= {(problem.code, problem.message): problem for problem in problems}
        if fatal := next((problem for problem in problems if problem.fatal), None):
            return Checked(plan=None, findings=_findings(found.values()), why_not=fatal.message)
        repairs = [problem.repair for problem in problems if problem.repair]
        if not repairs:
            break
        mended = repaired(steps, repairs)
        if mended is None:
            return Checked(plan=None, findings=_findings(found.values()), why_not=_CYCLE)
        if not mended:
            return Checked(plan=None, findings=_findings(found.values()), why_not=problems[0].message)
        steps = mended
    else:
        why = "The plan could not be put right."
        return Checked(plan=None, findings=_findings(found.values()), why_not=why)
    return Checked(plan=plan.model_copy(update={"steps": steps}), findings=_findings(found.values()))


def _findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    found = [Finding(code=one.code, message=one.message, severity=one.severity) for one in problems]
    return tuple(found[:_MOST_FINDINGS])


def standing_problems(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    """Yield what stands against steps that are not up for mending, because a playbook says them."""
    for index, step in enumerate(steps):
        if capability := frame.capability(step.operation):
            yield from _permissions(index, step, capability, frame)
    yield from _conflicts(steps, frame)
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
    yield from _order(steps, frame)
    yield from _conflicts(steps, frame)
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
    return action is part.action or (part.action is Action.DELETE and action in PROTECTIVE[Action.DELETE])


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
    )


def _states(index: int, step: ProposedStep, capability: Capability, frame: Frame) -> Iterator[Problem]:
    """What is already so, or cannot be changed in its state, is left out, unless an earlier part changes it first."""
    fresh = [one for handle in step.targets if (one := frame.target.get(handle)) and not _waits(one, frame)]
    done = frozenset(one.handle for one in fresh if one.state in capability.done_states)
    if done:
        message = f"{_things(len(done))} already so."
        yield Problem(code="state.already", message=message, severity="info", repair=Repair(step=index, drop=done))
    if not capability.from_states:
        return
    wrong = [one for one in fresh if one.state and one.state not in capability.from_states and one.handle not in done]
    for state in sorted({one.state for one in wrong}):
        handles = frozenset(one.handle for one in wrong if one.state == state)
        verb = capability.action.replace("_", " ")
        needed = " or ".join(sorted(capability.from_states))
        message = f"{_things(len(handles))} in no state to {verb}; it takes {needed}."
        yield Problem(code="state.wrong", message=message, severity="warning", repair=Repair(step=index, drop=handles))


def _things(count: int) -> str:
    return f"{count} target{'s are' if count > 1 else ' is'}"


def _waits(target: TargetFacts, frame: Frame) -> bool:
    part = frame.part.get(target.part)
    return part is not None and bool(part.after)


_STEP_CHECKS: tuple[Callable[[int, ProposedStep, Capability, Frame], Iterator[Problem]], ...] = (
    _targets,
    _parameters,
    _permissions,
    _states,
)


def _order(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    """Steps of a part come after all steps of the parts it waits for; what protects a target comes before its deletion."""
    numbers = [_parts(step, frame) for step in steps]
    before = reach(steps)
    for index, step in enumerate(steps):
        after = {earlier for number in numbers[index] if number in frame.part for earlier in frame.part[number].after}
        needed = {
            other
            for other, theirs in enumerate(numbers)
            if other != index and ((theirs & after and not theirs & numbers[index]) or _guards(steps, other, step))
        }
        missing = frozenset(needed - before[index])
        if missing:
            message = "Steps were put in the order that was asked for."
            yield Problem(code="order", message=message, severity="info", repair=Repair(step=index, wait_for=missing))


def _parts(step: ProposedStep, frame: Frame) -> set[int]:
    return {frame.target[handle].part for handle in step.targets if handle in frame.target}


def _guards(steps: Sequence[ProposedStep], other: int, step: ProposedStep) -> bool:
    """Whether step `other` protects a target that `step` deletes."""
    ours, theirs = _action(step.operation), _action(steps[other].operation)
    return (
        ours is Action.DELETE
        and theirs in PROTECTIVE[Action.DELETE]
        and not set(step.targets).isdisjoint(steps[other].targets)
    )


def _conflicts(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    """Opposite things are not done to the same targets, or to all of the same kind, without an order between them."""
    before = reach(steps)
    for index, step in enumerate(steps):
        for other in range(index):
            if other in before[index] or index in before[other]:
                continue
            pair = frozenset({_action(step.operation), _action(steps[other].operation)})
            if pair in _OPPOSED and _same(step, steps[other], frame):
                first, second = sorted(action.value.replace("_", " ") for action in pair if action)
                message = f"It would {first} and {second} the same things, in no order."
                yield Problem(code="conflict", message=message, fatal=True)


def _same(one: ProposedStep, other: ProposedStep, frame: Frame) -> bool:
    if not set(one.targets).isdisjoint(other.targets):
        return True
    ours, theirs = _parts(one, frame), _parts(other, frame)
    return any(
        frame.part[a].filters == frame.part[b].filters and frame.part[a].types == frame.part[b].types
        for a in ours & set(frame.part)
        for b in theirs & set(frame.part)
        if a != b
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


def _action(operation: str) -> Action | None:
    row = capabilities().get(operation)
    return Action(row.action) if row else None
