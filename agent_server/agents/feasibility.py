"""Whether an operation would do anything to a target, and can: judged by the facts that came along, by one table. Pure.

A fact that did not come along says nothing: the runner looks again before anything is done. Two facts are about room and not about the
target itself: `quota_left`, how many more of what the operation makes fit into the account's quota in that region, and `sizes_offered`,
the sizes that can be had there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.agents.capabilities import Capability
from agent_server.agents.frame import Frame
from agent_server.agents.problem import Problem, things
from agent_server.agents.steps import Repair
from agent_server.contract.plan import ProposedStep, TargetFacts

Params = Mapping[str, JsonValue]
Holds = Callable[[TargetFacts, Params], bool]
_MAKING = frozenset({"snapshot", "resize"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes an operation of some action pointless or impossible on a target.

    Attributes:
        action: The action it is about.
        holds: Whether it is so.
        why: The end of the sentence "3 targets are …"; empty for "already so".
    """

    action: str
    holds: Holds
    why: str = ""


def _same_size(target: TargetFacts, params: Params) -> bool:
    wanted, had = params.get("instance_type"), target.facts.get("size")
    if not isinstance(wanted, str) or not isinstance(had, str):
        return False
    return wanted.lower().removeprefix("db.") == had.lower().removeprefix("db.")


def _grown(target: TargetFacts, params: Params, compared: Callable[[float, float], bool]) -> bool:
    wanted, had = params.get("size_gb"), target.facts.get("size_gb")
    return _is_number(wanted) and _is_number(had) and compared(float(str(wanted)), float(str(had)))


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tagged(target: TargetFacts, params: Params) -> bool:
    wanted = params.get("tags")
    if not isinstance(wanted, Mapping) or not wanted:
        return False
    return all(target.tags.get(key) == value for key, value in wanted.items())


def _switched(*, on: bool) -> Holds:
    return lambda target, params: target.facts.get(str(params.get("feature"))) is on


def _not_offered(target: TargetFacts, params: Params) -> bool:
    offered, wanted = target.facts.get("sizes_offered"), params.get("instance_type")
    return isinstance(offered, list) and isinstance(wanted, str) and wanted not in offered


ALREADY = (
    Rule(action="resize", holds=_same_size),
    Rule(action="resize", holds=lambda target, params: _grown(target, params, lambda wanted, had: wanted == had)),
    Rule(action="tag", holds=_tagged),
    Rule(action="encrypt", holds=lambda target, _: target.facts.get("encrypted") is True),
    Rule(action="enable", holds=_switched(on=True)),
    Rule(action="disable", holds=_switched(on=False)),
)
IMPOSSIBLE = (
    Rule(
        action="resize",
        holds=lambda target, params: _grown(target, params, lambda wanted, had: wanted < had),
        why="larger than that; a disk can only grow",
    ),
    Rule(action="resize", holds=_not_offered, why="in a place where that size is not offered"),
    Rule(
        action="delete",
        holds=lambda target, _: target.facts.get("deletion_protection") is True,
        why="protected against deletion; switch that off first",
    ),
)


def feasible(index: int, step: ProposedStep, capability: Capability, frame: Frame) -> Iterator[Problem]:
    """Leave out what is already so and what cannot be done, unless an earlier part changes it first; hold the rest to the quota."""
    left = [one for handle in step.targets if (one := frame.target.get(handle)) and not frame.waits(one)]
    for code, severity, rules in (("state.already", "info", ALREADY), ("infeasible", "warning", IMPOSSIBLE)):
        for rule in rules:
            met = [one for one in left if rule.action == capability.action and rule.holds(one, step.params)]
            if met:
                yield Problem(
                    code=code,
                    message=f"{things(len(met))} {rule.why or 'already so'}.",
                    severity="info" if severity == "info" else "warning",
                    repair=Repair(step=index, drop=frozenset(one.handle for one in met)),
                )
                left = [one for one in left if one not in met]
    yield from _quota(left, capability)


def _quota(targets: list[TargetFacts], capability: Capability) -> Iterator[Problem]:
    """Refuse what does not fit: which of them should go without is not for a planner to choose."""
    if capability.action not in _MAKING:
        return
    by_region: dict[str, list[TargetFacts]] = {}
    for target in targets:
        by_region.setdefault(target.region, []).append(target)
    for region, group in by_region.items():
        told = [room for one in group if isinstance(room := one.facts.get("quota_left"), int) and room >= 0]
        if told and len(group) > min(told):
            where = f" in {region}" if region else ""
            verb = capability.action.replace("_", " ")
            message = f"The quota{where} has room for {min(told)} more, and this would {verb} {len(group)}."
            handles = frozenset(one.handle for one in group)
            yield Problem(code="quota", message=message, fatal=True, targets=handles)
