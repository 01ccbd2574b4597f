"""Who asks at a terminal, and what a request that cannot be one is answered with."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from engine.principal import Principal

Say = Callable[[str], Coroutine[Any, Any, None]]
Answer = dict[str, Any]


class BadRequest(Exception):
    """The method or its parameters mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the principal, and a way to tell progress."""

    principal: Principal
    say: Say


def not_you(wanted: str) -> str:
    """Return why somebody may not speak as `wanted`, and what to do."""
    return (
        f"you may not speak for {wanted}; leave --as out, or name a second person of the try-out such as local:reviewer"
    )
