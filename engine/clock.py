"""Time as an input: everything that needs "now" is handed a `Clock`."""

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
