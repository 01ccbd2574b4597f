"""Taking a plan back: the inverse of every step that succeeded, in reverse, on the same targets and no others. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.clouds.catalog import Catalog
from engine.clouds.operation import ExpandedStep
from engine.estate.resource import Resource
from engine.execution.unit import UnitKey
from engine.planning.expansion import Draft
from engine.planning.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """What undoing would do.

    Attributes:
        drafts: The steps, ready to be frozen.
        cannot: Names of operations that stay as they are, with the reason.
        gone: Names of targets that no longer exist.
    """

    drafts: tuple[Draft, ...]
    cannot: tuple[str, ...]
    gone: tuple[str, ...]


def reversal(
    plan: Plan,
    succeeded: Collection[UnitKey],
    before: Mapping[str, Resource],
    fresh: Mapping[str, Resource | None],
    catalog: Catalog,
) -> Reversal:
    """Return how to take back what succeeded.

    Args:
        plan: The plan that ran.
        succeeded: Its units that succeeded.
        before: The targets as they were when the plan was made.
        fresh: The targets as they are now; None for what is gone.
        catalog: All operations.
    """
    drafts: list[Draft] = []
    cannot: list[str] = []
    previous: tuple[int, ...] = ()
    for step in reversed(plan.steps):
        operation = catalog.operations[step.operation]
        done = [target for target in step.targets if UnitKey(step.id, target) in succeeded]
        targets = [target for target in done if fresh.get(target)]
        if done and operation.inverse is None:
            cannot.append(operation.no_inverse_because or f"{operation.words[2].lower()} stays")
            continue
        if not targets or operation.inverse is None:
            continue
        alike: dict[str, tuple[tuple[ExpandedStep, ...], list[Resource]]] = {}
        for target in targets:
            steps = operation.inverse.steps(before[target], step.params)
            present = fresh[target]
            if present is not None:
                alike.setdefault(repr(steps), (steps, []))[1].append(present)
        grown = _grown(tuple(alike.values()), after=previous, offset=len(drafts))
        drafts.extend(grown)
        previous = tuple(range(len(drafts) - len(grown), len(drafts))) or previous
    gone = tuple(before[target].name for target in plan.targets if target in fresh and fresh[target] is None)
    return Reversal(drafts=tuple(drafts), cannot=tuple(dict.fromkeys(cannot)), gone=gone)


def _grown(
    groups: tuple[tuple[tuple[ExpandedStep, ...], list[Resource]], ...], *, after: tuple[int, ...], offset: int
) -> list[Draft]:
    drafts: list[Draft] = []
    for steps, resources in groups:
        first = offset + len(drafts)
        drafts.extend(
            Draft(
                operation=step.operation,
                targets=tuple(resources),
                params=step.params,
                after=(*after, *(first + index for index in step.after)),
            )
            for step in steps
        )
    return drafts
