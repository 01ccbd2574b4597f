"""A playbook as admission holds a proposal against it: these operations, with these values, in this order, and no others. Pure.

What keeps one from being followed at all is said by `hindrances`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from agent_server.contract.placeholders import filled
from agent_server.contract.plan import ProposedStep
from agent_server.contract.playbook import Playbook, PlaybookStep
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Composite, Effect, Operation
from engine.clouds.verdicts import nothing_left
from engine.estate.resource import Cloud, Json, Resource
from engine.planning.context import Target
from engine.planning.hindrances import Obstacle, hindrances, said
from engine.planning.sequence import reach
from engine.refusal import Refusal

_CODES = {
    Obstacle.SCRIPT: "playbook.script",
    Obstacle.OPERATION: "playbook.operations",
    Obstacle.EFFECT: "playbook.untrue",
    Obstacle.TYPE: "playbook.untrue",
    Obstacle.PARAMETER: "playbook.parameter",
    Obstacle.SENSE: "playbook.unsound",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedStep:
    """One step of the playbook, with its values filled in.

    Attributes:
        found: What the catalogue knows under its operation's id.
        params: Exactly these.
        before: Indexes of the steps that must be done on a target before this one.
    """

    found: Operation | Composite
    params: Mapping[str, Json] = field(default_factory=dict)
    before: frozenset[int] = frozenset()

    def acts_on(self, resource: Resource) -> bool:
        """Say whether it is for a resource of this kind."""
        return (resource.type, resource.cloud) == (self.found.type, self.found.cloud)

    def done_on(self, resource: Resource) -> bool:
        """Say whether nothing is left to do there."""
        return nothing_left(self.found, resource, self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A playbook that is being followed.

    Attributes:
        key: `id@version`.
        steps: In its order.
    """

    key: str
    steps: tuple[FollowedStep, ...]

    @property
    def kinds(self) -> tuple[tuple[str, Cloud], ...]:
        """The kinds of resources it acts on, in the order of its steps."""
        return tuple(dict.fromkeys((step.found.type, step.found.cloud) for step in self.steps))

    @property
    def words(self) -> tuple[str, str, str]:
        """How the whole is said: its verbs in order, "Snapshot, then stop"."""
        said = list(dict.fromkeys(step.found.words for step in self.steps))
        return (_joined([one[0] for one in said]), _joined([one[1] for one in said]), _joined([one[2] for one in said]))

    def of(self, resource: Resource) -> tuple[FollowedStep, ...]:
        """Return the steps for a resource of this kind."""
        return tuple(step for step in self.steps if step.acts_on(resource))

    def matching(self, proposed: ProposedStep, resource: Resource) -> int | None:
        """Return which step of the playbook a proposed one is, or None when it is none of them."""
        for index, step in enumerate(self.steps):
            if step.found.id == proposed.operation and step.acts_on(resource) and _same(step.params, proposed.params):
                return index
        return None


def _joined(verbs: Sequence[str]) -> str:
    """Put verbs behind each other; an "of" that the last has, too, is said once."""
    *earlier, last = verbs
    if last.endswith(" of"):
        earlier = [verb.removesuffix(" of") for verb in earlier]
    first, *rest = (*earlier, last)
    return ", then ".join((first, *(verb[0].lower() + verb[1:] for verb in rest)))


def following(playbook: Playbook, values: Mapping[str, Json], catalog: Catalog) -> Following | Refusal:
    """Return what following a playbook with these values means, or why it cannot be followed.

    Args:
        playbook: From wherever it came.
        values: Of its parameters, checked against their declaration.
        catalog: What can be done at all.
    """
    if refused := unfollowable(playbook, catalog):
        return refused
    steps: list[FollowedStep] = []
    for index, step in enumerate(playbook.steps):
        found = catalog.operations.get(step.operation) or catalog.composites[step.operation]
        params = _filled(step.params, values)
        if params is None:
            return Refusal(
                code="playbook.parameter",
                message=f"Step {index + 1} of playbook {playbook.id} wants a value that nobody gave.",
            )
        steps.append(FollowedStep(found=found, params=params, before=_before(index, step, found)))
    return Following(key=f"{playbook.id}@{playbook.version}", steps=tuple(steps))


def unfollowable(playbook: Playbook, catalog: Catalog) -> Refusal | None:
    """Return why a playbook cannot be followed with whatever values, or None when it can be."""
    found = hindrances(playbook, catalog)
    if not found:
        return None
    door = "script" if playbook.scripts else "show"
    return Refusal(
        code=_CODES[found[0].obstacle],
        message=f"I cannot follow playbook {playbook.id}: {said(found)}.",
        doors=(f"playbook {door} {playbook.id}",),
    )


def unfaithful(steps: Sequence[ProposedStep], known: Mapping[str, Target], follow: Following) -> str:
    """Return where a proposal is not the playbook, in a few words, or an empty text.

    Every step is one of the playbook's; every step of the playbook is there for every target of its kind, unless it leads the
    procedure and nothing is left to do; and what comes before another in the playbook comes before it here.

    Args:
        steps: The proposed steps; their handles and dependencies are known to be good.
        known: Targets by handle.
        follow: The playbook.
    """
    earlier = reach(steps)
    placed: dict[tuple[int, str], int] = {}
    for place, step in enumerate(steps):
        for handle in step.targets:
            index = follow.matching(step, known[handle].resource)
            if index is None:
                return f"step {place + 1} is not one of the playbook's"
            if (index, handle) in placed:
                return f"step {place + 1} does the same to a target again"
            placed[index, handle] = place
    for handle, target in known.items():
        if why := _incomplete(handle, target.resource, placed, earlier, follow):
            return why
    return _across(placed, earlier, follow)


def _incomplete(
    handle: str,
    resource: Resource,
    placed: Mapping[tuple[int, str], int],
    earlier: Sequence[set[int]],
    follow: Following,
) -> str:
    for index, step in enumerate(follow.steps):
        place = placed.get((index, handle))
        if place is None:
            begun = any((first, handle) in placed for first in range(index))
            if step.acts_on(resource) and (begun or not step.done_on(resource)):
                return f"the playbook's step {index + 1} is left out for a target"
            continue
        late = [first for first in step.before if placed.get((first, handle), place) not in {place, *earlier[place]}]
        if late:
            return f"step {place + 1} does not wait for the playbook's step {late[0] + 1}"
    return ""


def _across(placed: Mapping[tuple[int, str], int], earlier: Sequence[set[int]], follow: Following) -> str:
    """Hold the order between steps on different kinds: those before are done everywhere before."""
    places: dict[int, set[int]] = {}
    for (index, _), place in placed.items():
        places.setdefault(index, set()).add(place)
    for index, step in enumerate(follow.steps):
        for first in step.before:
            other = follow.steps[first].found
            if (other.type, other.cloud) == (step.found.type, step.found.cloud):
                continue
            for place in places.get(index, set()):
                if places.get(first, set()) - earlier[place]:
                    return f"step {place + 1} does not wait for the playbook's step {first + 1}"
    return ""


def _before(index: int, step: PlaybookStep, found: Operation | Composite) -> frozenset[int]:
    """Return the steps that come before: the declared ones, and before a destruction every earlier one."""
    if isinstance(found, Operation) and found.effect is Effect.DESTROY:
        return frozenset(range(index))
    return frozenset(step.depends_on)


def _filled(params: Mapping[str, JsonValue], values: Mapping[str, Json]) -> dict[str, Json] | None:
    try:
        found: dict[str, Any] = {key: filled(one, values) for key, one in params.items()}
    except KeyError:
        return None
    return found


def _same(wanted: Mapping[str, Json], given: Mapping[str, JsonValue]) -> bool:
    """Compare values with their types: `True` is not `1`."""
    return _typed(dict(wanted)) == _typed(dict(given))


def _typed(value: object) -> object:
    match value:
        case dict():
            return {key: _typed(one) for key, one in value.items()}
        case list() | tuple():
            return [_typed(one) for one in value]
        case _:
            return (type(value).__name__, value)
