"""What stands in a step of a script: literals, variables, and texts in which variables stand."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import JsonValue

from agent_server.contract.placeholders import PLACEHOLDER

Kind = Literal["string", "integer", "boolean", "choice", "resource"]
_MOST_COMMENT = 160
_TAKEN = frozenset(
    [
        "PATH",
        "HOME",
        "IFS",
        "ENV",
        "PWD",
        "OLDPWD",
        "SHELL",
        "USER",
        "LOGNAME",
        "LANG",
        "TERM",
        "UID",
        "EUID",
        "PPID",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "REPLY",
        "OPTARG",
        "OPTIND",
        "CDPATH",
        "PS1",
        "PS2",
        "PS4",
        "TMPDIR",
        "EDITOR",
        "DIRSTACK",
        "FUNCNAME",
        "GROUPS",
        "HOSTNAME",
        "HOSTTYPE",
        "MACHTYPE",
        "OSTYPE",
        "PIPESTATUS",
        "SHELLOPTS",
        "GLOBIGNORE",
        "FCEDIT",
        "FIGNORE",
        "TMOUT",
    ]
)
_TAKEN_STARTS = ("AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "BASH", "LC_", "LD_", "PYTHON", "DYLD_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that the environment gives when the script is run."""

    name: str
    kind: Kind = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A text in which variables stand."""

    parts: tuple["str | Variable", ...]


Value: TypeAlias = "str | int | float | bool | Variable | Joined | list[Value] | dict[str, Value] | None"


def variable_name(name: str) -> str:
    """Return the environment's name for something, away from names that mean something to a shell or an SDK."""
    upper = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.upper())
    return f"VALUE_{upper}" if upper in _TAKEN or upper.startswith(_TAKEN_STARTS) or not upper[:1].isalpha() else upper


def parsed(raw: JsonValue, variables: Mapping[str, Variable]) -> Value:
    """Return a step's value with each `{{name}}` as the variable.

    Raises:
        KeyError: A name is no parameter.
    """
    match raw:
        case str():
            return _text(raw, variables)
        case list():
            return [parsed(one, variables) for one in raw]
        case dict():
            return {key: parsed(one, variables) for key, one in raw.items()}
        case _:
            return raw


def variables_in(value: Value) -> Iterator[Variable]:
    """Yield every variable of a value."""
    match value:
        case Variable():
            yield value
        case Joined():
            yield from (part for part in value.parts if isinstance(part, Variable))
        case list():
            for one in value:
                yield from variables_in(one)
        case dict():
            for one in value.values():
                yield from variables_in(one)
        case _:
            return


def comment(text: str) -> str:
    """Return foreign text as one line that can end nothing: no control, format or other invisible characters, capped."""
    kept = "".join(letter if unicodedata.category(letter)[0] not in "CZ" else " " for letter in text)
    return " ".join(kept.split())[:_MOST_COMMENT]


def _text(raw: str, variables: Mapping[str, Variable]) -> Value:
    whole = PLACEHOLDER.fullmatch(raw.strip())
    if whole:
        return variables[whole[1]]
    parts: list[str | Variable] = []
    end = 0
    for found in PLACEHOLDER.finditer(raw):
        parts += [raw[end : found.start()], variables[found[1]]]
        end = found.end()
    if not parts:
        return raw
    return Joined(parts=tuple(part for part in (*parts, raw[end:]) if part != ""))
