"""Literals of an executed plan that become parameters of a playbook, so that it can be used for more than that one time. Pure.

Lifted are sizes, amounts, names and the values of tags; what decides what a step means (a feature, a status, yes and no) stays. A text
that names one particular thing becomes a parameter without a default: another time it will be another thing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from agent_server.contract.playbook import Parameter, PlaybookStep

MOST = 20
_STAYS = frozenset({"feature", "status", "acl", "algorithm", "policy", "keys", "remove", "key"})
_TAGS = frozenset({"tags", "labels", "Tags"})
_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_DEFAULT = 200
_PARTICULAR = re.compile(
    r"(?i)arn:[\w-]+:.*|/subscriptions/.*|projects/[^/]+/.*|(?:i|vol|snap|sg|subnet|vpc|ami|eni|rtb|nat|igw|db)-[0-9a-z]{3,}|[\w-]+-p\d+|r\d+"
)
_PLAN = re.compile(r"p-[0-9a-hjkmnp-tv-z]{8}")
"""A plan's id, from which the runner makes names: the next plan has its own."""
_PATTERNS: Mapping[str, str] = {
    "instance_type": r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,3}",
    "instance_class": r"db\.[a-z0-9-]+\.[a-z0-9-]+",
    "size": r"[A-Za-z0-9_-]{2,60}",
    "suffix": r"[A-Za-z0-9-]{1,60}",
}


@dataclass(slots=True)
class Lifted:
    """What was lifted so far.

    Attributes:
        parameters: In the order in which they were met.
        particular: Names of those that stand for one thing of that run.
        names: Which parameter stands for which place and value.
    """

    parameters: list[Parameter] = field(default_factory=list)
    particular: list[str] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)


def lifted(steps: Sequence[PlaybookStep]) -> tuple[tuple[PlaybookStep, ...], Lifted]:
    """Return the steps with `{{name}}` where a literal was, and the parameters; equal literals of one name share one."""
    found = Lifted()
    changed = tuple(
        step.model_copy(
            update={
                "params": {
                    _plain_key(key): _value(key, one, found)
                    for key, one in step.params.items()
                    if not (isinstance(one, str) and _PLAN.fullmatch(one))
                }
            }
        )
        for step in steps
    )
    return changed, found


def _value(key: str, value: JsonValue, found: Lifted) -> JsonValue:
    match value:
        case bool() | None | float():
            return value
        case int():
            return _as_parameter(key, value, "integer", found)
        case str():
            return _text(key, value, found)
        case dict():
            inner = {_plain_key(name): one for name, one in value.items()}
            return {name: _value(name if key in _TAGS else key, one, found) for name, one in inner.items()}
        case list():
            return [_value(key, one, found) for one in value]


def _text(key: str, value: str, found: Lifted) -> JsonValue:
    particular = _PARTICULAR.fullmatch(value) is not None
    literal = value.replace("{{", "{ {")
    if not value or len(value) > _LONGEST_DEFAULT or (key in _STAYS and not particular and literal == value):
        return literal
    lifted_ = _as_parameter(key, value, "resource" if particular else "string", found)
    return literal if lifted_ == value else lifted_


def _as_parameter(
    key: str, value: str | int, kind: Literal["string", "integer", "resource"], found: Lifted
) -> JsonValue:
    known = found.names.get((key, repr(value)))
    if known:
        return f"{{{{{known}}}}}"
    if len(found.parameters) == MOST:
        return value
    name = _free(key, {one.name for one in found.parameters})
    words = name.replace("_", " ")
    parameter = Parameter(
        name=name,
        kind=kind,
        description=f"What to use as {words}."
        if kind == "resource"
        else f"What to use as {words}; that time it was the default.",
        default=None if kind == "resource" else value,
        pattern=_PATTERNS.get(key, "") if kind == "string" and re.fullmatch(_PATTERNS.get(key, ""), str(value)) else "",
        minimum=0 if kind == "integer" and isinstance(value, int) and value >= 0 else None,
    )
    found.parameters.append(parameter)
    found.names[key, repr(value)] = name
    if kind == "resource":
        found.particular.append(name)
    return f"{{{{{name}}}}}"


def _free(key: str, taken: set[str]) -> str:
    """Return a name for a parameter that is not taken yet."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    name = _SLUG.sub("_", spaced.lower()).strip("_")[:30]
    name = name if name[:1].isalpha() else f"value_{name}".strip("_")
    number = 2
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free


def _plain_key(key: str) -> str:
    return key.replace("{{", "{ {")
