"""Curated playbooks that do what a plan does, said along with it: looked up by action and kind, without reading any words. Pure."""

from collections.abc import Mapping
from functools import cache

from agent_server.agents.parts import READING
from agent_server.agents.ranking import of_library, reason
from agent_server.contract.intent import Action
from agent_server.contract.plan import PlanRequest, RankedPlaybook
from agent_server.contract.playbook import Need, Playbook
from agent_server.knowledge.library import playbooks

MOST = 3
_ALL_KINDS, _SOME_KINDS = 0.8, 0.6
_OTHER_MEANS = 0.1


def fitting(request: PlanRequest) -> list[RankedPlaybook]:
    """Return at most three playbooks for the same action on the same kinds; those that run as they are come first."""
    kinds = {(target.cloud, target.type) for target in request.targets}
    actions = {request.intent.action, *(part.action for part in request.intent.parts)} - READING
    offered = frozenset(request.capabilities)
    found: dict[str, tuple[float, Playbook]] = {}
    for action in sorted(actions):
        for cloud, type_ in sorted(kinds):
            for one in _by_use().get((action, cloud, type_), ()):
                known = {(cloud, kind) for cloud in one.clouds for kind in one.resource_types}
                confidence = _ALL_KINDS if kinds <= known else _SOME_KINDS
                if not one.steps or any(step.operation not in offered for step in one.steps):
                    confidence -= _OTHER_MEANS
                found[one.id] = (confidence, one)
    best = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].id))[:MOST]
    return [_shown(confidence, one) for confidence, one in best]


def _shown(confidence: float, one: Playbook) -> RankedPlaybook:
    need = Need(action=one.action, clouds=one.clouds, resource_types=one.resource_types)
    said = reason(need, of_library(one, 0.0))
    return RankedPlaybook(id=one.id, version=one.version, confidence=round(confidence, 2), reason=said)


@cache
def _by_use() -> Mapping[tuple[Action, str, str], tuple[Playbook, ...]]:
    found: dict[tuple[Action, str, str], tuple[Playbook, ...]] = {}
    for one in playbooks().values():
        for cloud in one.clouds:
            for type_ in one.resource_types:
                use = (one.action, cloud, type_)
                found[use] = (*found.get(use, ()), one)
    return found
