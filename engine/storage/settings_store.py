"""Settings that were changed from chat; they stand above the file and below the environment.

A removed setting leaves a sealed note in its row, so that putting an old value back is noticed like any other
roll-back.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database
from engine.storage.keys import KeyRing
from engine.storage.tables import settings

_LOCK = 0x73657474


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingOverride:
    """One changed setting.

    Attributes:
        name: The key, as in the file: `sync.every`.
        value: A JSON-able value.
        changed_by: The principal id of who changed it.
        changed_at: When.
    """

    name: str
    value: Any
    changed_by: str
    changed_at: datetime


class SettingsStore:
    """Keeps changed settings.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(settings, keys)

    def set(self, name: str, value: Any, *, changed_by: str) -> None:
        """Change a setting.

        Raises:
            StorageUnavailable: The change is not durable.
            TypeError: The value is nothing JSON can say.
        """
        self._write(name, {"set": True, "value": value, "by": changed_by})

    def remove(self, name: str, *, changed_by: str) -> None:
        """Let a setting fall back to the file.

        Raises:
            StorageUnavailable: The change is not durable.
        """
        self._write(name, {"set": False, "by": changed_by})

    def all(self) -> dict[str, SettingOverride]:
        """Return every changed setting by its name.

        Raises:
            EnvelopeError: One is not what was written.
        """
        with self._database.read() as connection:
            rows = connection.execute(select(settings)).mappings().all()
        found = {}
        for row in rows:
            body = json.loads(self._cells.open(row, "value"))
            if body["set"]:
                name = self._cells.text(row, "name")
                found[name] = SettingOverride(
                    name=name, value=body["value"], changed_by=body["by"], changed_at=row["changed_at"]
                )
        return found

    def get(self, name: str) -> SettingOverride | None:
        """Return one changed setting, or None.

        Raises:
            EnvelopeError: It is not what was written.
        """
        return self.all().get(name)

    def _write(self, name: str, body: dict[str, Any]) -> None:
        value = json.dumps(body)
        with self._database.transaction() as connection:
            self._database.lock(connection, _LOCK)
            known = self._row(connection, name)
            if known is None:
                row = {"id": secrets.token_hex(16), "version": 1, "changed_at": self._clock()}
                connection.execute(insert(settings), self._cells.new(row, name=name, value=value))
                return
            place = {"id": known["id"], "version": known["version"] + 1}
            connection.execute(
                update(settings)
                .where(settings.c.id == known["id"])
                .values(version=place["version"], changed_at=self._clock(), **self._cells.sealed(place, value=value))
            )

    def _row(self, connection: Connection, name: str) -> RowMapping | None:
        return connection.execute(select(settings).where(self._cells.matches("name", name))).mappings().first()
