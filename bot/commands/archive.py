"""`escher backup` and `restore` without a runner."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot import backups, people
from bot.commands.desk import opened_record
from bot.commands.telling import CommandFailed
from bot.settings import Loaded, SettingsError, environment
from bot.terminal.address import socket_of
from bot.terminal.operating import backed_up
from engine.backup.archive import NotABackup
from engine.backup.making import BackupMaker, BackupRefused
from engine.backup.restoring import Restored, RestoreRefused, drill, restore
from engine.backup.targets import NAME, Folder, TargetUnavailable
from engine.clock import system_clock
from engine.storage.database import StorageUnavailable
from engine.storage.master import MasterKey, MasterKeyError, master_key
from engine.storage.schema import SchemaTooNew


def backup(loaded: Loaded, to: str) -> dict[str, Any]:
    """Make a backup of a record that no runner has.

    Raises:
        CommandFailed: It could not be made.
    """
    named = to or loaded.settings.backup.target
    if not named:
        raise CommandFailed(
            "no backup target is set; say --to FOLDER, or write [backup] target in the settings file", 2
        )
    data = loaded.settings.data
    if not data.database_url and not (data.path / "escher.db").exists():
        raise CommandFailed(f"there is no record in {data.path} yet, so there is nothing to back up", 1)
    try:
        where = backups.target(loaded, named)
        with opened_record(loaded) as (record, audit):
            maker = BackupMaker(record=record, audit=audit, master=_master(loaded, data.path), clock=system_clock)
            return backed_up(maker.make(where, keep=10**9 if to else loaded.settings.backup.keep))
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None
    except BackupRefused as error:
        raise CommandFailed(str(error), 1) from None
    except backups.FAILURES as error:
        raise CommandFailed(str(error), 3) from None


def put_back(loaded: Loaded, source: str, into: Path | None, *, only_try: bool) -> dict[str, Any]:
    """Restore an archive into a data directory, or only try whether it could be.

    Raises:
        CommandFailed: It could not be restored; nothing was put in place.
    """
    if loaded.settings.data.database_url and into is None and not only_try:
        raise CommandFailed("the record is in PostgreSQL: restore it with your database's own tools", 1)
    place = (into or loaded.settings.data.path).expanduser()
    if not only_try and socket_of(place) is not None:
        raise CommandFailed(f"a runner has {place}; stop it, move {place} away, and restore again", 1)
    try:
        with _fetched(loaded, source) as (file, scratch):
            if only_try:
                return _told(drill(file, scratch / "drill", _master(loaded, scratch / "drill"), system_clock))
            return _told(restore(file, place, _master(loaded, place), system_clock, by=people.own().id))
    except SettingsError as error:
        raise CommandFailed(str(error), 2) from None
    except RestoreRefused as error:
        raise CommandFailed(str(error), 1) from None
    except NotABackup as error:
        raise CommandFailed(f"{source} cannot be restored: {error}; nothing was put in place", 1) from None
    except MasterKeyError as error:
        raise CommandFailed(str(error), 2) from None
    except (TargetUnavailable, StorageUnavailable, SchemaTooNew, OSError) as error:
        raise CommandFailed(str(error), 3) from None


@contextmanager
def _fetched(loaded: Loaded, source: str) -> Iterator[tuple[Path, Path]]:
    """Give the archive as a file on this machine, and a folder to work in that goes away."""
    with tempfile.TemporaryDirectory(prefix="escher-restore-") as scratch:
        folder = Path(scratch)
        place, _, name = source.rstrip("/").rpartition("/")
        if NAME.fullmatch(name) and source.startswith("s3://"):
            backups.target(loaded, place).fetch(name, folder / name)
            yield folder / name, folder
            return
        path = Path(source).expanduser()
        if "://" not in source and path.is_file():
            yield path, folder
            return
        where = backups.target(loaded, source) if "://" in source else Folder(path)
        names = where.names()
        if not names:
            raise TargetUnavailable(
                f"there is no backup at {source}; name an archive, or the folder or s3:// place that holds one"
            )
        where.fetch(names[-1], folder / names[-1])
        yield folder / names[-1], folder


def _told(found: Restored) -> dict[str, Any]:
    manifest = found.manifest
    shape = {
        "schema": 1,
        "ok": True,
        "name": manifest.name,
        "made_at": manifest.made_at,
        "entries": found.entries,
        "rows": found.rows,
        "closed": found.closed,
        "into": str(found.into or ""),
    }
    what = (
        f"{manifest.name} of {manifest.made_at[:16]} holds: the audit chain of {found.entries:,} entries is whole and agrees "
        f"with the checkpoint signed then, {found.rows:,} rows as counted"
    )
    if found.into is None:
        return {"shape": shape, "text": f"drill: {what}. Nothing was kept"}
    closed = f" {found.closed:,} things that were waiting or under way then are closed." if found.closed else ""
    text = f"restored into {found.into}. {what}.{closed} The estate is read again at the next start"
    return {"shape": shape, "text": text}


def _master(loaded: Loaded, data_dir: Path) -> MasterKey:
    return master_key(loaded.settings.keys.master, environment=environment(), data_dir=data_dir)
