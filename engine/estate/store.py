"""The estate: what exists, found exactly, with how well each part of it is known.

Everything rests in one index as sealed records of three kinds: resources, the state of each cell, and what changed. Beside
it stand a few columns in memory (`engine.estate.columns`). One writer at a time; readers are never blocked by it.

Each cell's state carries a mark over the ids and versions of its records. Where the mark does not fit when the estate is
opened (a crash between two writes, a record put back from an older copy), the cell counts as unread until it is read again.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import numpy as np

from agent_server.embedding.port import Vectors
from engine.clock import Clock
from engine.estate import changes as change
from engine.estate.cells import CellState, touched
from engine.estate.changes import Change
from engine.estate.columns import Columns, Group, Row
from engine.estate.criteria import decided_by_hashes, groups
from engine.estate.environment import ENVIRONMENT_TAGS
from engine.estate.found import Found, Hit, Taken, Written
from engine.estate.history import History
from engine.estate.meaning import text_of
from engine.estate.opening import read_columns, read_states, row_of
from engine.estate.record import cell_text, decode, encode, fingerprint, pairs
from engine.estate.resealing import reseal, retoken
from engine.estate.resource import CellScan, CellStatus, Cloud, Resource, ScanCell
from engine.estate.sealed import SealedIndex
from engine.estate.selector import Selector
from engine.estate.states import after_reading, encode_state, mark_of, state_pairs
from engine.estate.vanishing import Vanished, judge
from engine.estate.vectors import Point, VectorIndex, Where
from engine.storage.keys import KeyRing

_KEPT_OPEN = 4096
"""How many opened records are kept; the key is the whole point, so a record that changed in any byte is opened anew."""


class EstateStore:
    """What exists, as far as it was read.

    Args:
        index: Where the records rest.
        ring: The keys they are sealed with.
        clock: The time.
        env_keys: The tag keys that tell the environment.
    """

    def __init__(
        self, index: VectorIndex, ring: KeyRing, clock: Clock, *, env_keys: Sequence[str] = ENVIRONMENT_TAGS
    ) -> None:
        self._sealed = SealedIndex(index, ring)
        self._clock = clock
        self._env_keys = tuple(env_keys)
        self._history = History(self._sealed)
        self._writing = threading.RLock()
        self._opened = lru_cache(maxsize=_KEPT_OPEN)(self._open)
        self._columns = Columns.empty()
        self._states: Mapping[ScanCell, CellState] = {}
        self._next = 1
        self.refresh()

    def __len__(self) -> int:
        return len(self._columns)

    def refresh(self) -> None:
        """Read the columns and cell states again; needed when another process wrote, and done once at opening."""
        with self._writing:
            self._load()
            self._tell_environments_anew()
            self._history.forget_old(self._clock())
            if len(self._sealed.epochs) > 1:
                self.reseal()

    def upsert(self, scan: CellScan, *, confirms: bool = True) -> Written:
        """Take in the reading of a cell. Only one that ended `ok` makes resources vanish.

        Args:
            scan: How the reading ended and what it saw.
            confirms: Whether this is a run of its own, which confirms a mass drop held by the one before; a quick
                reading just before a change is not.
        """
        with self._writing:
            state = self._states.get(scan.cell) or CellState(cell=scan.cell, status=scan.status, tried_at=scan.read_at)
            taken = self._take(scan)
            vanished = self._vanish(scan, state, taken.seen, confirms=confirms)
            news = [*taken.news, *self._remove(vanished.remove, scan.read_at)]
            if state.read_at is not None:
                self._history.note(news, scan.cell)
            for other in taken.cells & self._states.keys() - {scan.cell}:
                self._keep(self._states[other])
            self._keep(after_reading(scan, state, vanished))
            return Written(upserted=taken.count, removed=len(vanished.remove), held=len(vanished.hold))

    def put(self, resource: Resource) -> None:
        """Take in one resource that was read by itself, such as after a change; one that is not known yet waits for its cell."""
        with self._writing:
            point = self._point(resource.id)
            if point is None:
                return
            _, cell = decode(self._sealed.record(point))
            scan = CellScan(cell=cell, status=CellStatus.PARTIAL, read_at=self._clock(), resources=(resource,))
            self._history.note(self._take(scan).news, cell)
            if cell in self._states:
                self._keep(self._states[cell])

    def drop(self, id_: str) -> None:
        """Forget one resource that a reading by itself found gone."""
        with self._writing:
            point = self._point(id_)
            if point is None:
                return
            _, cell = decode(self._sealed.record(point))
            self._history.note(self._remove({point.id}, self._clock()), cell)
            if cell in self._states:
                self._keep(self._states[cell])

    def forget(self, cell: ScanCell) -> int:
        """Remove a cell with everything in it, because its account was disconnected; return how many resources went."""
        with self._writing:
            ids = self._columns.ids(self._columns.of_cell(cell))
            self._sealed.index.delete([*ids, *self._sealed.ids("cell", cell_text(cell))])
            self._columns = self._columns.changed(drop=ids)
            self._states = {other: state for other, state in self._states.items() if other != cell}
            return len(ids)

    def get(self, id_: str) -> Resource | None:
        """Return the resource with this full id, or None.

        Raises:
            EnvelopeError: Its record was tampered with.
        """
        point = self._point(id_)
        return None if point is None else self._opened(point)

    def select(self, selector: Selector) -> Found:
        """Return everything that the selector means: exact and complete.

        Raises:
            EnvelopeError: A record was tampered with; a list that misses it would not be complete.
        """
        now = self._clock()
        best: dict[str, tuple[int, Resource]] = {}
        undecided: set[str] = set()
        for point in self._candidates(selector, now):
            resource = self._opened(point)
            verdict = selector.verdict(resource, now)
            if verdict is None:
                undecided.add(resource.id)
            elif verdict and best.get(resource.id, (0,))[0] < point.version:
                best[resource.id] = (point.version, resource)
        resources = sorted((resource for _, resource in best.values()), key=_order)
        return Found(resources=tuple(resources), undecided=len(undecided - best.keys()), cells=self.coverage(selector))

    def nearest(self, vector: Vectors, selector: Selector, limit: int) -> list[Hit]:
        """Return the resources closest in meaning to `vector` (384 floats) among those the selector means, best first.

        Raises:
            EnvelopeError: A record was tampered with.
        """
        ids: frozenset[UUID] | None = None
        if not decided_by_hashes(selector, self._env_keys):
            wanted = self.select(selector).resources
            ids = frozenset(id_ for resource in wanted for id_ in self._sealed.ids("resource", resource.id))
        asked = tuple(self._sealed.group(*group) for group in groups(selector, self._env_keys))
        best: dict[str, Hit] = {}
        for epoch in self._sealed.epochs:
            turned = self._sealed.turned(vector.reshape(1, -1), epoch)[0].tolist()
            where = Where(tokens=(self._sealed.group("kind", ["resource"], epoch=epoch), *asked), ids=ids)
            for near in self._sealed.index.nearest(turned, where, limit):
                resource = self._opened(near.point)
                if resource.id not in best or best[resource.id].score < near.score:
                    best[resource.id] = Hit(resource=resource, score=near.score)
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.resource.id))[:limit]

    def count(self, selector: Selector) -> int:
        """Return how many resources the selector means."""
        return len(self) if selector == Selector() else len(self.select(selector).resources)

    def tally(self) -> Counter[Group]:
        """Return how many resources there are by cloud, account, region, type and state."""
        return self._columns.tally()

    def names(self) -> frozenset[str]:
        """Return every name in the estate, as it is: what must not leave the runner unredacted."""
        return frozenset(self._columns.names.tolist())

    def is_name(self, word: str) -> bool:
        """Say whether a word is the name, id or short id of something in the estate, in any case."""
        return bool(self._sealed.select([("kind", frozenset({"resource"})), ("name", frozenset({word.casefold()}))]))

    def bytes_each(self) -> float:
        """Return how much memory a resource's columns take, in bytes on average."""
        return self._columns.bytes_each

    def coverage(self, selector: Selector | None = None) -> tuple[CellState, ...]:
        """Return the state of every cell, or of those that a selector touches, in order."""
        cells: Iterable[ScanCell] = self._states
        if selector is not None:
            cells = touched(selector, cells, holds=self.holds())
        return tuple(self._states[cell] for cell in sorted(cells))

    def holds(self) -> Mapping[tuple[Cloud, str], set[str]]:
        """Return which types the cells of each cloud's services were seen to hold."""
        return self._columns.types_of_cells()

    def changes(self, since: datetime, until: datetime | None = None) -> tuple[Change, ...]:
        """Return what became different from `since` to `until` (None: now), oldest first; kept for 35 days."""
        return self._history.read(since, until or self._clock())

    def unembedded(self) -> int:
        """Return how many resources are not yet found by meaning."""
        return int(np.count_nonzero(~self._columns.table["embedded"]))

    def to_embed(self, limit: int) -> list[tuple[UUID, int, str]]:
        """Return up to `limit` resources without a vector: point id, record version, text."""
        return self.texts(self._columns.ids(~self._columns.table["embedded"])[:limit])

    def point_ids(self) -> list[UUID]:
        """Return the point ids of all resources."""
        return self._columns.ids()

    def texts(self, ids: Sequence[UUID]) -> list[tuple[UUID, int, str]]:
        """Return what is embedded of those resources that are still there: point id, record version, text."""
        points = self._sealed.index.get(ids)
        return [(point.id, point.version, text_of(decode(self._sealed.record(point))[0])) for point in points]

    def embed(self, texts: Sequence[tuple[UUID, int, str]], vectors: Vectors) -> int:
        """Store the vectors (row i for text i) of those that are still what they were; return how many."""
        with self._writing:
            at = self._columns.where([id_ for id_, _, _ in texts])
            versions = self._columns.table["version"]
            fresh = [n for n, row in enumerate(at.tolist()) if row >= 0 and versions[row] == texts[n][1]]
            ids = [texts[n][0] for n in fresh]
            if ids:
                hashes = [self._sealed.text(texts[n][2]) for n in fresh]
                self._sealed.index.place(ids, self._sealed.turned(vectors[fresh]), hashes)
                self._columns = self._columns.embedded(ids)
            return len(ids)

    def checkpoint(self) -> str:
        """Return a digest over the ids and versions of all resources, for a signed audit checkpoint to hold."""
        return f"{mark_of(self._columns.table):032x}"

    def reseal(self) -> int:
        """Write every record that is under an earlier key epoch anew under the newest; return how many.

        May be interrupted and repeated at any point: the new record is there before the old one goes, and of two records of
        one thing the later version counts.
        """
        with self._writing:
            states = tuple(self._states.values())
            count, self._next = reseal(self._sealed, self._next, self._env_keys)
            if count:
                self._load()
                for state in states:
                    self._keep(state)
            return count

    def rehash(self) -> int:
        """Hash anew what every resource is filtered by, under the newest keys; return how many. May be interrupted."""
        self.reseal()
        with self._writing:
            return retoken(self._sealed, self._env_keys)

    def compact(self) -> None:
        """Let the index give back the room of what is gone."""
        with self._writing:
            self._sealed.index.compact()

    def close(self) -> None:
        """Write everything out and let go of the index."""
        with self._writing:
            self._sealed.index.close()

    def _tell_environments_anew(self) -> None:
        """Hash the environments of all resources again when they were told by other tags than now.

        Every cell's state says by which; it is written last, so that an interrupted run begins again.
        """
        told = [(field, frozenset({value})) for field, value in state_pairs(self._env_keys)]
        cells = max(len(self._sealed.select(told[:1])), len(self._columns.cells_present()))
        if len(self._sealed.select(told)) < cells:
            retoken(self._sealed, self._env_keys)
            for state in tuple(self._states.values()):
                self._keep(state)

    def _load(self) -> None:
        self._columns = read_columns(self._sealed)
        self._states, highest = read_states(self._sealed, self._columns)
        self._next = 1 + max(highest, int(self._columns.table["version"].max(initial=0)), self._next - 1)

    def _take(self, scan: CellScan) -> Taken:
        """Write what a reading shows that is new or different."""
        unique = tuple({resource.id: resource for resource in scan.resources}.values())
        ids = [self._sealed.ids("resource", resource.id) for resource in unique]
        at = self._columns.where([each[0] for each in ids]).tolist()
        seen = frozenset(id_ for each in ids for id_ in each)
        fresh: list[tuple[tuple[UUID, ...], Resource, bytes]] = []
        for resource, mine, row in zip(unique, ids, at, strict=True):
            record = encode(resource, scan.cell)
            if row >= 0 and (self._same(row, record) or self._owned_elsewhere(row, resource, scan.cell)):
                continue
            fresh.append((mine, resource, record))
        return self._write(fresh, scan, seen)

    def _write(
        self, fresh: Sequence[tuple[tuple[UUID, ...], Resource, bytes]], scan: CellScan, seen: frozenset[UUID]
    ) -> Taken:
        sealed = self._sealed
        known = {point.id: point for point in sealed.index.get([id_ for ids, _, _ in fresh for id_ in ids])}
        put: list[Point] = []
        rewrite: list[Point] = []
        rows: list[Row] = []
        superseded: list[UUID] = []
        news: list[Change | None] = []
        cells = {scan.cell}
        for ids, resource, record in fresh:
            old = next((known[id_] for id_ in ids if id_ in known), None)
            text = sealed.text(text_of(resource))
            keeps = old is not None and old.id == ids[0] and old.text == text
            found = pairs(resource, scan.cell, self._env_keys)
            point = sealed.point(ids[0], self._version(), record, found, text=text if keeps else "")
            (rewrite if keeps else put).append(point)
            rows.append(row_of(point, scan.cell, resource, record))
            if old is None:
                news.append(change.added(resource, scan.read_at))
                continue
            before, cell = decode(sealed.record(old))
            cells.add(cell)
            news.append(change.changed(before, decode(record)[0], scan.read_at))
            superseded += [old.id] if old.id != ids[0] else []
        sealed.index.put(put)
        sealed.index.rewrite(rewrite)
        sealed.index.delete(superseded)
        self._columns = self._columns.changed(put=rows, drop=superseded)
        return Taken(count=len(rows), seen=seen, news=tuple(filter(None, news)), cells=frozenset(cells))

    def _vanish(self, scan: CellScan, state: CellState, seen: frozenset[UUID], *, confirms: bool) -> Vanished:
        """Remove what a full reading no longer shows, but for mass drops."""
        if scan.status is not CellStatus.OK:
            return Vanished(remove=frozenset(), hold=state.held)
        mine = self._columns.ids(self._columns.of_cell(scan.cell))
        return judge(known=len(mine), missing=frozenset(mine) - seen, held=state.held, confirms=confirms)

    def _remove(self, ids: AbstractSet[UUID], at: datetime) -> list[Change]:
        points = self._sealed.index.get(sorted(ids)) if ids else []
        gone = [change.removed(decode(self._sealed.record(point))[0], at) for point in points]
        self._sealed.index.delete(sorted(ids))
        self._columns = self._columns.changed(drop=ids)
        return gone

    def _keep(self, state: CellState) -> None:
        """Write a cell's state with the mark of its present records; always the last writing of a change."""
        rows = self._columns.table[self._columns.of_cell(state.cell)]
        state = replace(state, count=len(rows))
        id_ = self._sealed.id("cell", cell_text(state.cell))
        record = encode_state(state, mark_of(rows))
        self._sealed.index.put([self._sealed.point(id_, self._version(), record, state_pairs(self._env_keys))])
        self._states = {**self._states, state.cell: state}

    def _open(self, point: Point) -> Resource:
        return decode(self._sealed.record(point))[0]

    def _version(self) -> int:
        self._next += 1
        return self._next - 1

    def _same(self, row: int, record: bytes) -> bool:
        return int(self._columns.table["print"][row]) == fingerprint(record)

    def _owned_elsewhere(self, row: int, resource: Resource, cell: ScanCell) -> bool:
        """Say whether a deep reading owns this resource and `cell` is only a broad one that saw it too."""
        owner: ScanCell = self._columns.cells.values[self._columns.table["cell"][row]]
        return owner != cell and owner.service == resource.service != cell.service

    def _candidates(self, selector: Selector, now: datetime) -> list[Point]:
        mask = None if self._sealed.index.shared else self._columns.may_match(selector, now)
        ids = None if mask is None else frozenset(self._columns.ids(mask))
        return self._sealed.select(groups(selector, self._env_keys), ids)

    def _point(self, id_: str) -> Point | None:
        points = self._sealed.index.get(self._sealed.ids("resource", id_))
        return max(points, key=lambda point: point.version, default=None)


def _order(resource: Resource) -> tuple[str, str, str, str, str]:
    return resource.cloud.value, resource.account, resource.region, resource.name, resource.id
