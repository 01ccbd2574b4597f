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
