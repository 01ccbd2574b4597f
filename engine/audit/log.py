"""Writing and reading the audit trail."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import RowMapping, insert, select

from engine.audit.chain import GENESIS, Checkpoint, canonical, entry_hash, entry_mac
from engine.audit.checkpoints import Checkpoints
from engine.audit.events import AuditEvent, RecordedEvent, Tag
from engine.clock import Clock
from engine.storage.database import Database
from engine.storage.keys import KeyRing, Purpose
from engine.storage.tables import audit

CHECKPOINT_EVERY = 256
_LOCK = 0x61756469
_FORMAT = 1
_PAGE = 1000
_LAST = select(audit.c.seq, audit.c.hash, audit.c.epoch).order_by(audit.c.seq.desc()).limit(1)


class AuditLog:
    """Appends facts; nothing changes or removes one.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
        every: How many entries there are between signed checkpoints.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock, *, every: int = CHECKPOINT_EVERY) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._every = every
        self._checkpoints = Checkpoints(keys, clock)

    def append(self, event: AuditEvent) -> int:
        """Make one fact durable and return its number.

        Inside a `database.transaction()` it is committed with the rest of it; append last there, because the next
        entry waits for that commit.

        Raises:
            StorageUnavailable: The fact is not durable; what it is about must not be done.
            TypeError, ValueError: The detail holds something JSON cannot say.
        """
        with self._database.transaction() as connection:
            self._database.lock(connection, _LOCK)
            seq, previous = 1, GENESIS
            if (last := connection.execute(_LAST).first()) is not None:
                seq, previous = int(last.seq) + 1, bytes(last.hash)
                # Another runner may have rotated since this transaction began; epochs never step back in the chain.
                self._keys.catch_up(last.epoch)
            epoch = self._keys.epoch
            stored = self._keys.seal_audit("audit", str(seq), _encode(seq, event, event.at or self._clock()))
            digest = entry_hash(previous, stored)
            mac = entry_mac(self._keys.secret(Purpose.AUDIT_MAC, epoch), epoch, seq, digest, event.plan_id)
            connection.execute(
                insert(audit),
                {
                    "seq": seq,
                    "epoch": epoch,
                    "plan_id": event.plan_id,
                    "entry": stored,
                    "prev_hash": previous,
                    "hash": digest,
                    "mac": mac,
                },
            )
            if seq % self._every == 0:
                self._checkpoints.write(connection)
            return seq

    def checkpoint(self) -> Checkpoint:
        """Sign the trail as it stands now.

        Raises:
            StorageUnavailable: The checkpoint is not durable.
        """
        with self._database.transaction() as connection:
            self._database.lock(connection, _LOCK)
            return self._checkpoints.write(connection)

    def anchor(self, path: Path) -> Checkpoint:
        """Sign the trail as it stands now and write the checkpoint to a file, to be kept where this machine cannot.

        Raises:
            ValueError: The file would lie in the data directory, where it proves nothing.
            StorageUnavailable: The checkpoint is not durable.
            OSError: The file cannot be written.
        """
        home = self._database.directory
        if home is not None and path.resolve().is_relative_to(home.resolve()):
            raise ValueError(f"the anchor must lie outside the data directory {home}")
        made = self.checkpoint()
        body = anchor_of(made, self._keys)
        scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(canonical(body) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        return made

    def events(self, *, after: int = 0, limit: int | None = None) -> Iterator[RecordedEvent]:
        """Give the facts after entry `after`, oldest first, at most `limit`.

        Raises:
            EnvelopeError: An entry is not what was written.
        """
        left = limit
        while left is None or left > 0:
            page = _PAGE if left is None else min(left, _PAGE)
            with self._database.read() as connection:
                rows = (
                    connection.execute(select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(page))
                    .mappings()
                    .all()
                )
            yield from (self._recorded(row) for row in rows)
            if len(rows) < page:
                return
            after, left = rows[-1]["seq"], None if left is None else left - len(rows)

    def newest(self) -> RecordedEvent | None:
        """Return the last fact, or None when there is none.

        Raises:
            EnvelopeError: The entry is not what was written.
        """
        with self._database.read() as connection:
            row = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).mappings().first()
        return None if row is None else self._recorded(row)

    def of_plan(self, plan_id: str) -> list[RecordedEvent]:
        """Return the facts about one plan, oldest first.

        Raises:
            EnvelopeError: An entry is not what was written.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(audit).where(audit.c.plan_id == plan_id).order_by(audit.c.seq)).mappings()
            return [self._recorded(row) for row in rows]

    def _recorded(self, row: RowMapping) -> RecordedEvent:
        return decode(row["seq"], self._keys.open_audit("audit", str(row["seq"]), row["entry"]))


def anchor_of(made: Checkpoint, keys: KeyRing) -> dict[str, object]:
    """Return a checkpoint with its signature and the key that proves it, as an anchor file holds them."""
    public = keys.signer(made.epoch).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "checkpoint": json.loads(made.statement),
        "signature": base64.b64encode(made.signature).decode(),
        "public_key": base64.b64encode(public).decode(),
    }


def _encode(seq: int, event: AuditEvent, at: datetime) -> bytes:
    return canonical(
        {
            "v": _FORMAT,
            "seq": seq,
            "tag": str(event.tag),
            "principal": event.principal,
            "plan_id": event.plan_id,
            "step_id": event.step_id,
            "detail": dict(event.detail),
            "at": at.isoformat(),
        }
    )


def decode(seq: int, plain: bytes) -> RecordedEvent:
    """Return the fact that an opened entry holds."""
    body = json.loads(plain)
    return RecordedEvent(
        seq=seq,
        event=AuditEvent(
            tag=Tag(body["tag"]),
            principal=body["principal"],
            plan_id=body["plan_id"],
            step_id=body["step_id"],
            detail=body["detail"],
            at=datetime.fromisoformat(body["at"]),
        ),
    )
