"""Playbooks of this runner: each version once, its text never changed, its state by compare-and-swap.

State and strategy are readable columns, for searching, and sealed beside them with the row's version, so that a state written
into the file by another hand, or put back, does not open.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select, update

from engine.clock import Clock
from engine.storage.cells import Cells, Row
from engine.storage.database import Database, insert_unless_taken
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing
from engine.storage.tables import playbooks


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookRecord:
    """One stored version of a playbook.

    Attributes:
        id: Opaque.
        playbook: The playbook's id, as people say it.
        key: `playbook@1.0.0`.
        state: Where it is in its life.
        strategy: Where it lives.
        author: Principal id of who made it; empty for one of the library.
        package: The whole, scripts included, as it was written.
        note: What was said with the last change.
        created_at, changed_at: When.
        version: Rises by one at each change of state.
    """

    id: str
    playbook: str
    key: str
    state: str
    strategy: str
    author: str
    package: bytes
    note: str
    created_at: datetime
    changed_at: datetime
    version: int


class PlaybookStore:
    """Keeps playbooks.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(playbooks, keys)

    def add(
        self, playbook: str, number: str, *, state: str, strategy: str, author: str, package: bytes, note: str = ""
    ) -> bool:
        """Store a new version; False when there is one with this number, which stays as it is.

        Raises:
            StorageUnavailable: It is not durable.
        """
        now = self._clock()
        row = {
            "id": secrets.token_hex(16),
            "version": 1,
            "state": state,
            "strategy": strategy,
            "created_at": now,
            "changed_at": now,
        }
        values = self._cells.new(
            row,
            state_seal=_proof(row),
            key=f"{playbook}@{number}",
            playbook=playbook,
            author=author,
            package=package,
            note=note,
        )
        with self._database.transaction() as connection:
            if connection.execute(select(playbooks.c.id).where(self._matches(playbook, number))).first():
                return False
            return insert_unless_taken(connection, playbooks, values)

    def get(self, playbook: str, number: str) -> PlaybookRecord | None:
        """Return one version, or None.

        Raises:
            EnvelopeError: It is not what was written.
        """
        found = self._where(self._matches(playbook, number))
        return found[0] if found else None

    def versions(self, playbook: str) -> list[PlaybookRecord]:
        """Return every version of a playbook, oldest first.

        Raises:
            EnvelopeError: One is not what was written.
        """
        return self._where(self._cells.matches("playbook", playbook))

    def all(self) -> list[PlaybookRecord]:
        """Return every version of every playbook, oldest first.

        Raises:
            EnvelopeError: One is not what was written.
        """
        return self._where()

    def move(
        self, playbook: str, number: str, *, before: Collection[str], state: str, strategy: str = "", note: str = ""
    ) -> bool:
        """Change the state, and the strategy when one is given; of concurrent callers exactly one gets True.

        Raises:
            EnvelopeError: The stored state is not what was written.
            StorageUnavailable: The change is not durable.
        """
        with self._database.transaction() as connection:
            query = select(playbooks).where(self._matches(playbook, number)).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None or self._record(row).state not in before:
                return False
            place = {**row, "version": row["version"] + 1, "state": state, "strategy": strategy or row["strategy"]}
            connection.execute(
                update(playbooks)
                .where(playbooks.c.id == row["id"])
                .values(
                    version=place["version"],
                    state=state,
                    strategy=place["strategy"],
                    changed_at=self._clock(),
                    **self._cells.sealed(place, state_seal=_proof(place), note=note),
                )
            )
            return True

    def _matches(self, playbook: str, number: str) -> ColumnElement[bool]:
        return self._cells.matches("key", f"{playbook}@{number}")

    def _where(self, *conditions: ColumnElement[bool]) -> list[PlaybookRecord]:
        query = select(playbooks).where(*conditions).order_by(playbooks.c.created_at, playbooks.c.id)
        with self._database.read() as connection:
            return [self._record(row) for row in connection.execute(query).mappings()]

    def _record(self, row: RowMapping) -> PlaybookRecord:
        if self._cells.text(row, "state_seal") != _proof(row):
            raise EnvelopeError("playbooks.state", row["id"], "its state was changed by another hand")
        return PlaybookRecord(
            id=row["id"],
            playbook=self._cells.text(row, "playbook"),
            key=self._cells.text(row, "key"),
            state=row["state"],
            strategy=row["strategy"],
            author=self._cells.text(row, "author"),
            package=self._cells.open(row, "package"),
            note=self._cells.text(row, "note"),
            created_at=row["created_at"],
            changed_at=row["changed_at"],
            version=row["version"],
        )


def _proof(row: Row) -> str:
    return f"{row['state']} {row['strategy']}"
