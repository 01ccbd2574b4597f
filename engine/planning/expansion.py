"""Composites become typed API steps, and every step acts within one account."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.clouds.operation import Composite, ExpandedStep, Operation, Params
from engine.estate.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A step before it is frozen; `after` are indexes of earlier drafts."""

    operation: str
    targets: tuple[Resource, ...]
    params: Params = field(default_factory=dict)
    after: tuple[int, ...] = ()


def expand(
    found: Operation | Composite, params: Params, targets: Sequence[Resource], *, after: tuple[int, ...], offset: int
) -> list[Draft]:
    """Return the drafts of one proposed step, by account; `offset` is the index the first of them will have."""
    drafts: list[Draft] = []
    for group in _by_account(targets):
        at = offset + len(drafts)
        match found:
            case Operation():
                drafts.append(Draft(operation=found.id, targets=group, params=params, after=after))
            case Composite():
                drafts.extend(_composite(found, params, group, after=after, offset=at))
    return drafts


def _composite(
    found: Composite, params: Params, group: tuple[Resource, ...], *, after: tuple[int, ...], offset: int
) -> list[Draft]:
    """Expand for each target; targets that need the very same sequence share its steps."""
    alike: dict[str, tuple[tuple[ExpandedStep, ...], list[Resource]]] = {}
    for resource in group:
        sequence = found.expand(resource, params)
        alike.setdefault(repr(sequence), (sequence, []))[1].append(resource)
    drafts: list[Draft] = []
    for sequence, resources in alike.values():
        first = offset + len(drafts)
        drafts.extend(
            Draft(
                operation=step.operation,
                targets=tuple(resources),
                params=step.params,
                after=(*after, *(first + index for index in step.after)),
            )
            for step in sequence
        )
    return drafts


def _by_account(targets: Sequence[Resource]) -> list[tuple[Resource, ...]]:
    groups: dict[tuple[str, str], list[Resource]] = {}
    for resource in targets:
        groups.setdefault((resource.cloud.value, resource.account), []).append(resource)
    return [tuple(group) for group in groups.values()]
