"""How many tokens of a vendor's model each tenant may use a minute, and how many one request may send: in memory, by tenant.

What a call costs is known only when its answer is there. So a call may begin while anything of the minute is left, and what it used is
taken off afterwards, below zero if need be: the tenant then waits longer.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from agent_server.limiting import MOST_TENANTS

_LETTERS_A_TOKEN = 3
"""Fewer letters than a token has on average, so that an estimate is rather too high."""
_SECONDS = 60.0


@dataclass(slots=True)
class _Left:
    tokens: float
    seen: float


class TokenBudget:
    """Tokens left, by tenant.

    Args:
        a_minute: How many tokens a tenant may use a minute, read and written together.
        a_request: How many tokens one request may send.
        clock: Seconds that only go forward.
    """

    def __init__(self, *, a_minute: int, a_request: int, clock: Callable[[], float]) -> None:
        self._a_minute = float(a_minute)
        self._a_request = a_request
        self._clock = clock
        self._left: OrderedDict[str, _Left] = OrderedDict()

    def allows(self, tenant: str, *texts: str) -> bool:
        """Say whether a request with these texts may be sent now."""
        return estimated(*texts) <= self._a_request and self._of(tenant).tokens > 0

    def spend(self, tenant: str, tokens: int) -> None:
        """Take off what a call used."""
        self._of(tenant).tokens -= tokens

    def _of(self, tenant: str) -> _Left:
        now = self._clock()
        left = self._left.pop(tenant, None) or _Left(tokens=self._a_minute, seen=now)
        left.tokens = min(self._a_minute, left.tokens + (now - left.seen) * self._a_minute / _SECONDS)
        left.seen = now
        self._left[tenant] = left
        if len(self._left) > MOST_TENANTS:
            self._left.popitem(last=False)
        return left


def estimated(*texts: str) -> int:
    """Return how many tokens some texts are at most, roughly."""
    return sum(math.ceil(len(text) / _LETTERS_A_TOKEN) for text in texts)
