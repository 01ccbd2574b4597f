"""How fast each tenant may ask: a token bucket for each, in memory."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_TENANTS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen: float


class Limiter:
    """Token buckets.

    Args:
        per_second: Refill.
        burst: Size of a bucket.
        clock: Seconds that only go forward.
    """

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, tenant: str) -> int:
        """Take a token and return 0, or return after how many whole seconds there is one."""
        now = self._clock()
        bucket = self._buckets.pop(tenant, None) or _Bucket(tokens=self._burst, seen=now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.seen) * self._per_second)
        bucket.seen = now
        self._buckets[tenant] = bucket
        if len(self._buckets) > MOST_TENANTS:
            self._buckets.popitem(last=False)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, math.ceil((1 - bucket.tokens) / self._per_second))
