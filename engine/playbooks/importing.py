"""A playbook from a TOML file, in the form of the library's files; what is wrong is named by its field. Pure."""

import re
import tomllib
from collections.abc import Iterator

from pydantic import JsonValue, ValidationError

from agent_server.contract.patterns import is_linear
from agent_server.contract.playbook import Playbook
from engine.refusal import Refusal

MOST_FILE = 400_000
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def read(text: str, *, source: str = "the file") -> Playbook | Refusal:
    """Return the playbook of a file, or the first thing that is wrong with it.

    Args:
        text: The file's text.
        source: What to call it.
    """
    if len(text) > MOST_FILE:
        return _no(f"{source} is longer than {MOST_FILE:,} characters")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _no(f"{source} is not TOML: {error}")
    try:
        playbook = Playbook.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        unknown = first["type"] == "extra_forbidden"
        said = (
            "there is no such field; remove it or mend its name"
            if unknown
            else first["msg"].removeprefix("Value error, ")
        )
        return _no(f"{source}: {place}: {said}")
    flaw = next(flaws(playbook), "")
    return _no(f"{source}: {flaw}") if flaw else playbook


def flaws(playbook: Playbook) -> Iterator[str]:
    """Yield what the form allows but makes no sense, each with its field."""
    if not playbook.steps and not playbook.scripts:
        yield "steps: a playbook has steps or a script"
    names = [parameter.name for parameter in playbook.parameters]
    for index, parameter in enumerate(playbook.parameters):
        if parameter.name in names[:index]:
            yield f"parameters.{index}: {parameter.name} is there twice"
        if parameter.kind == "choice" and not parameter.choices:
            yield f"parameters.{index}.choices: a choice has choices"
        if not is_linear(parameter.pattern):
            yield f"parameters.{index}.pattern: this is no regular expression that takes bounded time (no look-around)"
    for index, step in enumerate(playbook.steps):
        if any(earlier >= index for earlier in step.depends_on):
            yield f"steps.{index}.depends_on: a step waits for earlier steps only"
        for name in _names_in(step.params):
            if name not in names:
                yield f"steps.{index}.params: {{{{{name}}}}} is no parameter of the playbook"


def _names_in(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield from _PLACEHOLDER.findall(value)
        case list():
            for one in value:
                yield from _names_in(one)
        case dict():
            for one in value.values():
                yield from _names_in(one)
        case _:
            return


def _no(why: str) -> Refusal:
    return Refusal(code="playbook.file", message=f"That is not a playbook I can keep: {why}.")
