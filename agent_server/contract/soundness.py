"""Whether a playbook makes sense: what its form allows but its sense does not. Pure.

The wire models check shapes; here it is checked that steps refer to earlier steps, that what is asked for is declared and can be
answered, and that there is something to do. Files on the runner, what is published, and what is to be followed are held to the same.
"""

import re
from collections.abc import Iterable, Iterator

from agent_server.contract.patterns import is_linear
from agent_server.contract.placeholders import names_in
from agent_server.contract.playbook import Parameter, Playbook


def faults(playbook: Playbook) -> tuple[tuple[str, str], ...]:
    """Return what is wrong, as the field's path in the playbook and a sentence; empty for one that makes sense."""
    return tuple(_faults(playbook))


def _faults(playbook: Playbook) -> Iterator[tuple[str, str]]:
    if not playbook.steps and not playbook.scripts:
        yield "steps", "a playbook has steps or a script"
    names = [parameter.name for parameter in playbook.parameters]
    if repeated := _repeated(names):
        yield "parameters", f"the parameter {repeated} is there twice"
    for index, parameter in enumerate(playbook.parameters):
        for field, why in _odd(parameter):
            yield f"parameters.{index}.{field}", why
    for index, step in enumerate(playbook.steps):
        if any(earlier >= index for earlier in step.depends_on):
            yield f"steps.{index}.depends_on", "a step waits for earlier steps only"
        if undeclared := sorted(set(names_in(step.params)) - set(names)):
            shown = undeclared[0] if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", undeclared[0]) else "a name"
            yield (
                f"steps.{index}.params",
                f"{shown} stands in double braces and is no parameter of the playbook",
            )


def _repeated(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _odd(parameter: Parameter) -> Iterator[tuple[str, str]]:
    """Yield why no value could ever fit a parameter."""
    if parameter.kind == "choice" and not parameter.choices:
        yield "choices", "a choice has choices"
    if parameter.minimum is not None and parameter.maximum is not None and parameter.minimum > parameter.maximum:
        yield "minimum", "the minimum is above the maximum"
    if not is_linear(parameter.pattern):
        yield (
            "pattern",
            "the pattern is no regular expression that can be checked in bounded time (no look-around, no back-reference)",
        )
