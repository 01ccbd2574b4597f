"""The settings desk without a runner: the record is opened for one look or one change, and closed again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from bot import people
from bot.commands.telling import CommandFailed
from bot.settings import Loaded, SettingsError, environment
from bot.settings_desk import SettingsDesk
from bot.terminal import operating
from engine.approval.policy import PolicyError
from engine.audit.log import AuditLog
from engine.clock import NeverBack, system_clock
from engine.core import never_before_the_record
from engine.policy_source import PolicyFromFile
from engine.storage.database import Database, StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.master import MasterKeyError, master_key
from engine.storage.record import Record, open_record
from engine.storage.schema import SchemaTooNew


def look(loaded: Loaded) -> dict[str, Any]:
    """Return all settings; when the record cannot be read, those of file and environment, and say so."""
    data = loaded.settings.data
    if not data.database_url and not (data.path / "escher.db").exists():
        return operating.shown_of(loaded, {})
    try:
        with opened_record(loaded) as (record, _):
            kept = record.settings.all()
    except CommandFailed as failed:
        typer.echo(f"escher: what was changed without the file is not shown: {failed}", err=True)
        kept = {}
    return operating.shown_of(loaded, kept)


def change(loaded: Loaded, params: Mapping[str, Any]) -> dict[str, Any]:
    """Change a setting, or take a change back.

    Raises:
        CommandFailed: The record or the policy cannot be opened.
    """
    try:
        policy = PolicyFromFile(loaded.policy_path)
    except PolicyError as error:
        raise CommandFailed(str(error), 2) from None
    with opened_record(loaded) as (record, audit):
        desk = SettingsDesk(loaded, record=record, audit=audit, policy=policy)
        try:
            desk.begin()
        except SettingsError as error:
            if "value" in params:
                raise CommandFailed(str(error), 2) from None
        return operating.told_alone(operating.change(desk, people.own(), params))


@contextmanager
def opened_record(loaded: Loaded) -> Iterator[tuple[Record, AuditLog]]:
    """Give the record and its trail, open for a moment.

    Raises:
        CommandFailed: They cannot be opened.
    """
    data = loaded.settings.data
    try:
        master = master_key(loaded.settings.keys.master, environment=environment(), data_dir=data.path)
        clock = NeverBack(system_clock)
        database = Database(data.database_url) if data.database_url else Database.in_directory(data.path)
        record = open_record(database, master, clock)
        try:
            audit = AuditLog(database, record.keys, clock)
            never_before_the_record(audit, clock)
            yield record, audit
        finally:
            record.close()
    except MasterKeyError as error:
        raise CommandFailed(str(error), 2) from None
    except (StorageUnavailable, SchemaTooNew, EnvelopeError) as error:
        raise CommandFailed(str(error), 3) from None
