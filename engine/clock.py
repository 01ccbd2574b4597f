"""Time as an input: everything that needs "now" is handed a `Clock`."""

import threading
from datetime import UTC, datetime
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

    Args:
        clock: The clock to follow.
        floor: The latest instant the record has seen.
    """

    def __init__(self, clock: Clock, floor: datetime | None = None) -> None:
        self._clock = clock
        self._latest = floor or datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the present instant, or the latest one that was returned if the clock went back."""
        with self._lock:
            self._latest = max(self._latest, self._clock())
            return self._latest

    def at_least(self, floor: datetime) -> None:
        """Do not return anything earlier than `floor` from now on."""
        with self._lock:
            self._latest = max(self._latest, floor)
