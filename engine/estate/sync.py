"""Filling the estate: reading all cells, or again just before a change those that it touches.

Exact data is searchable as soon as a cell is written; meanings follow in the background.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from agent_server.embedding.port import Embedder
from agent_server.embedding.remembering import Remembering
from engine.clock import Clock
from engine.clouds.ports import CloudAccount
from engine.estate.cells import touched
from engine.estate.reading import CellReader, Pace, Work
from engine.estate.reindexing import Reindexed, reindex
from engine.estate.resource import CellScan, CellStatus, Json, ScanCell
from engine.estate.selector import Selector
from engine.estate.store import EstateStore

REREAD_SECONDS = 5.0
_EMBED_AT_ONCE = 512
_SCHEMA = 1
_NOTHING_THERE = frozenset({CellStatus.OK, CellStatus.UNSUPPORTED})
"""How a re-reading may end that leaves no doubt about the cell."""


class NoSuchCells(Exception):
    """What was asked to be read matches no cell of a connected account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a sync is: cells done and in all, resources seen so far, and the cell that came in last."""

    done: int
    total: int
    resources: int
    cell: ScanCell
    status: CellStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReport:
    """How reading one cell ended and how many resources it showed."""

    account: str
    region: str
    service: str
    status: CellStatus
    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did.

    Attributes:
        resources: In the estate afterwards.
        upserted: New or different.
        removed: Vanished.
        seconds: Until everything was done, meanings included.
        searchable_seconds: Until all exact data could be searched.
        cells: Every cell that was to be read, in order.
    """

    resources: int
    upserted: int
    removed: int
    seconds: float
    searchable_seconds: float
    cells: tuple[CellReport, ...]

    def as_json(self) -> dict[str, Json]:
        """Return the object that `escher sync --json` prints."""
        cells: list[Json] = [
            {
                "account": cell.account,
                "region": cell.region,
                "service": cell.service,
                "status": cell.status.value,
                "count": cell.count,
                "reason": cell.reason,
            }
            for cell in self.cells
        ]
        return {
            "schema": _SCHEMA,
            "resources": self.resources,
            "upserted": self.upserted,
            "removed": self.removed,
            "seconds": round(self.seconds, 3),
            "searchable_seconds": round(self.searchable_seconds, 3),
            "cells": cells,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleCell:
    """A cell that could not be read again: how the attempt ended, and how old what is known of it is (None: never read)."""

    cell: ScanCell
    status: CellStatus
    reason: str
    age: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """Which of the cells that a selector touches are fresh now, and which are not."""

    read: tuple[ScanCell, ...]
    stale: tuple[StaleCell, ...]


class EstateSync:
    """Reads accounts into the estate. Methods block; call them from threads. One sync at a time; a re-reading may run beside it.

    Args:
        accounts: The connected accounts.
        store: The estate.
        clock: The time.
        embedder: Turns texts into vectors; without one nothing is found by meaning.
        pace: How hard a sync reads.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self,
        accounts: Sequence[CloudAccount],
        store: EstateStore,
        clock: Clock,
        *,
        embedder: Embedder | None = None,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts = tuple(accounts)
        self._store = store
        self._clock = clock
        self._embedder = Remembering(embedder) if embedder is not None else None
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self._reader = CellReader(clock, monotonic=monotonic)
        self._one_at_a_time = threading.Lock()

    def run(
        self, *, only: str = "", progress: Callable[[Progress], None] | None = None, embed: bool = True
    ) -> SyncReport:
        """Read all cells, or those that `only` names, and take them in.

        Args:
            only: `aws/dev/us-east-1/ec2`, as many parts as wanted; the account by name or id, `*` for any.
            progress: Called after each cell, in the calling thread.
            embed: Whether to wait for meanings too; else call `embed` later.

        Raises:
            NoSuchCells: `only` matches nothing.
        """
        work = [item for item in self._work() if _is_meant(item, only)]
        if only and not work:
            raise NoSuchCells(f"no cell of a connected account matches {only}")
        with self._one_at_a_time:
            start = self._monotonic()
            reports: dict[ScanCell, CellReport] = {}
            upserted = removed = resources = 0
            for scan in self._reader.read(work, self._pace):
                written = self._store.upsert(scan)
                upserted += written.upserted
                removed += written.removed
                resources += len(scan.resources)
                reports[scan.cell] = _report(scan, held=written.held)
                if progress is not None:
                    progress(
                        Progress(
                            done=len(reports), total=len(work), resources=resources, cell=scan.cell, status=scan.status
                        )
                    )
            searchable = self._monotonic() - start
            if embed:
                self.embed()
            return SyncReport(
                resources=len(self._store),
                upserted=upserted,
                removed=removed,
                seconds=self._monotonic() - start,
                searchable_seconds=searchable,
                cells=tuple(reports[cell] for cell in sorted(reports)),
            )

    def reread(self, selector: Selector, *, deadline: float = REREAD_SECONDS) -> Reread:
        """Read the cells that `selector` touches again, just before a change.

        Args:
            selector: What the change is about.
            deadline: Seconds everything may take; what did not come in by then is stale.
        """
        work = self._work()
        meant = set(touched(selector, [item.cell for item in work], holds=self._store.holds()))
        before = {state.cell: state.age(self._clock()) for state in self._store.coverage()}
        pace = Pace(
            at_once=max(self._pace.at_once, len(meant)),
            per_account=self._pace.per_account,
            cell_seconds=deadline,
            all_seconds=deadline,
            grace=0.0,
        )
        read: list[ScanCell] = []
        stale: list[StaleCell] = []
        for scan in self._reader.read([item for item in work if item.cell in meant], pace):
            self._store.upsert(scan, confirms=False)
            if scan.status in _NOTHING_THERE:
                read.append(scan.cell)
            else:
                stale.append(
                    StaleCell(cell=scan.cell, status=scan.status, reason=scan.reason, age=before.get(scan.cell))
                )
        return Reread(read=tuple(sorted(read)), stale=tuple(sorted(stale, key=lambda each: each.cell)))

    def embed(self, stop: threading.Event | None = None) -> int:
        """Give every resource that has none its vector, until done or told to stop; return how many."""
        if self._embedder is None:
            return 0
        done = 0
        while not (stop is not None and stop.is_set()):
            texts = self._store.to_embed(_EMBED_AT_ONCE)
            if not texts:
                break
            placed = self._store.embed(texts, self._embedder.embed([text for _, _, text in texts]))
            done += placed
            if not placed:
                break
        return done

    def reindex(
        self, *, progress: Callable[[int, int], None] | None = None, stop: threading.Event | None = None
    ) -> Reindexed:
        """Make the index anew from its own records, without asking a cloud."""
        return reindex(self._store, self._embedder, progress=progress, stop=stop)

    def _work(self) -> list[Work]:
        return [Work(account=account, cell=cell) for account in self._accounts for cell in account.cells()]


def _is_meant(work: Work, only: str) -> bool:
    if not only:
        return True
    cell = work.cell
    names = ({cell.cloud.value}, {work.account.name, cell.account}, {cell.region}, {cell.service})
    asked = only.casefold().strip("/").split("/")
    if len(asked) > len(names):
        return False
    return all(
        any(fnmatchcase(name.casefold(), part) for name in named) for part, named in zip(asked, names, strict=False)
    )


def _report(scan: CellScan, *, held: int) -> CellReport:
    cell = scan.cell
    status, reason = scan.status, scan.reason
    if held and status is CellStatus.OK:
        status, reason = CellStatus.PARTIAL, f"{held} resources vanished at once; kept until a second run confirms it"
    return CellReport(
        account=cell.account,
        region=cell.region,
        service=cell.service,
        status=status,
        count=len(scan.resources),
        reason=reason,
    )
