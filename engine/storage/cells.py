"""Between a store's values and its table's sealed columns: one place that spells record ids, versions and hashes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table

from engine.storage.keys import KeyRing
from engine.storage.tables import ROW_FORMAT

Row = Mapping[str, Any] | RowMapping


class Cells:
    """Seals, opens and hashes the marked columns of one table.

    Args:
        table: A table of `tables.sealed_tables()`.
        keys: The key ring.
    """

    def __init__(self, table: Table, keys: KeyRing) -> None:
        self.table = table
        self.keys = keys
        self._record: tuple[str, ...] = table.info["record"]
        self._hashes = {
            column.info["of"]: (column.name, column.info["field"]) for column in table.columns if "of" in column.info
        }

    def record_id(self, row: Row) -> str:
        """The record id that the row's envelopes are bound to."""
        return ":".join(str(row[name]) for name in self._record)

    def new(self, plain: Mapping[str, Any], **secret: str | bytes | None) -> dict[str, Any]:
        """Return the values of a new row: `plain` as it is, `secret` sealed and, where the table wants it, hashed."""
        return {
            **plain,
            "v": ROW_FORMAT,
            "epoch": self.keys.epoch,
            **self.sealed(plain, **secret),
            **self._hashed(secret),
        }

    def sealed(self, row: Row, **secret: str | bytes | None) -> dict[str, bytes | None]:
        """Return envelopes for the named columns, bound to the row's id and, if versioned, to `row["version"]`."""
        return {
            name: None if value is None else self.keys.seal(*self._place(row, name), _bytes(value))
            for name, value in secret.items()
        }

    def open(self, row: Row, name: str) -> bytes:
        """Return what is sealed in one column.

        Raises:
            EnvelopeError: It is not what was written there.
        """
        return self.keys.open(*self._place(row, name), row[name])

    def text(self, row: Row, name: str) -> str:
        """Return what is sealed in one column, as text; empty when the column is."""
        return "" if row[name] is None else self.open(row, name).decode()

    def matches(self, name: str, value: str) -> ColumnElement[bool]:
        """Return the condition that the sealed column `name` equals `value`, under any live key epoch."""
        column, field = self._hashes[name]
        return self.table.c[column].in_(self.keys.blinds(field, value))

    def resealed(self, row: Row) -> dict[str, Any]:
        """Return every sealed column and hash of a row under the current key epoch; the versions stay."""
        opened = {
            column.name: None if row[column.name] is None else self.open(row, column.name)
            for column in self.table.columns
            if column.info.get("sealed")
        }
        return {"epoch": self.keys.epoch, **self.sealed(row, **opened), **self._hashed(opened)}

    def _place(self, row: Row, name: str) -> tuple[str, str, int]:
        version = int(row["version"]) if self.table.c[name].info["versioned"] else 1
        return f"{self.table.name}.{name}", self.record_id(row), version

    def _hashed(self, secret: Mapping[str, str | bytes | None]) -> dict[str, str | None]:
        return {
            column: None if secret[name] is None else self.keys.blind(field, _bytes(secret[name] or "").decode())
            for name, (column, field) in self._hashes.items()
            if name in secret
        }


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
