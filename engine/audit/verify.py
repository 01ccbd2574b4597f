"""Recomputing the trail: entries, checkpoints, the floor of record versions, and an anchor kept elsewhere.

Only stored bytes are hashed; no entry is decrypted. What it can say without an anchor is limited, and it says so: who
removes the newest entries together with their checkpoints leaves a shorter trail that holds.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from sqlalchemy import Connection, select

from engine.audit.chain import GENESIS, Checkpoint, entry_hash, entry_mac
from engine.audit.checkpoints import checkpoint_of, current_versions, floor_of
from engine.storage.database import Database
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing, Purpose
from engine.storage.tables import ROW_FORMAT, audit, audit_checkpoints

_PAGE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying found.

    Attributes:
        ok: Whether everything that can be checked holds.
        entries: How many entries hold, counted from the first.
        first_broken: The first thing that does not hold, in words; empty when all holds.
        complete_up_to: The number of the last checkpoint that holds.
        anchored: Whether an anchor was given and holds.
    """

    ok: bool
    entries: int
    first_broken: str
    complete_up_to: int
    anchored: bool

    @property
    def sentence(self) -> str:
        """The finding, for people."""
        if not self.ok:
            return f"the audit trail is broken: {self.first_broken}"
        if self.anchored:
            return f"{self.entries} entries hold, and the anchor agrees"
        return (
            f"{self.entries} entries hold; complete up to checkpoint {self.complete_up_to}; later removal not excluded"
        )


class NoAnchor(Exception):
    """A file is no anchor: that says nothing about the trail."""


class _Broken(Exception):
    """Something does not hold."""


def verify(database: Database, keys: KeyRing, anchor: Path | None = None) -> Verification:
    """Check the whole trail, and that it contains what `anchor` states.

    Args:
        database: The database.
        keys: Its key ring.
        anchor: A file written by `AuditLog.anchor`, or an export, kept elsewhere.

    Raises:
        StorageUnavailable: The database cannot be read.
    """
    walk = _Walk(keys)
    try:
        with database.read() as connection:
            walk.entries(connection)
            walk.checkpoints(connection)
            if anchor is not None:
                walk.anchor(anchor_in(anchor))
            walk.records(connection)
    except (_Broken, NoAnchor) as broken:
        return walk.result(str(broken), anchored=False)
    except (TypeError, ValueError):
        # SQLite stores any type in any column, so a foreign hand may leave what no column type can be read from.
        return walk.result(f"after {walk.position} a value has the wrong type", anchored=False)
    return walk.result("", anchored=anchor is not None)


class _Walk:
    """One pass over the trail; remembers how far it held."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._heads: list[bytes] = [GENESIS]
        self._signed: list[Checkpoint] = []

    def result(self, broken: str, *, anchored: bool) -> Verification:
        return Verification(
            ok=not broken,
            entries=len(self._heads) - 1,
            first_broken=broken,
            complete_up_to=len(self._signed),
            anchored=anchored,
        )

    @property
    def position(self) -> str:
        return f"checkpoint {len(self._signed)}" if self._signed else f"entry {len(self._heads) - 1}"

    def entries(self, connection: Connection) -> None:
        previous, macs, newest, heads = GENESIS, dict[int, bytes](), 0, self._heads
        for seq, epoch, plan_id, entry, prev_hash, digest, mac, version in _rows(connection):
            number = len(heads)
            if seq != number:
                raise _Broken(f"entry {number} is missing")
            if epoch < newest or (key := macs.get(epoch) or self._mac_key(macs, epoch)) is None:
                raise _Broken(f"entry {number} names a key epoch that it cannot have")
            newest = epoch
            if version != ROW_FORMAT:
                raise _Broken(f"entry {number} names a format that it cannot have")
            if prev_hash != previous or entry_hash(previous, entry) != digest:
                raise _Broken(f"entry {number} is not what was written")
            if not compare_digest(entry_mac(key, epoch, seq, digest, plan_id), mac):
                raise _Broken(f"entry {number} was not written by this runner")
            previous = digest
            heads.append(digest)

    def checkpoints(self, connection: Connection) -> None:
        rows = connection.execute(select(audit_checkpoints).order_by(audit_checkpoints.c.number)).mappings().all()
        previous = GENESIS
        for number, row in enumerate(rows, start=1):
            found = checkpoint_of(row)
            if found.number != number:
                raise _Broken(f"checkpoint {number} is missing")
            if row["v"] != ROW_FORMAT:
                raise _Broken(f"checkpoint {number} names a format that it cannot have")
            if found.prev_hash != previous or not self._genuine(found):
                raise _Broken(f"checkpoint {number} is not what was signed")
            self._covered(found, f"checkpoint {number}")
            previous = found.hash
            self._signed.append(found)

    def anchor(self, anchored: Checkpoint) -> None:
        if not self._genuine(anchored):
            raise _Broken("the anchor was not signed by this runner")
        self._covered(anchored, "the anchor")
        if len(self._signed) < anchored.number:
            raise _Broken(f"checkpoint {anchored.number}, which the anchor states, is missing")
        if self._signed[anchored.number - 1] != anchored:
            raise _Broken(f"checkpoint {anchored.number} is not the one that the anchor states")

    def records(self, connection: Connection) -> None:
        rows = connection.execute(select(audit_checkpoints).order_by(audit_checkpoints.c.number)).mappings().all()
        try:
            floor = floor_of(self._keys, rows)
        except EnvelopeError as error:
            raise _Broken(f"checkpoint {error.record_id} does not open") from None
        now = current_versions(connection)
        for table, versions in floor.items():
            for record, version in versions.items():
                found = now.get(table, {}).get(record, 0)
                if found < version:
                    state = "gone" if found == 0 else f"at {found}"
                    raise _Broken(f"record {record} of {table} is {state}, a signed checkpoint has it at {version}")

    def _mac_key(self, held: dict[int, bytes], epoch: int) -> bytes | None:
        try:
            return held.setdefault(epoch, self._keys.secret(Purpose.AUDIT_MAC, epoch))
        except KeyError:
            return None

    def _genuine(self, checkpoint: Checkpoint) -> bool:
        try:
            self._keys.signer(checkpoint.epoch).public_key().verify(checkpoint.signature, checkpoint.statement)
        except (InvalidSignature, KeyError):
            return False
        return True

    def _covered(self, checkpoint: Checkpoint, what: str) -> None:
        if checkpoint.seq >= len(self._heads):
            raise _Broken(f"entry {len(self._heads)} is missing: {what} counts {checkpoint.seq}")
        if self._heads[checkpoint.seq] != checkpoint.head:
            raise _Broken(f"entry {checkpoint.seq} is not the one that {what} states")


def _rows(connection: Connection) -> Iterator[Any]:
    query = select(
        audit.c.seq,
        audit.c.epoch,
        audit.c.plan_id,
        audit.c.entry,
        audit.c.prev_hash,
        audit.c.hash,
        audit.c.mac,
        audit.c.v,
    )
    return iter(connection.execution_options(yield_per=_PAGE).execute(query.order_by(audit.c.seq)))


def anchor_in(path: Path) -> Checkpoint:
    """Return the checkpoint that a file states: one of `AuditLog.anchor`, or an export with its last line.

    Raises:
        NoAnchor: The file cannot be read, or states none.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
        body = json.loads(text.rpartition("\n")[2])
        body = body.get("anchor", body)
        stated = body["checkpoint"]
        return Checkpoint(
            number=int(stated["number"]),
            seq=int(stated["seq"]),
            epoch=int(stated["epoch"]),
            at=datetime.fromisoformat(stated["at"]),
            head=bytes.fromhex(stated["head"]),
            versions_hash=bytes.fromhex(stated["versions"]),
            prev_hash=bytes.fromhex(stated["prev"]),
            signature=base64.b64decode(body["signature"], validate=True),
        )
    except OSError as error:
        raise NoAnchor(f"the anchor {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise NoAnchor(f"the anchor {path} is not an anchor file") from None
