"""`{{name}}` in the values of a playbook's steps: where the value of a parameter stands. Pure.

Both sides read it by this one piece of code: the runner holds a plan against its own reading of the playbook.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names_in(value: JsonValue) -> Iterator[str]:
    """Yield the name of each `{{name}}` in a value, however deep, keys too."""
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


def alone(value: JsonValue) -> str | None:
    """Return the name when a value is nothing but one `{{name}}`, which becomes the parameter's value with its type."""
    found = PLACEHOLDER.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1] if found else None


def filled(value: JsonValue, values: Mapping[str, Any]) -> JsonValue:
    """Return a value with every `{{name}}` in it replaced; inside other words a value is written out.

    Args:
        value: Of a step.
        values: JSON values by name.

    Raises:
        KeyError: A name has no value.
    """
    match value:
        case str():
            name = alone(value)
            if name is not None:
                found: JsonValue = values[name]
                return found
            return PLACEHOLDER.sub(lambda found: _written(values[found[1]]), value)
        case list():
            return [filled(one, values) for one in value]
        case dict():
            return {key: filled(one, values) for key, one in value.items()}
        case _:
            return value


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
