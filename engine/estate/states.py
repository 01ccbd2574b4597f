"""The stored form of a cell's state, and the mark that says whether its records are still those of the last writing."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from numpy.typing import NDArray

from engine.estate.cells import CellState
from engine.estate.record import Pair
from engine.estate.resource import CellScan, CellStatus, Cloud, ScanCell
from engine.estate.vanishing import Vanished

FORMAT = 1
_MARK_BYTES = 16


def state_pairs(env_keys: Sequence[str]) -> list[Pair]:
    """Return what a cell's state is filtered by: its kind, and by which tags its resources' environment was told."""
    return [("kind", "cell"), ("env-keys", "\x00".join(env_keys))]


def mark_of(table: NDArray[Any]) -> int:
    """Return 128 bits over the ids and versions of rows of the columns, whatever their order."""
    total = 0
    for high, low, version in zip(
        table["high"].tolist(), table["low"].tolist(), table["version"].tolist(), strict=True
    ):
        row = high.to_bytes(8, "big") + low.to_bytes(8, "big") + version.to_bytes(8, "big")
        total += int.from_bytes(hashlib.blake2b(row, digest_size=_MARK_BYTES).digest(), "big")
    return total % (1 << 8 * _MARK_BYTES)


def encode_state(state: CellState, mark: int) -> bytes:
    """Return a cell's state and mark as JSON with a format version."""
    cell = state.cell
    body = {
        "v": FORMAT,
        "cell": [cell.cloud.value, cell.account, cell.region, cell.service],
        "status": state.status.value,
        "tried_at": state.tried_at.isoformat(),
        "read_at": state.read_at.isoformat() if state.read_at else None,
        "count": state.count,
        "reason": state.reason,
        "held": sorted(str(id_) for id_ in state.held),
        "mark": str(mark),
    }
    return json.dumps(body, separators=(",", ":")).encode()


def decode_state(record: bytes) -> tuple[CellState, int]:
    """Return what `encode_state` was given."""
    body: dict[str, Any] = json.loads(record)
    cloud, account, region, service = body["cell"]
    state = CellState(
        cell=ScanCell(cloud=Cloud(cloud), account=account, region=region, service=service),
        status=CellStatus(body["status"]),
        tried_at=datetime.fromisoformat(body["tried_at"]),
        read_at=datetime.fromisoformat(body["read_at"]) if body["read_at"] else None,
        count=body["count"],
        reason=body["reason"],
        held=frozenset(UUID(id_) for id_ in body["held"]),
    )
    return state, int(body["mark"])


def after_reading(scan: CellScan, before: CellState, vanished: Vanished) -> CellState:
    """Return a cell's state after a reading; one that did not end `ok` leaves standing when it was last read in full."""
    if scan.status is not CellStatus.OK:
        return replace(before, status=scan.status, tried_at=scan.read_at, reason=scan.reason)
    after = CellState(
        cell=scan.cell, status=CellStatus.OK, tried_at=scan.read_at, read_at=scan.read_at, reason=scan.reason
    )
    if not vanished.hold:
        return after
    reason = f"{len(vanished.hold)} resources vanished at once; they are kept until a second run confirms it"
    return replace(after, status=CellStatus.PARTIAL, reason=reason, held=vanished.hold)
