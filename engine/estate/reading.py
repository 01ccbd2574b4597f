"""Reading many cells at once: accounts beside each other, their regions beside each other, their services beside each other.

The fourth level, a cell's own pages and resources, belongs to the scanners. Every cell has a hard deadline: one that does not
come back is reported as `timeout` and its late answer is dropped; its thread is left to end by itself.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from engine.clock import Clock
from engine.clouds.ports import CloudAccount
from engine.estate.limiter import CellLimiter
from engine.estate.resource import CellScan, CellStatus, ScanCell

GRACE = 1.0
"""Seconds beyond its deadline after which a scanner that should have ended by itself is given up."""

_TICK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One cell to be read through one account."""

    account: CloudAccount
    cell: ScanCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How hard to read: cells at once in all and per account, seconds a cell may take, seconds everything may take."""

    at_once: int = 24
    per_account: int = 8
    cell_seconds: float = 60.0
    all_seconds: float | None = None
    grace: float = GRACE


class CellReader:
    """Reads cells through accounts.

    Args:
        clock: The time, for outcomes that no scanner gives.
        limiter: The gates; share one between all readers of a runner.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self, clock: Clock, limiter: CellLimiter | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._limiter = limiter or CellLimiter(monotonic)

    def read(self, work: Sequence[Work], pace: Pace) -> Iterator[CellScan]:
        """Yield exactly one outcome per cell, as they come in."""
        ends = None if pace.all_seconds is None else self._monotonic() + pace.all_seconds
        waiting = deque(_interleaved(work))
        running: dict[ScanCell, tuple[Work, float]] = {}
        done: queue.SimpleQueue[CellScan] = queue.SimpleQueue()
        while waiting or running:
            self._start(waiting, running, done, pace, ends)
            for scan in _taken(done):
                if running.pop(scan.cell, None) is not None:
                    yield scan
            now = self._monotonic()
            for cell in [cell for cell, (_, hard) in running.items() if now >= hard]:
                running.pop(cell)
                yield self._failed(cell, CellStatus.TIMEOUT, "no answer within its time")
            if ends is not None and now >= ends:
                for item in waiting:
                    yield self._failed(item.cell, CellStatus.TIMEOUT, "its turn did not come in time")
                waiting.clear()

    def _start(
        self,
        waiting: deque[Work],
        running: dict[ScanCell, tuple[Work, float]],
        done: "queue.SimpleQueue[CellScan]",
        pace: Pace,
        ends: float | None,
    ) -> None:
        """Start as many cells as the pace allows, in order, passing over accounts that have enough."""
        busy = Counter(id(item.account) for item, _ in running.values())
        passed: list[Work] = []
        while waiting and len(running) < pace.at_once:
            item = waiting.popleft()
            if busy[id(item.account)] >= pace.per_account:
                passed.append(item)
                continue
            now = self._monotonic()
            deadline = now + pace.cell_seconds if ends is None else min(now + pace.cell_seconds, ends)
            running[item.cell] = (item, deadline + pace.grace if ends is None else min(deadline + pace.grace, ends))
            busy[id(item.account)] += 1
            threading.Thread(
                target=self._scan, args=(item, deadline, done), name=f"read {item.cell.service}", daemon=True
            ).start()
        waiting.extendleft(reversed(passed))

    def _scan(self, work: Work, deadline: float, done: "queue.SimpleQueue[CellScan]") -> None:
        cell = work.cell
        if not self._limiter.enter(cell, within=deadline - self._monotonic()):
            done.put(self._failed(cell, CellStatus.TIMEOUT, "an earlier reading of it is still running"))
            return
        try:
            done.put(self._tried(work, deadline))
        finally:
            self._limiter.leave(cell)

    def _tried(self, work: Work, deadline: float) -> CellScan:
        """Read until it is not throttled, or the next pause would pass the deadline."""
        cell = work.cell
        scan = self._failed(cell, CellStatus.THROTTLED, "the cloud asked for a pause that is not over")
        while (pause := self._limiter.pause(cell)) < deadline - self._monotonic():
            time.sleep(pause)
            scan = self._once(work, deadline)
            self._limiter.note(cell, scan.status)
            if scan.status is not CellStatus.THROTTLED:
                break
        return scan

    def _once(self, work: Work, deadline: float) -> CellScan:
        try:
            scan = work.account.scan(work.cell, deadline=max(deadline - self._monotonic(), 0.0))
        except Exception as error:  # noqa: BLE001 - a scanner that breaks its word must not take the others with it
            return self._failed(work.cell, CellStatus.UNREACHABLE, f"the scanner failed: {type(error).__name__}")
        return scan if scan.cell == work.cell else replace(scan, cell=work.cell)

    def _failed(self, cell: ScanCell, status: CellStatus, reason: str) -> CellScan:
        return CellScan(cell=cell, status=status, read_at=self._clock(), reason=reason)


def _taken(done: "queue.SimpleQueue[CellScan]") -> Iterator[CellScan]:
    """Yield what is there, waiting a moment for the first."""
    try:
        yield done.get(timeout=_TICK)
        while True:
            yield done.get_nowait()
    except queue.Empty:
        return


def _interleaved(work: Iterable[Work]) -> Iterator[Work]:
    """Yield the work so that accounts take turns, and within an account its regions."""
    accounts: dict[int, dict[str, list[Work]]] = {}
    for item in work:
        accounts.setdefault(id(item.account), {}).setdefault(item.cell.region, []).append(item)
    rows = [
        [item for item in chain(*zip_longest(*regions.values())) if item is not None] for regions in accounts.values()
    ]
    yield from (item for item in chain(*zip_longest(*rows)) if item is not None)
