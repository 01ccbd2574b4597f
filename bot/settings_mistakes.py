"""What is wrong with the settings, as a sentence that names the key and says what to write. Pure; values, which may be secrets, stay out."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_KINDS: Mapping[str, str] = {
    "int": "write a whole number",
    "float": "write a number",
    "bool": "write true or false",
    "string": "write a text in quotes",
    "tuple": 'write a list such as ["a", "b"]',
    "model": "write a table",
    "missing": "it is missing; write it",
    "literal": "write {expected}",
    "greater_than_equal": "write at least {ge}",
    "greater_than": "write more than {gt:g}",
    "less_than_equal": "write at most {le}",
    "too_short": "write at least {min_length}",
}
"""By how the name of pydantic's error begins; the longest counts."""


class SettingsError(Exception):
    """The settings cannot be used; the text names the key and says what to write."""


def told(error: "ValidationError", *, file: str, sources: Mapping[str, str], prefix: str) -> str:
    """Return the sentence on the first mistake.

    Args:
        error: What the models say.
        file: The settings file; empty: there is none.
        sources: Dotted key to where its value comes from.
        prefix: What our environment variables begin with.
    """
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    source, place = _source(key, sources)
    where = file
    if source == "environment":
        where = f"the environment variable {prefix}{place.replace('.', '__').upper()}"
    elif source == "database":  # whoever just typed it knows where; the file does not say it
        where = ""
    begin = f"{where}: " if where else ""
    if first["type"] == "extra_forbidden":
        return f"{begin}{key} is not a setting; remove it or mend its name"
    return f"{begin}{key}: {_wanted(first)}"


def not_json(words: str, models: Mapping[str, Any], environment: Mapping[str, str], prefix: str) -> str:
    """Return which variable holds no JSON, from the words of pydantic-settings: `error parsing value for field "report" …`."""
    field = re.search(r'field "(\w+)"', words)
    name = prefix + (field[1].upper() if field else "…")
    lists = [f"{name}__{key.upper()}" for key in _lists(models[field[1]].annotation)] if field else []
    bad = [one for one, value in environment.items() if one.upper() in lists and not _is_json(value)]
    return f'the environment variable {bad[0] if bad else name} is not JSON; write a list such as ["a", "b"] or a table such as {{"key": 1}}'


def twice(names: Sequence[str]) -> str | None:
    """Return what stands there more than once."""
    return next((name for name in names if names.count(name) > 1), None)


def _source(key: str, sources: Mapping[str, str]) -> tuple[str, str]:
    """Return where the value of a key comes from, and the key under which that is known."""
    parts = key.split(".")
    known = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next(((sources[one], one) for one in known if one in sources), ("", key))


def _wanted(first: Any) -> str:
    kind = str(first["type"])
    best = max((name for name in _KINDS if kind.startswith(name)), key=len, default="")
    if not best:
        return str(first["msg"]).removeprefix("Value error, ")
    return _KINDS[best].format(**(first.get("ctx") or {}))


def _lists(model: "type[BaseModel] | Any") -> list[str]:
    fields = getattr(model, "model_fields", {})
    return [name for name, field in fields.items() if get_origin(field.annotation) is tuple]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True
