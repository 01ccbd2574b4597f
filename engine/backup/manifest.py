"""What an archive holds, written in front of it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
RECORD = "escher.db"
ESTATE = "read again by a sync after a restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds.

    Attributes:
        name: The archive's name.
        made_at: When, ISO 8601.
        size: Bytes of the record's file.
        sha256: Of the record's file.
        counts: Rows of each table.
        anchor: The signed audit checkpoint at the moment of the backup.
        estate: What becomes of the estate.
        v: Format.
    """

    name: str
    made_at: str
    size: int
    sha256: str
    counts: Mapping[str, int]
    anchor: Mapping[str, Any]
    estate: str = ESTATE
    v: int = FORMAT

    def encoded(self) -> bytes:
        """Return it with its length in front."""
        body = json.dumps(asdict(self), sort_keys=True).encode()
        return len(body).to_bytes(8, "big") + body


def decoded(body: bytes) -> Manifest:
    """Return the manifest that an archive begins with.

    Raises:
        ValueError: It is none of this version.
    """
    said = json.loads(body)
    if not isinstance(said, dict) or said.get("v") != FORMAT:
        raise ValueError("another format")
    try:
        return Manifest(**said)
    except TypeError as error:
        raise ValueError(str(error)) from None


def counts(database: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table of a record's file has."""
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: _rows(database, name) for (name,) in names.fetchall()}


def _rows(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - a name of the schema
