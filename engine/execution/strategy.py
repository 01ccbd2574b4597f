"""Which units may begin now: order, canary, parallelism and what a failure stops. Pure."""

from collections.abc import Mapping

from engine.execution.unit import Unit, UnitKey, UnitState
from engine.planning.plan import Plan, Step

_BAD = {UnitState.FAILED, UnitState.UNCERTAIN}


def keys(plan: Plan) -> tuple[UnitKey, ...]:
    """Return the units of a plan in the order shown."""
    return tuple(UnitKey(step.id, target) for step in plan.steps for target in step.targets)


def startable(plan: Plan, units: Mapping[UnitKey, Unit]) -> tuple[UnitKey, ...]:
    """Return the pending units that may begin now, never more than the free places of the strategy."""
    if halted(plan, units):
        return ()
    free = plan.strategy.parallel - sum(unit.state is UnitState.RUNNING for unit in units.values())
    ready: list[UnitKey] = []
    for step in plan.steps:
        if _satisfied(plan, step, units):
            ready.extend(_of_step(plan, step, units))
    return tuple(ready[: max(free, 0)])


def halted(plan: Plan, units: Mapping[UnitKey, Unit]) -> bool:
    """Say whether a failure stops what has not begun."""
    return plan.strategy.on_failure == "stop" and any(unit.state in _BAD for unit in units.values())


def unreachable(plan: Plan, units: Mapping[UnitKey, Unit]) -> tuple[UnitKey, ...]:
    """Return the pending units that can never begin: halted, or behind a step that did not succeed wholly."""
    pending = [key for key, unit in units.items() if unit.state is UnitState.PENDING]
    if halted(plan, units):
        return tuple(pending)
    blocked: set[str] = set()
    for step in plan.steps:
        behind = any(earlier in blocked or _broken(earlier, units) for earlier in step.depends_on)
        if behind or _canary_broken(plan, step, units):
            blocked.add(step.id)
    return tuple(key for key in pending if key.step in blocked)


def _satisfied(plan: Plan, step: Step, units: Mapping[UnitKey, Unit]) -> bool:
    needed = [each for each in plan.steps if each.id in step.depends_on]
    return all(
        units[UnitKey(each.id, target)].state is UnitState.SUCCEEDED for each in needed for target in each.targets
    )


def _of_step(plan: Plan, step: Step, units: Mapping[UnitKey, Unit]) -> list[UnitKey]:
    canaries = step.targets[: plan.strategy.canary] if len(step.targets) > plan.strategy.canary else ()
    passed = all(units[UnitKey(step.id, target)].state is UnitState.SUCCEEDED for target in canaries)
    candidates = step.targets if passed else canaries
    return [
        UnitKey(step.id, target) for target in candidates if units[UnitKey(step.id, target)].state is UnitState.PENDING
    ]


def _broken(step: str, units: Mapping[UnitKey, Unit]) -> bool:
    return any(
        unit.state.final and unit.state is not UnitState.SUCCEEDED for key, unit in units.items() if key.step == step
    )


def _canary_broken(plan: Plan, step: Step, units: Mapping[UnitKey, Unit]) -> bool:
    if len(step.targets) <= plan.strategy.canary:
        return False
    return any(units[UnitKey(step.id, target)].state in _BAD for target in step.targets[: plan.strategy.canary])
