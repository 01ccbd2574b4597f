"""Targets by group: those that a model need not tell apart, and those that go together.

A model orders groups; handles are put back here, all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_server.agents.environment import is_careful
from agent_server.contract.plan import TargetFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Targets of one part, kind, place, state and set of tags."""

    name: str
    handles: tuple[str, ...]
    part: int
    type: str
    cloud: str
    region: str
    state: str
    tags: tuple[tuple[str, str], ...]


_Key = tuple[int, str, str, str, str, tuple[tuple[str, str], ...]]


def grouped(targets: Iterable[TargetFacts]) -> tuple[Group, ...]:
    """Return the groups `g1..gn` in the order of their first target."""
    found: dict[_Key, list[str]] = {}
    for target in targets:
        tags = tuple(sorted(target.tags.items()))
        key = (target.part, target.type, target.cloud, target.region, target.state, tags)
        found.setdefault(key, []).append(target.handle)
    return tuple(
        Group(
            name=f"g{index}",
            handles=tuple(handles),
            part=key[0],
            type=key[1],
            cloud=key[2],
            region=key[3],
            state=key[4],
            tags=key[5],
        )
        for index, (key, handles) in enumerate(found.items(), 1)
    )


def waves(targets: Sequence[TargetFacts]) -> tuple[tuple[TargetFacts, ...], ...]:
    """Return the targets in the groups that go one after the other: production region by region, so that not all regions fail at once."""
    regions = dict.fromkeys(target.region for target in targets)
    if len(regions) == 1 or not any(map(is_careful, targets)):
        return (tuple(targets),)
    return tuple(tuple(target for target in targets if target.region == region) for region in regions)
