"""The values of a playbook's parameters, held against their declaration. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.agents.parameters import Missing, Unfit, plain
from agent_server.contract.patterns import matches
from agent_server.contract.playbook import Parameter, Playbook

_MOST_TEXT = 1000
_RESOURCE = re.compile(r"[\w.:/@+=,-]{1,512}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Values that fit, one for each parameter that has one."""

    by_name: Mapping[str, JsonValue]


def valued(playbook: Playbook, given: Mapping[str, JsonValue]) -> Values | Missing | Unfit:
    """Return the values to follow a playbook with, the first that is missing, or the first that does not fit."""
    declared = {parameter.name for parameter in playbook.parameters}
    if strange := sorted(set(given) - declared):
        return Unfit(message=f"The playbook has no parameter {plain(strange[0])}.")
    values: dict[str, JsonValue] = {}
    for parameter in playbook.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None:
            if parameter.required:
                return Missing(question=_question(parameter))
            continue
        if why := _unfit(parameter, value):
            return Unfit(message=f"{_words(parameter.name)} {why}.")
        values[parameter.name] = value
    return Values(by_name=values)


def _question(parameter: Parameter) -> str:
    what = f"What should {_words(parameter.name).lower()} be?"
    match parameter.kind:
        case "choice":
            return f"{what} One of {', '.join(plain(choice) for choice in parameter.choices[:10])}."
        case "integer":
            return f"{what} {_bounds(parameter)}."
        case "boolean":
            return f"{what} Yes or no."
        case "resource":
            return f"{what} A name or an id."
        case "string":
            return what


def _unfit(parameter: Parameter, value: JsonValue) -> str:
    """Return what a value must be when it is not, as the end of a sentence."""
    match parameter.kind:
        case "integer":
            bounds = _bounds(parameter)
            return "" if _is_within(parameter, value) else f"must be {bounds[0].lower()}{bounds[1:]}"
        case "boolean":
            return "" if isinstance(value, bool) else "must be true or false"
        case "choice":
            offered = ", ".join(plain(choice) for choice in parameter.choices[:10])
            return "" if value in parameter.choices else f"must be one of {offered}"
        case "resource":
            named = isinstance(value, str) and _RESOURCE.fullmatch(value)
            return "" if named else "must be one name or id"
        case "string":
            return "" if _matches(parameter, value) else "does not have the form that the playbook wants"


def _is_within(parameter: Parameter, value: JsonValue) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    least = value if parameter.minimum is None else parameter.minimum
    most = value if parameter.maximum is None else parameter.maximum
    return least <= value <= most


def _bounds(parameter: Parameter) -> str:
    match (parameter.minimum, parameter.maximum):
        case (None, None):
            return "A whole number"
        case (least, None):
            return f"A whole number, at least {least}"
        case (None, most):
            return f"A whole number, at most {most}"
        case (least, most):
            return f"A whole number from {least} to {most}"


def _matches(parameter: Parameter, value: JsonValue) -> bool:
    if not isinstance(value, str) or not value or len(value) > _MOST_TEXT:
        return False
    return value.isprintable() and (not parameter.pattern or matches(parameter.pattern, value) is True)


def _words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
