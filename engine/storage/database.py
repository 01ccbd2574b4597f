"""The database: SQLite in the data directory, or PostgreSQL for several runners.

SQLite runs in WAL mode with `synchronous=FULL`, so a commit that returned survives a power cut. Write transactions
begin with `BEGIN IMMEDIATE`, and one lock in the process queues its own writers, because SQLite's busy handler sleeps
instead of queueing. On PostgreSQL a write transaction holds a shared advisory lock that the last step of a key
rotation takes exclusively.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

BUSY_SECONDS = 15.0
_ROTATION_LOCK = 0x65736368
_WRITES = "escher_writes"


class StorageUnavailable(Exception):
    """The record could not be read or made durable (disk full, I/O error, damaged file, server away).

    Whoever gets this from a write must act as if nothing was written, and must not call a cloud.
    """


class Database:
    """One database; safe to share between threads.

    `transaction()` is one durable commit. Inside another `transaction()` of the same thread it joins as a savepoint:
    all of it is committed together, or nothing. Never await inside one.

    Args:
        url: `sqlite:////path/file.db` or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgres(self.url)
        self._writer = threading.Lock()
        self._begun: list[Callable[[Connection], None]] = []
        self._current: ContextVar[tuple[int, Connection] | None] = ContextVar("escher_transaction", default=None)

    @classmethod
    def in_directory(cls, directory: Path) -> "Database":
        """Return the SQLite database of a data directory, which is created with mode 0700."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(URL.create("sqlite", database=str(directory / "escher.db")))

    @property
    def directory(self) -> Path | None:
        """The folder the database file lies in; None on PostgreSQL."""
        return Path(self.url.database).parent if self.is_sqlite and self.url.database else None

    def at_begin(self, hook: Callable[[Connection], None]) -> None:
        """Run `hook` at the start of every outermost write transaction, inside it."""
        self._begun.append(hook)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together at the end, or not at all on any exception.

        Raises:
            StorageUnavailable: The change is not durable; treat it as not done.
        """
        outer = self._joined()
        with _translated("write"):
            if outer is not None:
                with outer.begin_nested():
                    yield outer
                return
            with self._turn(), self.engine.connect() as fresh:
                connection = fresh.execution_options(**{_WRITES: True})
                with connection.begin():
                    if not self.is_sqlite:
                        connection.execute(text(f"SELECT pg_advisory_xact_lock_shared({_ROTATION_LOCK})"))
                    for hook in self._begun:
                        hook(connection)
                    yield from self._as_current(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for reading one consistent state; inside a transaction, that transaction's own.

        Raises:
            StorageUnavailable: The database cannot be read.
        """
        outer = self._joined()
        with _translated("read"):
            if outer is not None:
                yield outer
                return
            with self.engine.connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Give a write transaction that runs while no other one does, in any process; for the end of a key rotation.

        Raises:
            StorageUnavailable: The change is not durable; treat it as not done.
        """
        with _translated("write"), self._turn(), self.engine.connect() as fresh:
            connection = fresh.execution_options(**{_WRITES: True})
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ROTATION_LOCK})"))
                yield from self._as_current(connection)

    def lock(self, connection: Connection, number: int) -> None:
        """Serialise the transactions that take lock `number`, until they end; on SQLite they already are."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    def scrub(self) -> None:
        """Move the write-ahead log into the file and empty it, so that overwritten values are nowhere on disk."""
        if not self.is_sqlite:
            return
        with _translated("write"), self._turn(), self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _joined(self) -> Connection | None:
        """The transaction this thread is in; a context that was copied to another thread, or kept for later, is not."""
        thread, connection = self._current.get() or (0, None)
        inside = connection is not None and thread == threading.get_ident() and not connection.closed
        return connection if inside else None

    def _as_current(self, connection: Connection) -> Iterator[Connection]:
        token = self._current.set((threading.get_ident(), connection))
        try:
            yield connection
        finally:
            self._current.reset(token)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise StorageUnavailable(f"cannot write the record: another write did not end within {BUSY_SECONDS:.0f} s")
        try:
            yield
        finally:
            self._writer.release()


def insert_unless_taken(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row of a sealed table unless it breaks a unique constraint; returns whether it was inserted."""
    return connection.execute(_insert_once(table, connection.dialect.name), dict(values)).first() is not None


@cache
def _insert_once(table: Table, dialect: str) -> Executable:
    builder = sqlite_insert if dialect == "sqlite" else postgres_insert
    return builder(table).on_conflict_do_nothing().returning(table.c.epoch)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StorageUnavailable(f"cannot {doing} the record: {_reason(cause)}") from error


def _reason(cause: BaseException | None) -> str:
    """The driver's class and first line only: later lines and SQLAlchemy's own text quote parameters."""
    first = str(cause).partition("\n")[0].partition("DETAIL")[0].strip()
    return f"{type(cause).__name__}: {first}"


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=64,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would begin too late and as DEFERRED; `_begin` does it instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={int(BUSY_SECONDS * 1000)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: URL) -> Engine:
    return create_engine(
        url, pool_size=8, max_overflow=64, pool_timeout=BUSY_SECONDS, pool_pre_ping=True, hide_parameters=True
    )
