"""Time as an input: everything that needs "now" is handed a `Clock`."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives the present instant."""

    def __call__(self) -> datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


def system_clock() -> datetime:
    """Return the machine's time in UTC; the one place that reads it."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


class NeverBack:
    """A clock that does not go back: what has expired stays expired when the machine's time is set back.

    While the machine's time is behind what was returned before, time goes on at the pace of a clock that nobody can set, so that
    waiting still ends.

    Args:
        clock: The clock to follow.
        floor: The latest instant the record has seen.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self, clock: Clock, floor: datetime | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._latest = floor or datetime.min.replace(tzinfo=UTC)
        self._read_at = monotonic()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the present instant, never an earlier one than before."""
        with self._lock:
            return self._advance(self._clock())

    def at_least(self, floor: datetime) -> None:
        """Do not return anything earlier than `floor` from now on."""
        with self._lock:
            self._advance(floor)

    def _advance(self, now: datetime) -> datetime:
        """Take over `now`, or, when it is behind, the latest instant and what has passed since it was taken."""
        read_at = self._monotonic()
        if now < self._latest:
            now = self._latest + timedelta(seconds=max(read_at - self._read_at, 0.0))
        self._latest, self._read_at = now, read_at
        return now
