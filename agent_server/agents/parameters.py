"""Parameters of an operation, taken from the filters of the part that asks for it and from nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.agents.capabilities import Capability, Source

_QUESTIONS = {
    "set_tags": "Which tag should I set, as key=value?",
    "remove_tags": "Which tag keys should I remove?",
    "feature": "Which feature do you mean?",
    "instance_type": "Which size should it get?",
    "size_gb": "How many GB should it have?",
}
_MOST_SHOWN = 60
_MOST_GB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A parameter was not said; `question` asks for it."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A parameter was said that the operation cannot take; `message` says what it can."""

    message: str


Params = dict[str, JsonValue]


def params_for(capability: Capability, filters: Mapping[str, JsonValue]) -> Params | Missing | Unfit:
    """Return the parameters of one operation, or what is missing or wrong."""
    params: Params = {}
    for source in capability.params:
        value = _taken(source, filters.get(source.filter))
        if value is None:
            return Missing(question=_QUESTIONS.get(source.filter, f"Which {source.filter.replace('_', ' ')}?"))
        if source.choices and value not in source.choices:
            offered = " or ".join(choice.replace("_", " ") for choice in source.choices)
            verb = capability.action.replace("_", " ")
            return Unfit(message=f"Of a {capability.type} I can {verb} {offered}, not {plain(value)}.")
        params[source.param] = value
    return params


def plain(value: JsonValue) -> str:
    """Return a foreign value as a few harmless words for a sentence."""
    words = " ".join(str(value).replace("_", " ").split())
    kept = "".join(letter for letter in words if letter.isalnum() or letter in " .-:/")
    return kept[:_MOST_SHOWN] or "that"


def _taken(source: Source, value: JsonValue) -> JsonValue:
    """Return the value in the form the parameter has, or None when it has not."""
    match source.param:
        case "tags":
            return _texts(value)
        case "keys":
            return _keys(value)
        case "size_gb":
            return _whole(value)
        case _:
            only = value[0] if isinstance(value, list) and len(value) == 1 else value
            return only if isinstance(only, str) and only else None


def _texts(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict) or not value:
        return None
    if any(isinstance(one, dict | list) or one is None for one in value.values()):
        return None
    return {key: _said(one) for key, one in value.items()}


def _said(value: JsonValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _keys(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and value:
        return [value]
    if isinstance(value, dict):
        value = list(value)
    if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
        return value
    return None


def _whole(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST_GB:
        return None
    return int(value) if value == int(value) else None
