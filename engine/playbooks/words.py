"""What people say about playbooks besides what the agent server understands: values, names, ordinals. Pure.

Values are read here, on the runner, and are cut out of the words before they are understood: they are the person's own, and `bucket=y`
is no tag.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.contract.patterns import matches
from agent_server.contract.playbook import Parameter, Playbook
from engine.estate.resource import Json

MOST_VALUE = 256
PIN = "playbook_version"
"""The one value that is no parameter's: which version is meant, so that what was shown is what is run, also when it is planned anew."""
_ABOUT = re.compile(r"\b(?:playbook|runbook|automation)s?\b", re.IGNORECASE)
_PAIR = r"""[A-Za-z][A-Za-z0-9_-]{0,39}\s?=\s?(?:"[^"]*"|'[^']*'|[^\s,;]+)"""
_VALUES = re.compile(rf"\s*\b(?:with|using|where)\s+({_PAIR}(?:(?:\s*,\s*|\s+and\s+|\s+){_PAIR})*)", re.IGNORECASE)
_ONE = re.compile(r"""([A-Za-z][A-Za-z0-9_-]{0,39})\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s,;]+))""")
_CALLED = re.compile(
    r"\b(?:playbook|runbook)\s+(?:called\s+|named\s+)?[\"“']?(?P<name>[\w][\w .-]{1,78}[\w])[\"”']?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_AS = re.compile(
    r"\b(?:as|called|named)\s+(?:an?\s+|the\s+)?(?:new\s+)?[\"“']?(?P<name>[\w][\w.-]{1,78}[\w])[\"”']?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|“([^”]*)”|(\S+))\s*""")
_ORDINALS = {word: number for number, words in enumerate(("first 1st 1", "second 2nd 2", "third 3rd 3", "fourth 4th 4", "fifth 5th 5"))
             for word in words.split()}  # fmt: skip
_YES = frozenset({"yes", "true", "on", "y"})
_NO = frozenset({"no", "false", "off", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A parameter that has no value yet, or one that does not fit, with why."""

    parameter: Parameter
    why: str = ""


def split(text: str) -> tuple[str, dict[str, str]]:
    """Return the words without the values that were given in them, and the values by name.

    Only in a message about a playbook: elsewhere `with` means something else.
    """
    if not _ABOUT.search(text):
        return text, {}
    values: dict[str, str] = {}
    for found in _VALUES.finditer(text):
        values |= {
            one[1].lower().replace("-", "_"): next(part for part in one.groups()[1:] if part is not None)
            for one in _ONE.finditer(found[1])
        }
    return (_VALUES.sub("", text).strip() if values else text), values


def with_value(text: str, name: str, value: str) -> str:
    """Return the words with one more value, in a form that `split` reads."""
    quote = "'" if '"' in value else '"'
    return f"{text} with {name}={quote}{value}{quote}"


def pinned(text: str, name: str, playbook: Playbook) -> str:
    """Return the words with the playbook named by its id and version instead of "the second"."""
    _, given = split(text)
    if ordinal(name) is not None:
        said = rf"(?:\bthe\s+)?\b{re.escape(name.strip())}\s+(?:playbook|runbook)\b"
        text = re.sub(said, f"playbook {playbook.id}", text, count=1, flags=re.IGNORECASE)
    return text if PIN in given else with_value(text, PIN, playbook.version)


def unknown_values(playbook: Playbook, given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that were given and that the playbook has no parameter for."""
    declared = {parameter.name for parameter in playbook.parameters}
    return tuple(name for name in given if name not in declared and name != PIN)


def single(text: str) -> str | None:
    """Return the value that a message is, or None when it is more than one word and not in quotes."""
    found = _SINGLE.fullmatch(text)
    return next((part for part in found.groups() if part is not None), None) if found else None


def new_name(text: str) -> str:
    """Return what somebody wants to call a new playbook: `save this plan as playbook nightly-stop`; empty when not said."""
    found = _CALLED.search(text) or _AS.search(text)
    name = found["name"].strip() if found else ""
    return (
        "" if slug(name) in {"", "playbook", "from-this", "this"} or name.lower().startswith(("from ", "of ")) else name
    )


def slug(name: str) -> str:
    """Return a name in the form of an id: lower case, with hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain[:80] if re.fullmatch(r"[a-z][a-z0-9-]{2,}", plain) else ""


def ordinal(name: str) -> int | None:
    """Return which of a list is meant, from 0, or None when it is no ordinal."""
    return _ORDINALS.get(name.strip().lower().removesuffix(" one"))


def settle(playbook: Playbook, given: Mapping[str, str]) -> dict[str, Json] | Missing:
    """Return the values of every parameter, or the first that is missing or does not fit."""
    values: dict[str, Json] = {}
    for parameter in playbook.parameters:
        if parameter.name in given:
            value, why = value_of(parameter, given[parameter.name])
            if why:
                return Missing(parameter=parameter, why=why)
            values[parameter.name] = value
        elif parameter.default is not None:
            values[parameter.name] = _given(parameter.default)
        else:
            return Missing(parameter=parameter)
    return values


def value_of(parameter: Parameter, raw: str) -> tuple[Json, str]:
    """Return the value that a text is for a parameter, or what is wrong with it."""
    if len(raw) > MOST_VALUE or not raw.strip():
        return None, f"it has 1 to {MOST_VALUE} characters"
    match parameter.kind:
        case "integer":
            return _integer(parameter, raw)
        case "boolean":
            word = raw.strip().lower()
            return (word in _YES, "") if word in _YES | _NO else (None, "say yes or no")
        case "choice":
            chosen = next((one for one in parameter.choices if one.lower() == raw.strip().lower()), None)
            return (chosen, "") if chosen is not None else (None, f"it is one of {', '.join(parameter.choices)}")
        case "string" | "resource":
            fits = not parameter.pattern or matches(parameter.pattern, raw) is True
            return (raw, "") if fits else (None, f"it must match {parameter.pattern}")


def _given(value: JsonValue) -> Json:
    """Take a JSON value as what it is."""
    match value:
        case list():
            return [_given(one) for one in value]
        case dict():
            return {key: _given(one) for key, one in value.items()}
        case _:
            return value


def _integer(parameter: Parameter, raw: str) -> tuple[Json, str]:
    if not re.fullmatch(r"[+-]?\d{1,15}", raw.strip()):
        return None, "it is a whole number"
    number = int(raw)
    if parameter.minimum is not None and number < parameter.minimum:
        return None, f"it is at least {parameter.minimum}"
    if parameter.maximum is not None and number > parameter.maximum:
        return None, f"it is at most {parameter.maximum}"
    return number, ""
