"""The schema's version and the way forward from each earlier one."""

from collections.abc import Callable

from sqlalchemy import Connection, func, insert, select

from engine.clock import Clock
from engine.storage.database import Database
from engine.storage.tables import habits, metadata, playbook_runs, playbooks, schema_version

_SCHEMA_LOCK = 0x736368


class SchemaTooNew(Exception):
    """The database was written by a later version of Escher; start that one, or restore a backup made before it."""


def _first(connection: Connection) -> None:
    metadata.create_all(connection)


def _playbooks(connection: Connection) -> None:
    """Add playbooks, their runs, and what is planned again and again; a database begun with this version has them."""
    metadata.create_all(connection, tables=(playbooks, playbook_runs, habits), checkfirst=True)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_first, _playbooks)
"""Migration k brings a database from version k to version k + 1; entries are only ever added."""


def prepare(database: Database, clock: Clock) -> int:
    """Bring the database to this version's schema in one transaction, and return the version it had before.

    Raises:
        SchemaTooNew: It is ahead of this version.
        StorageUnavailable: The database cannot be used.
    """
    with database.transaction() as connection:
        database.lock(connection, _SCHEMA_LOCK)
        schema_version.create(connection, checkfirst=True)
        found = connection.execute(select(func.max(schema_version.c.version))).scalar() or 0
        if found > len(MIGRATIONS):
            raise SchemaTooNew(f"the database has schema {found}, this version knows {len(MIGRATIONS)}")
        for number, migrate in enumerate(MIGRATIONS[found:], start=found + 1):
            migrate(connection)
            connection.execute(insert(schema_version).values(version=number, at=clock()))
        return int(found)
