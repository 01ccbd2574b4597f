"""In which order the steps of a proposal must run, and which may not stand beside each other without one. Pure."""

from collections.abc import Iterator, Sequence

from agent_server.agents.capabilities import capabilities
from agent_server.agents.frame import Frame
from agent_server.agents.parts import KEEPING
from agent_server.agents.problem import Problem
from agent_server.agents.steps import Repair, reach
from agent_server.contract.intent import Action
from agent_server.contract.plan import ProposedStep

_OPPOSED = (
    frozenset({Action.START, Action.STOP}),
    frozenset({Action.STOP, Action.RESTART}),
    frozenset({Action.START, Action.DELETE}),
    frozenset({Action.TAG, Action.UNTAG}),
    frozenset({Action.ENABLE, Action.DISABLE}),
    frozenset({Action.MAKE_PUBLIC, Action.MAKE_PRIVATE}),
)


def order(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
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
    return ours is Action.DELETE and theirs in KEEPING and not set(step.targets).isdisjoint(steps[other].targets)


def conflicts(steps: Sequence[ProposedStep], frame: Frame) -> Iterator[Problem]:
    """Opposite things are not done to the same targets, or to all of the same kind, without an order; a deletion comes last."""
    before = reach(steps)
    for index, step in enumerate(steps):
        for other in range(index):
            if other in before[index] or index in before[other] or not _same(step, steps[other], frame):
                continue
            yield from _beside(index, other, steps)


def _beside(index: int, other: int, steps: Sequence[ProposedStep]) -> Iterator[Problem]:
    """Say what is wrong with two steps on the same things that have no order between them."""
    ours, theirs = _action(steps[index].operation), _action(steps[other].operation)
    if ours is None or theirs is None or ours is theirs:
        return
    if frozenset({ours, theirs}) in _OPPOSED:
        first, second = sorted(action.value.replace("_", " ") for action in (ours, theirs))
        yield Problem(
            code="conflict", message=f"It would {first} and {second} the same things, in no order.", fatal=True
        )
    elif Action.DELETE in {ours, theirs}:
        last, first_one = (index, other) if ours is Action.DELETE else (other, index)
        yield Problem(
            code="order",
            message="What is deleted is deleted last.",
            severity="info",
            repair=Repair(step=last, wait_for=frozenset({first_one})),
        )


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


def _action(operation: str) -> Action | None:
    row = capabilities().get(operation)
    return Action(row.action) if row else None
