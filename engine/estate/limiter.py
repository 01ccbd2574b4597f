"""One gate per account, region and service: one reading at a time, and a pause after the cloud said "too many"."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.estate.resource import CellStatus, ScanCell

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds a cell is left alone after a throttled reading; doubled each time, until one succeeds."""


@dataclass(slots=True)
class _Gate:
    busy: threading.Lock = field(default_factory=threading.Lock)
    pause: float = 0.0
    not_before: float = 0.0


class CellLimiter:
    """Holds the gates. Shared by all readings of a runner, so that a re-reading before a change obeys the same limits.

    Args:
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._gates: dict[ScanCell, _Gate] = {}

    def enter(self, cell: ScanCell, *, within: float) -> bool:
        """Wait up to `within` seconds for the cell's turn; False when it did not come. Every True needs a `leave`."""
        return self._gate(cell).busy.acquire(timeout=max(within, 0.0))

    def pause(self, cell: ScanCell) -> float:
        """Return how many seconds the cell is still to be left alone."""
        return max(self._gate(cell).not_before - self._monotonic(), 0.0)

    def note(self, cell: ScanCell, status: CellStatus) -> None:
        """Learn from how a reading ended."""
        gate = self._gate(cell)
        if status is CellStatus.THROTTLED:
            gate.pause = min(max(gate.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            gate.not_before = self._monotonic() + gate.pause
        else:
            gate.pause = gate.not_before = 0.0

    def leave(self, cell: ScanCell) -> None:
        """Give the cell's turn back."""
        self._gate(cell).busy.release()

    def _gate(self, cell: ScanCell) -> _Gate:
        with self._lock:
            return self._gates.setdefault(cell, _Gate())
