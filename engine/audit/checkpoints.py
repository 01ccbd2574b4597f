"""Signed checkpoints: how many entries, which head, and which version every guarded record had reached.

A checkpoint stores only the versions that rose since the one before it; together they are the floor below which no
record may be found again. A record that is gone, or below its floor, stays in the floor: a checkpoint never
forgives.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from engine.audit.chain import GENESIS, Checkpoint, canonical
from engine.clock import Clock
from engine.storage.keys import KeyRing
from engine.storage.tables import audit, audit_checkpoints, decisions, executions, journal, plans, playbooks, settings

Floor = dict[str, dict[str, int]]
_TABLE = "audit_checkpoints"

_GUARDED: Mapping[str, Select[Any]] = {
    "plans": select(plans.c.plan_id, plans.c.version),
    "decisions": select(decisions.c.plan_id, func.count()).group_by(decisions.c.plan_id),
    "executions": select(executions.c.id, executions.c.version),
    "journal": select(journal.c.execution_id, func.count()).group_by(journal.c.execution_id),
    "settings": select(settings.c.id, settings.c.version),
    "playbooks": select(playbooks.c.id, playbooks.c.version),
}


class Checkpoints:
    """Writes checkpoints within the caller's transaction.

    Args:
        keys: The key ring.
        clock: The time.
    """

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._known: tuple[bytes, Floor] = (GENESIS, {})

    def write(self, connection: Connection) -> Checkpoint:
        """Sign the trail as it stands; the caller holds the audit lock."""
        last = connection.execute(select(audit_checkpoints).order_by(audit_checkpoints.c.number.desc()).limit(1))
        before = last.mappings().first()
        previous = GENESIS if before is None else checkpoint_of(before).hash
        floor = self._floor_at(connection, previous)
        risen = rises(floor, current_versions(connection))
        number = 1 if before is None else int(before["number"]) + 1
        sealed = self._keys.seal_audit(_TABLE, str(number), canonical(risen))
        head = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
        unsigned = Checkpoint(
            number=number,
            seq=0 if head is None else head.seq,
            epoch=self._keys.epoch,
            at=self._clock(),
            head=GENESIS if head is None else bytes(head.hash),
            versions_hash=hashlib.sha256(sealed).digest(),
            prev_hash=previous,
        )
        signature = self._keys.signer(unsigned.epoch).sign(unsigned.statement)
        connection.execute(
            insert(audit_checkpoints).values(
                number=number,
                seq=unsigned.seq,
                epoch=unsigned.epoch,
                at=unsigned.at,
                head=unsigned.head,
                versions=sealed,
                prev_hash=previous,
                signature=signature,
            )
        )
        written = checkpoint_of({**_columns(unsigned), "versions": sealed, "signature": signature})
        self._known = (written.hash, merged(floor, risen))
        return written

    def _floor_at(self, connection: Connection, head: bytes) -> Floor:
        """The floor of all stored checkpoints; kept from the last time when the last checkpoint is still the same."""
        if self._known[0] != head:
            rows = connection.execute(select(audit_checkpoints).order_by(audit_checkpoints.c.number)).mappings()
            self._known = (head, floor_of(self._keys, rows))
        return self._known[1]


def checkpoint_of(row: Mapping[str, Any] | RowMapping) -> Checkpoint:
    """Return a stored checkpoint."""
    return Checkpoint(
        number=row["number"],
        seq=row["seq"],
        epoch=row["epoch"],
        at=row["at"],
        head=bytes(row["head"]),
        versions_hash=hashlib.sha256(row["versions"]).digest(),
        prev_hash=bytes(row["prev_hash"]),
        signature=bytes(row["signature"]),
    )


def floor_of(keys: KeyRing, rows: Iterable[RowMapping]) -> Floor:
    """Return the highest version that any of these checkpoints states for each record.

    Raises:
        EnvelopeError: A checkpoint's versions are not what was written.
    """
    floor: Floor = {}
    for row in rows:
        floor = merged(floor, json.loads(keys.open_audit(_TABLE, str(row["number"]), row["versions"])))
    return floor


def current_versions(connection: Connection) -> Floor:
    """Return the version, or the number of rows, that each guarded record has now."""
    return {
        name: {str(key): int(version) for key, version in connection.execute(query)} for name, query in _GUARDED.items()
    }


def rises(floor: Floor, now: Floor) -> Floor:
    """Return what stands above the floor."""
    return {
        table: found
        for table, versions in now.items()
        if (found := {key: number for key, number in versions.items() if number > floor.get(table, {}).get(key, 0)})
    }


def merged(floor: Floor, risen: Floor) -> Floor:
    """Return the higher of both for each record; `floor` is changed in place and returned."""
    for table, versions in risen.items():
        known = floor.setdefault(table, {})
        for key, number in versions.items():
            known[key] = max(number, known.get(key, 0))
    return floor


def _columns(checkpoint: Checkpoint) -> dict[str, Any]:
    names = ("number", "seq", "epoch", "at", "head", "prev_hash")
    return {name: getattr(checkpoint, name) for name in names}
