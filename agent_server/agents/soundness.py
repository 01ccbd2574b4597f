"""Whether a playbook can be followed at all: what its form allows but its sense does not. Pure.

The wire models check shapes; here it is checked that steps refer to earlier steps, that what is asked for is declared, and that there is
something to do.
"""

import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from agent_server.agents.patterns import is_usable
from agent_server.contract.playbook import Parameter, Playbook

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def faults(playbook: Playbook) -> tuple[tuple[str, str], ...]:
    """Return what is wrong, as the field's path and what it must be; empty for a playbook that can be followed."""
    return tuple(_faults(playbook))


def names_in(value: JsonValue) -> Iterator[str]:
    """Yield the name of each `{{name}}` in a value, however deep."""
    match value:
        case str():
            yield from PLACEHOLDER.findall(value)
        case list():
            for one in value:
                yield from names_in(one)
        case dict():
            for key, one in value.items():
                yield from PLACEHOLDER.findall(key)
                yield from names_in(one)
        case _:
            return


def _faults(playbook: Playbook) -> Iterator[tuple[str, str]]:
    if not playbook.steps and not playbook.scripts:
        yield "playbook.steps", "a playbook has steps or a script"
    names = [parameter.name for parameter in playbook.parameters]
    if repeated := _repeated(names):
        yield "playbook.parameters", f"the parameter {repeated} is there twice"
    for index, parameter in enumerate(playbook.parameters):
        if why := _odd(parameter):
            yield f"playbook.parameters.{index}", why
    for index, step in enumerate(playbook.steps):
        if any(earlier >= index for earlier in step.depends_on):
            yield f"playbook.steps.{index}.depends_on", "a step waits for earlier steps only"
        if undeclared := sorted(set(names_in(step.params)) - set(names)):
            shown = undeclared[0] if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", undeclared[0]) else "a name"
            yield (
                f"playbook.steps.{index}.params",
                f"{shown} stands in double braces and is no parameter of the playbook",
            )


def _repeated(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _odd(parameter: Parameter) -> str:
    """Return why no value could ever fit a parameter."""
    if parameter.kind == "choice" and not parameter.choices:
        return "a choice has choices"
    if parameter.minimum is not None and parameter.maximum is not None and parameter.minimum > parameter.maximum:
        return "the minimum is above the maximum"
    if not is_usable(parameter.pattern):
        return "the pattern is no regular expression that can be checked in bounded time (no look-around, no back-reference)"
    return ""
