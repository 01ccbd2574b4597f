"""What is read when the estate is opened: the columns of every resource, and the state of every cell."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import structlog

from engine.estate.cells import CellState
from engine.estate.columns import Columns, Row
from engine.estate.record import decode, fingerprint
from engine.estate.resource import CellStatus, Resource, ScanCell
from engine.estate.sealed import SealedIndex
from engine.estate.states import decode_state, mark_of
from engine.estate.vectors import Point
from engine.storage.envelope import EnvelopeError

_UNVERIFIED = "what is stored does not fit the last reading; it counts as unread until the next one"

_log = structlog.get_logger(__name__)


def read_columns(sealed: SealedIndex) -> Columns:
    """Return the columns of all resources.

    Records that cannot be opened are removed: their cell's mark then no longer fits, and the next reading brings them back.
    Of two records of one resource, left by an interrupted change of keys, the later counts.
    """
    rows: dict[str, Row] = {}
    damaged: list[UUID] = []
    for point in sealed.select([("kind", frozenset({"resource"}))]):
        try:
            record = sealed.record(point)
        except EnvelopeError:
            damaged.append(point.id)
            continue
        resource, cell = decode(record)
        if resource.id in rows and rows[resource.id].version > point.version:
            continue
        rows[resource.id] = row_of(point, cell, resource, record)
    if damaged:
        _log.warning("estate records could not be opened and were dropped", count=len(damaged))
        sealed.index.delete(damaged)
    return Columns.empty().changed(put=tuple(rows.values()))


def row_of(point: Point, cell: ScanCell, resource: Resource, record: bytes) -> Row:
    """Return the columns of one record."""
    return Row(
        id=point.id,
        version=point.version,
        print=fingerprint(record),
        cell=cell,
        resource=resource,
        embedded=bool(point.text),
    )


def read_states(sealed: SealedIndex, columns: Columns) -> tuple[Mapping[ScanCell, CellState], int]:
    """Return the state of every cell and the highest version among their records.

    A cell whose records are not those of its last writing, or that has records but no state, counts as unread.
    """
    latest: dict[ScanCell, tuple[int, CellState, int]] = {}
    for point in sealed.select([("kind", frozenset({"cell"}))]):
        try:
            state, mark = decode_state(sealed.record(point))
        except EnvelopeError:
            sealed.index.delete([point.id])
            continue
        if latest.get(state.cell, (0,))[0] < point.version:
            latest[state.cell] = (point.version, state, mark)
    states = {cell: _verified(state, mark, columns) for cell, (_, state, mark) in latest.items()}
    highest = max((version for version, _, _ in latest.values()), default=0)
    return states, highest


def _verified(state: CellState, mark: int, columns: Columns) -> CellState:
    if mark_of(columns.table[columns.of_cell(state.cell)]) == mark:
        return state
    return replace(state, status=CellStatus.PARTIAL, read_at=None, reason=_UNVERIFIED)
