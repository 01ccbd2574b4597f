"""What keeps a playbook from being followed, whatever values it is given and whatever it is run on; nothing for one that can run. Pure.

The playbook is somebody else's text. What it would do is read from the catalogue, never from its own words, and where the two differ
about how grave a step is, it is not followed. People are told on its card and in lists, before they try.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from agent_server.contract.placeholders import alone, names_in
from agent_server.contract.playbook import Parameter, Playbook, PlaybookStep
from agent_server.contract.soundness import faults
from engine.clouds.catalog import Catalog
from engine.clouds.operation import Composite, Effect, Operation, Param, ParamKind
from engine.estate.kinds import expand
from engine.planning import parameters

_GRAVITY = {"read": 0, "write": 1, "destroy": 2}
_MOST_SAID = 3
_TEXTUAL = frozenset({"string", "resource", "choice"})


class Obstacle(StrEnum):
    """What kind of thing stands in the way."""

    SCRIPT = "script"
    OPERATION = "operation"
    EFFECT = "effect"
    TYPE = "type"
    PARAMETER = "parameter"
    SENSE = "sense"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """One thing that stands in the way.

    Attributes:
        obstacle: What kind of thing.
        words: A clause that says it: "its step 2 gives no size_gb, which aws.ec2.modify_volume needs".
        operation: The operation that it is about; empty when it is about the whole.
        looks: Whether the steps it is about only look.
    """

    obstacle: Obstacle
    words: str
    operation: str = ""
    looks: bool = False


def hindrances(playbook: Playbook, catalog: Catalog) -> tuple[Hindrance, ...]:
    """Return everything that keeps a playbook from being followed; empty for one that can be.

    Args:
        playbook: From wherever it came.
        catalog: What can be done at all.
    """
    if not playbook.steps:
        words = "its procedure is a script, and this version of Escher runs no scripts"
        return (Hindrance(obstacle=Obstacle.SCRIPT, words=words),)
    unsound = (Hindrance(obstacle=Obstacle.SENSE, words=f"{place}: {why}") for place, why in faults(playbook))
    return (*_unknown(playbook, catalog), *unsound, *_misused(playbook, catalog))


def said(found: Sequence[Hindrance]) -> str:
    """Return it as one clause; of operations that Escher does not do those that change something, unless all of them only look."""
    unknown = [one for one in found if one.obstacle is Obstacle.OPERATION]
    lacking = [one.operation for one in unknown if not one.looks] or [one.operation for one in unknown]
    others = [one.words for one in found if one.obstacle is not Obstacle.OPERATION]
    clauses = [*([f"Escher does not do {_some(lacking, ', ')}"] if lacking else []), *others]
    return _some(clauses, "; ")


def _some(texts: Sequence[str], between: str) -> str:
    more = len(texts) - _MOST_SAID
    return between.join(texts[:_MOST_SAID]) + (f"{between}and {more} more" if more > 0 else "")


def _unknown(playbook: Playbook, catalog: Catalog) -> Iterator[Hindrance]:
    """Yield the operations that the catalogue does not have, each once, what changes something before what only looks."""
    steps = sorted(playbook.steps, key=lambda step: step.effect == "read")
    lacking = {step.operation: step for step in reversed(steps) if _found(step, catalog) is None}
    for operation, step in reversed(lacking.items()):
        yield Hindrance(
            obstacle=Obstacle.OPERATION,
            words=f"Escher does not do {operation}",
            operation=operation,
            looks=step.effect == "read",
        )


def _misused(playbook: Playbook, catalog: Catalog) -> Iterator[Hindrance]:
    asked = {parameter.name: parameter for parameter in playbook.parameters}
    for number, step in enumerate(playbook.steps, 1):
        if found := _found(step, catalog):
            yield from _misdescribed(step, found, number)
            yield from _misgiven(step, found, number, asked)


def _misdescribed(step: PlaybookStep, found: Operation | Composite, number: int) -> Iterator[Hindrance]:
    """Yield where the playbook's own words about a step are not what the catalogue knows."""
    effect = found.effect if isinstance(found, Operation) else Effect.WRITE
    if _GRAVITY[effect.value] > _GRAVITY[step.effect]:
        words = f"its step {number} is said to {step.effect}, but {found.id} can {effect.value}"
        yield Hindrance(obstacle=Obstacle.EFFECT, words=words, operation=found.id)
    kinds = expand((step.target_type,)) if step.target_type else None
    if kinds is not None and found.type not in kinds:
        words = f"its step {number} is said to act on {step.target_type}, but {found.id} acts on {found.type}"
        yield Hindrance(obstacle=Obstacle.TYPE, words=words, operation=found.id)


def _misgiven(
    step: PlaybookStep, found: Operation | Composite, number: int, asked: Mapping[str, Parameter]
) -> Iterator[Hindrance]:
    """Yield where a step gives an operation what it does not take, or not what it needs."""
    declared = {param.name: param for param in found.params}
    takes = ", ".join(declared) or "nothing"
    clauses = [f"gives {name} to {found.id}, which takes {takes}" for name in step.params if name not in declared]
    clauses += [
        f"gives no {param.name}, which {found.id} needs"
        for param in found.params
        if param.required and not param.from_plan and param.name not in step.params
    ]
    clauses += [
        f"gives {name} a value that {found.id} never takes"
        for name, value in step.params.items()
        if name in declared and not _may_fit(declared[name], value, asked)
    ]
    for clause in clauses:
        yield Hindrance(obstacle=Obstacle.PARAMETER, words=f"its step {number} {clause}", operation=found.id)


def _may_fit(param: Param, value: JsonValue, asked: Mapping[str, Parameter]) -> bool:
    """Say whether a value can fit once its placeholders are filled in; one that nobody asks for is said elsewhere."""
    if not any(names_in(value)):
        return parameters.fits(param, value)
    match param.kind:
        case ParamKind.TEXT:
            return _texts((value,), asked) and _may_choose(param, value, asked)
        case ParamKind.INTEGER | ParamKind.BOOLEAN:
            parameter = asked.get(alone(value) or "")
            return alone(value) is not None and (parameter is None or parameter.kind == param.kind.value)
        case ParamKind.TEXT_MAP:
            return isinstance(value, dict) and _texts((*value, *value.values()), asked)
        case ParamKind.TEXT_LIST:
            return isinstance(value, list) and _texts(value, asked)


def _texts(values: Sequence[JsonValue], asked: Mapping[str, Parameter]) -> bool:
    """Say whether each of the values is a text, also where it is a parameter's value with its type."""
    kinds = (asked[name].kind for one in values if (name := alone(one)) and name in asked)
    return all(isinstance(one, str) for one in values) and all(kind in _TEXTUAL for kind in kinds)


def _may_choose(param: Param, value: JsonValue, asked: Mapping[str, Parameter]) -> bool:
    parameter = asked.get(alone(value) or "")
    if parameter is None or parameter.kind != "choice":
        return True
    return any(parameters.fits(param, one) for one in parameter.choices)


def _found(step: PlaybookStep, catalog: Catalog) -> Operation | Composite | None:
    return catalog.operations.get(step.operation) or catalog.composites.get(step.operation)
