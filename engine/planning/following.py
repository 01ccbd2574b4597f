"""A playbook as admission holds a proposal against it: these operations, with these values, in this order, and no others. Pure.

The playbook itself is somebody else's text. What it would do is read from the catalogue, never from its own words, and where the two
differ about how grave a step is, it is not followed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from agent_server.contract.plan import ProposedStep
from agent_server.contract.playbook import Playbook, PlaybookStep
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Composite, Effect, Operation
from engine.clouds.verdicts import nothing_left
from engine.estate.kinds import expand
from engine.estate.resource import Cloud, Json, Resource
from engine.planning.context import Target
from engine.planning.sequence import reach
from engine.refusal import Refusal

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_GRAVITY = {"read": 0, "write": 1, "destroy": 2}


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
        first, rest = said[0], said[1:]
        lowered = [tuple(word[0].lower() + word[1:] for word in words) for words in rest]
        joined = tuple(", then ".join((first[form], *(words[form] for words in lowered))) for form in range(3))
        return (joined[0], joined[1], joined[2])

    def of(self, resource: Resource) -> tuple[FollowedStep, ...]:
        """Return the steps for a resource of this kind."""
        return tuple(step for step in self.steps if step.acts_on(resource))

    def matching(self, proposed: ProposedStep, resource: Resource) -> int | None:
        """Return which step of the playbook a proposed one is, or None when it is none of them."""
        for index, step in enumerate(self.steps):
            if step.found.id == proposed.operation and step.acts_on(resource) and _same(step.params, proposed.params):
                return index
        return None


def following(playbook: Playbook, values: Mapping[str, Json], catalog: Catalog) -> Following | Refusal:
    """Return what following a playbook with these values means, or why it cannot be followed.

    Args:
        playbook: From wherever it came.
        values: Of its parameters, checked against their declaration.
        catalog: What can be done at all.
    """
    if refused := unfollowable(playbook, catalog):
        return refused
    name = f"playbook {playbook.id}"
    steps: list[FollowedStep] = []
    for index, step in enumerate(playbook.steps):
        found = catalog.operations.get(step.operation) or catalog.composites[step.operation]
        if why := _misdescribed(step, found, index):
            return Refusal(
                code="playbook.untrue", message=f"I do not follow {name}: {why}.", doors=("find a playbook",)
            )
        params = _filled(step.params, values)
        if params is None:
            return Refusal(
                code="playbook.parameter", message=f"Step {index + 1} of {name} wants a value it never asks for."
            )
        steps.append(FollowedStep(found=found, params=params, before=_before(index, step, found)))
    return Following(key=f"{playbook.id}@{playbook.version}", steps=tuple(steps))


def unfollowable(playbook: Playbook, catalog: Catalog) -> Refusal | None:
    """Return why a playbook cannot be followed with whatever values: it is a script, or wants what Escher does not do."""
    name = f"playbook {playbook.id}"
    if not playbook.steps:
        return Refusal(
            code="playbook.script",
            message=f"The procedure of {name} is a script, and this version of Escher runs no scripts.",
            doors=(f"playbook script {playbook.id}",),
        )
    unknown = unknown_operations(playbook, catalog)
    if not unknown:
        return None
    return Refusal(
        code="playbook.operations",
        message=f"I cannot follow {name}: it wants {', '.join(unknown)}, which Escher does not do.",
        doors=(f"playbook script {playbook.id}",) if playbook.scripts else (f"playbook show {playbook.id}",),
    )


def unknown_operations(playbook: Playbook, catalog: Catalog) -> tuple[str, ...]:
    """Return the operations of a playbook that the catalogue does not have, each once."""
    known = {*catalog.operations, *catalog.composites}
    return tuple(dict.fromkeys(step.operation for step in playbook.steps if step.operation not in known))


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


def _misdescribed(step: PlaybookStep, found: Operation | Composite, index: int) -> str:
    """Return where the playbook's own words about a step are not what the catalogue knows."""
    effect = found.effect if isinstance(found, Operation) else Effect.WRITE
    if _GRAVITY[effect.value] > _GRAVITY[step.effect]:
        return f"its step {index + 1} is said to {step.effect}, but {found.id} can {effect.value}"
    kinds = expand((step.target_type,)) if step.target_type else None
    if kinds is not None and found.type not in kinds:
        return f"its step {index + 1} is said to act on {step.target_type}, but {found.id} acts on {found.type}"
    if any(not 0 <= earlier < index for earlier in step.depends_on):
        return f"its step {index + 1} waits for a step that is not before it"
    return ""


def _before(index: int, step: PlaybookStep, found: Operation | Composite) -> frozenset[int]:
    """Return the steps that come before: the declared ones, and before a destruction every earlier one."""
    if isinstance(found, Operation) and found.effect is Effect.DESTROY:
        return frozenset(range(index))
    return frozenset(step.depends_on)


def _filled(params: Mapping[str, JsonValue], values: Mapping[str, Json]) -> dict[str, Json] | None:
    try:
        return {key: _value(one, values) for key, one in params.items()}
    except KeyError:
        return None


def _value(raw: JsonValue, values: Mapping[str, Json]) -> Json:
    """Fill in values; a text that is nothing but one `{{name}}` becomes the value itself, with its type.

    Raises:
        KeyError: A name has no value.
    """
    match raw:
        case str():
            whole = _PLACEHOLDER.fullmatch(raw.strip())
            if whole:
                return values[whole[1]]
            return _PLACEHOLDER.sub(lambda found: _written(values[found[1]]), raw)
        case list():
            return [_value(one, values) for one in raw]
        case dict():
            return {key: _value(one, values) for key, one in raw.items()}
        case _:
            return raw


def _written(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
