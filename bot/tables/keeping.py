"""Where things are kept: the record, its master key, the policy."""

from pathlib import Path

from bot.settings_defaults import DATA_DIR
from bot.tables.values import Table


class Data(Table):
    """Where the record is kept.

    Attributes:
        dir: Where everything that must survive lies; one runner at a time.
        database_url: PostgreSQL, `postgresql+psycopg://…`; empty: SQLite in `dir`.
        qdrant_url: A Qdrant server, `http://…:6333`; empty: a shard in `dir`.
    """

    dir: str = DATA_DIR
    database_url: str = ""
    qdrant_url: str = ""

    @property
    def path(self) -> Path:
        """The data directory."""
        return Path(self.dir).expanduser()


class Keys(Table):
    """Where the master key comes from.

    Attributes:
        master: `keyring`, `env:NAME` or `file:PATH` (never inside `[data] dir`): 32 bytes, base64.
    """

    master: str = "keyring"


class PolicyFile(Table):
    """Where the policy is.

    Attributes:
        file: The policy, relative to the settings file; read again whenever it changes.
    """

    file: str = "policy.toml"
