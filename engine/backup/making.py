"""Making an archive of the record while everything goes on."""

import fcntl
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog, anchor_of
from engine.backup import archive
from engine.backup.manifest import RECORD, Manifest, counts
from engine.backup.targets import BackupTarget
from engine.clock import Clock
from engine.storage.master import MasterKey
from engine.storage.record import Record

_WORK = "backup.work"
_LOCK = "backup.lock"


class BackupRefused(Exception):
    """A backup cannot be made of this record, or not now; the text says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made.

    Attributes:
        name: The archive.
        target: Where it lies.
        at: When it was begun.
        size: Bytes of the archive.
        checkpoint: The number of the audit checkpoint it holds.
        removed: Archives that were too many.
    """

    name: str
    target: str
    at: datetime
    size: int
    checkpoint: int
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMaker:
    """Makes backups of one record.

    Args:
        record: The record, open.
        audit: Its trail.
        master: The master key.
        clock: The time.
    """

    record: Record
    audit: AuditLog
    master: MasterKey
    clock: Clock

    def make(self, target: BackupTarget, *, keep: int) -> Made:
        """Make one archive, put it at the target, keep the newest `keep` there.

        Raises:
            BackupRefused: The record is on a server, or another backup is under way.
            TargetUnavailable: The target does not take it.
            StorageUnavailable, MasterKeyError: The record or the key cannot be used.
            OSError: There is no room for it beside the record.
        """
        home = self.record.database.directory
        if home is None:
            raise BackupRefused(
                "the record is in PostgreSQL: use your database's own backup (pg_dump, snapshots); everything in it is "
                "sealed under the master key, so keep that key safe too"
            )
        with _alone(home) as work:
            at = self.clock().astimezone(UTC)
            name = f"escher-{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.backup"
            signed = self.audit.checkpoint()
            anchor = anchor_of(signed, self.record.keys)
            made = _archive(work, home, name, at, anchor, self.master.held()[0])
            target.put(name, made)
            size = made.stat().st_size
        removed = _retire(target, keep)
        detail = {"name": name, "size": size, "checkpoint": signed.number, "removed": len(removed)}
        self.audit.append(AuditEvent(tag=Tag.BACKUP_MADE, detail=detail))
        return Made(name=name, target=target.words, at=at, size=size, checkpoint=signed.number, removed=tuple(removed))


def _archive(work: Path, home: Path, name: str, at: datetime, anchor: dict[str, object], master: bytes) -> Path:
    copy = work / RECORD
    with closing(sqlite3.connect(home / RECORD)) as live, closing(sqlite3.connect(copy)) as taken:
        live.backup(taken)  # one step: one read transaction, so one moment of the record
        taken.execute("PRAGMA journal_mode=DELETE")
        held = counts(taken)
    with copy.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    manifest = Manifest(
        name=name, made_at=at.isoformat(), size=copy.stat().st_size, sha256=digest, counts=held, anchor=anchor
    )
    out = work / name
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        archive.seal(file, _pieces(manifest, copy), master)
        archive.durable(file)
    return out


def _pieces(manifest: Manifest, record: Path) -> Iterator[bytes]:
    yield manifest.encoded()
    with record.open("rb") as file:
        while piece := file.read(archive.PIECE):
            yield piece


def _retire(target: BackupTarget, keep: int) -> list[str]:
    """Remove the oldest archives beyond `keep`; the newest stays always."""
    old = target.names()[: -max(keep, 1)]
    for name in old:
        target.remove(name)
    return old


@contextmanager
def _alone(home: Path) -> Iterator[Path]:
    """Give an empty folder to work in, to one backup at a time; what a killed one left there goes first."""
    with os.fdopen(os.open(home / _LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused("another backup is under way; it will be there in a moment") from None
        work = home / _WORK
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
