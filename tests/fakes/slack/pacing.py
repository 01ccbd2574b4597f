"""Rate limits: a bucket per method, one per channel for posts; all scaleable.

Sources: https://docs.slack.dev/apis/web-api/rate-limits/ (Tier 1: 1+, 2: 20+, 3: 50+, 4: 100+ calls a minute for each
method, workspace and app; posting 1 message a second and channel, short bursts allowed; 429 with `Retry-After` in whole
seconds). The tiers are floors; the fake enforces the floor, with one minute's worth as the burst.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.slack.errors import SlackError

TIER_1, TIER_2, TIER_3, TIER_4 = "1", "2", "3", "4"
POSTING = "posting"
UNLIMITED = "special"

# Tier 1 promises "1+ a minute"; reconnecting clients are in fact given room, so a burst of 30 stands for it.
_PER_MINUTE = {TIER_1: 30.0, TIER_2: 20.0, TIER_3: 50.0, TIER_4: 100.0}
POST_PER_SECOND = 1.0
POST_BURST = 5.0


@dataclass(slots=True)
class _Bucket:
    capacity: float
    per_second: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """Take one; return 0, or the seconds until one is there."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) / self.per_second


class Pacing:
    """Counts calls and says when one is too many."""

    def __init__(self, clock: Callable[[], float], *, scale: float = 1.0) -> None:
        """Start with full buckets.

        Args:
            clock: Gives seconds.
            scale: Multiplies every limit; 0 switches limits off.
        """
        self._clock = clock
        self._scale = scale
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._outage: dict[str, tuple[int, int]] = {}

    def refuse_next(self, method: str, times: int, *, retry_after: int = 1) -> None:
        """Answer the next `times` calls of a method with 429, whatever the buckets say."""
        self._outage[method] = (times, retry_after)

    def check(self, method: str, tier: str, channel: str | None = None) -> None:
        """Count a call.

        Raises:
            SlackError: `ratelimited` with status 429 and `Retry-After`.
        """
        times, retry_after = self._outage.get(method, (0, 0))
        if times:
            self._outage[method] = (times - 1, retry_after)
            raise _too_many(retry_after)
        if not self._scale or tier == UNLIMITED:
            return
        if tier == POSTING:
            self._take(("posting", channel or ""), POST_BURST, POST_PER_SECOND)
        else:
            self._take((method, ""), _PER_MINUTE[tier], _PER_MINUTE[tier] / 60.0)

    def _take(self, key: tuple[str, str], capacity: float, per_second: float) -> None:
        now = self._clock()
        capacity, per_second = capacity * self._scale, per_second * self._scale
        bucket = self._buckets.setdefault(
            key, _Bucket(capacity=capacity, per_second=per_second, level=capacity, at=now)
        )
        if wait := bucket.take(now):
            raise _too_many(max(1, math.ceil(wait)))


def _too_many(retry_after: int) -> SlackError:
    return SlackError(code="ratelimited", status=429, headers={"Retry-After": str(retry_after)})
