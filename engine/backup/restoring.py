"""The way back: an archive becomes a data directory only after everything in it was checked.

It is opened into a folder beside the place where it is to be. A restored record is the past: what was waiting or under way then is
closed, because nobody knows what became of it since, and nothing may be done or said twice.
"""

import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.backup import archive
from engine.backup.archive import NotABackup
from engine.backup.manifest import RECORD, Manifest, counts, decoded
from engine.clock import Clock
from engine.execution.executor import ExecutionState
from engine.plans import PlanState
from engine.storage.database import Database
from engine.storage.master import MasterKey
from engine.storage.record import Record, open_record

_MOST_MANIFEST = 16 * 1024 * 1024
_MANY = 100_000
_LENGTH = 8


class RestoreRefused(Exception):
    """A restore would overwrite something; the text says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore or a drill found.

    Attributes:
        manifest: What the archive said of itself.
        entries: Audit entries that hold.
        rows: Rows of all tables, as the manifest counts them.
        closed: How much that was open at the time of the backup was closed; 0 in a drill.
        into: Where it is now; None after a drill.
    """

    manifest: Manifest
    entries: int
    rows: int
    closed: int = 0
    into: Path | None = None


def drill(file: Path, work: Path, master: MasterKey, clock: Clock) -> Restored:
    """Open an archive in a folder of its own and check everything in it; the caller removes the folder.

    Raises:
        NotABackup: Something does not hold; the text says what.
        MasterKeyError, StorageUnavailable: As their names say.
    """
    manifest = _opened(file, work, master)
    database = Database.in_directory(work)
    record = open_record(database, master, clock)
    try:
        return _checked(manifest, record, work)
    finally:
        record.close()


def restore(file: Path, into: Path, master: MasterKey, clock: Clock, *, by: str = "") -> Restored:
    """Make a data directory of an archive; `by` is the principal who wants it.

    Raises:
        RestoreRefused: There is something in `into`.
        NotABackup: Something in the archive does not hold; nothing was put in place.
        MasterKeyError, StorageUnavailable: As their names say.
    """
    into = into.resolve()  # a name of its own, also for `.`, so that something can lie beside it
    if into.exists() and any(into.iterdir()):
        raise RestoreRefused(
            f"{into} is not empty, and a restore overwrites nothing: move it away, or say another folder with --into"
        )
    into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = into.with_name(f".{into.name}.restoring-{secrets.token_hex(4)}")
    try:
        found = drill(file, work, master, clock)
        record = open_record(Database.in_directory(work), master, clock)
        try:
            closed = _close_what_was_open(record)
            audit = AuditLog(record.database, record.keys, clock)
            detail = {"name": found.manifest.name, "made_at": found.manifest.made_at, "closed": closed}
            audit.append(AuditEvent(tag=Tag.BACKUP_RESTORED, principal=by, detail=detail))
            record.database.scrub()
        finally:
            record.close()
        if into.exists():
            into.rmdir()
        work.rename(into)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Restored(manifest=found.manifest, entries=found.entries, rows=found.rows, closed=closed, into=into)


def _opened(file: Path, work: Path, master: MasterKey) -> Manifest:
    """Write the record of an archive into a folder; it is whole and what was sealed when this returns."""
    work.mkdir(mode=0o700, parents=True)
    digest, size = sha256(), 0
    with file.open("rb") as sealed, (work / RECORD).open("wb") as out:
        pieces = archive.unseal(sealed, master.held())
        manifest, rest = _manifest(pieces)
        for piece in _then(rest, pieces):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        archive.durable(out)
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise NotABackup("its record is not the one that its manifest describes")
    with closing(sqlite3.connect(work / RECORD)) as taken:
        if counts(taken) != dict(manifest.counts):
            raise NotABackup("its record has other numbers of rows than its manifest says")
    return manifest


def _checked(manifest: Manifest, record: Record, work: Path) -> Restored:
    anchor = work / "anchor.json"
    anchor.write_text(json.dumps(manifest.anchor), encoding="utf-8")
    found = verify(record.database, record.keys, anchor)
    anchor.unlink()
    if not found.ok:
        raise NotABackup(found.sentence)
    return Restored(manifest=manifest, entries=found.entries, rows=sum(manifest.counts.values()))


def _close_what_was_open(record: Record) -> int:
    closed = 0
    for execution in record.executions.unfinished():
        open_states = {ExecutionState.PENDING.value, ExecutionState.RUNNING.value}
        closed += record.executions.cas_state(execution.id, open_states, ExecutionState.UNCERTAIN.value)
    for plan in record.plans.in_state(PlanState.WAITING.value, PlanState.APPROVED.value):
        begun = record.executions.of_plan(plan.plan_id) is not None
        after = PlanState.EXECUTED if begun else PlanState.VOID
        closed += record.plans.cas_state(plan.plan_id, {plan.state}, after.value)
    for event in record.inbox.pending(_MANY):
        closed += record.inbox.done(event.key)
    return closed + sum(record.outbox.give_up(item) for item in record.outbox.queued(_MANY))


def _manifest(pieces: Iterator[bytes]) -> tuple[Manifest, bytes]:
    """Return the manifest and what follows it in the pieces read so far."""
    held = next(pieces, b"")
    size = int.from_bytes(held[:_LENGTH], "big")
    if len(held) < _LENGTH or size > _MOST_MANIFEST:
        raise NotABackup("it has no manifest")
    while len(held) < _LENGTH + size:
        piece = next(pieces, b"")
        if not piece:
            raise NotABackup("its manifest is cut off")
        held += piece
    try:
        return decoded(held[_LENGTH : _LENGTH + size]), held[_LENGTH + size :]
    except ValueError:
        raise NotABackup("its manifest is of another version") from None


def _then(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces
