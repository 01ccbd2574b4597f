"""Judging a text by a pattern that somebody else wrote, in time linear in the text: by the engine inside pydantic, Rust's `regex`.

Both sides hold values of a playbook's parameters against the playbook's own patterns; a backtracking engine could be kept busy for years
by a short one (https://docs.rs/regex/latest/regex/#untrusted-input). It has no look-around, and a pattern that wants it is refused.
"""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError


def is_linear(pattern: str) -> bool:
    """Say whether the engine can take a pattern; it takes no look-around and no references back."""
    return _matcher(pattern) is not None


def matches(pattern: str, text: str) -> bool | None:
    """Say whether a whole text matches; None when the engine cannot take the pattern."""
    matcher = _matcher(pattern)
    if matcher is None:
        return None
    try:
        matcher.validate_python(text)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> TypeAdapter[Any] | None:
    try:
        # Alone first, so that a pattern cannot close the group it is put into.
        TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
        return TypeAdapter(Annotated[str, StringConstraints(pattern=rf"\A(?:{pattern})\z")])
    except SchemaError:
        return None
