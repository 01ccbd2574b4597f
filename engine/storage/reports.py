"""Reports: written once, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.clock import Clock
from engine.storage.cells import Cells
from engine.storage.database import Database, insert_unless_taken
from engine.storage.keys import KeyRing
from engine.storage.tables import reports


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """One report.

    Attributes:
        id: Opaque; the same id is the same report.
        kind: `morning`, `cost` …; the report code's word.
        at: When it was stored.
        body: The report, as its code wrote it.
    """

    id: str
    kind: str
    at: datetime
    body: bytes


class ReportStore:
    """Keeps reports.

    Args:
        database: The database.
        keys: Its key ring.
        clock: The time.
    """

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._cells = Cells(reports, keys)

    def put(self, report_id: str, *, kind: str, body: bytes) -> bool:
        """Store a report; False when there is one with this id, which stays as it is.

        Raises:
            StorageUnavailable: It is not durable.
        """
        row = {"id": report_id, "kind": kind, "at": self._clock()}
        with self._database.transaction() as connection:
            return insert_unless_taken(connection, reports, self._cells.new(row, body=body))

    def get(self, report_id: str) -> StoredReport | None:
        """Return a report, or None.

        Raises:
            EnvelopeError: It is not what was written.
        """
        with self._database.read() as connection:
            row = connection.execute(select(reports).where(reports.c.id == report_id)).mappings().first()
        if row is None:
            return None
        return StoredReport(id=row["id"], kind=row["kind"], at=row["at"], body=self._cells.open(row, "body"))

    def newest(self, kind: str, limit: int = 30) -> list[StoredReport]:
        """Return the newest reports of a kind, newest first.

        Raises:
            EnvelopeError: One is not what was written.
        """
        query = select(reports).where(reports.c.kind == kind).order_by(reports.c.at.desc(), reports.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return [
            StoredReport(id=row["id"], kind=row["kind"], at=row["at"], body=self._cells.open(row, "body"))
            for row in rows
        ]
