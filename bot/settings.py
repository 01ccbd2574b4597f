"""The settings of the runner: one TOML file, every key also an environment variable. The only place that reads either.

Precedence: environment, then what was changed from chat (the database), then the file, then the defaults below. An unknown
key, a wrong type or an impossible combination is an error that names the key and says what to write.

Importing this is cheap: a command that only speaks to a running runner needs no more than `data_dir`. The models that say what
each key may hold are in `bot.tables`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.loopback import on_loopback
from bot.settings_defaults import DATA_DIR, PREFIX
from bot.settings_mistakes import SettingsError, not_json, told

if TYPE_CHECKING:
    from bot.tables import Settings

__all__ = ["Loaded", "SettingsError", "agent_server_environment", "data_dir", "environment", "keys", "load"]


class Loaded:
    """Settings together with where they came from.

    Attributes:
        settings: The settings.
        path: The file, or None when there is none.
        sources: Dotted key to `environment`, `database` or `file`, for every key that is not a default.
    """

    def __init__(self, settings: "Settings", path: Path | None, sources: Mapping[str, str]) -> None:
        self.settings = settings
        self.path = path
        self.sources = dict(sources)

    @property
    def policy_path(self) -> Path:
        """The policy file, relative to the settings file."""
        named = Path(self.settings.policy.file).expanduser()
        base = self.path.parent if self.path else Path.cwd()
        return named if named.is_absolute() else base / named

    def overlay(self, overrides: Mapping[str, Any]) -> None:
        """Read the settings again with what was changed laid over the file.

        Raises:
            SettingsError: They cannot be used so; nothing is taken over.
        """
        anew = load(self.path, overrides=overrides)
        self.settings, self.sources = anew.settings, anew.sources

    def secret(self, key: str, value: str, *, endpoint: str = "") -> str:
        """Return the secret that a setting names.

        Args:
            key: The setting, dotted, for the error.
            value: `keyring:NAME`, `env:NAME`, `file:PATH`, or a literal where that is allowed.
            endpoint: The surface's endpoint; a literal in the file is allowed only when this is on loopback.

        Raises:
            SettingsError: It cannot be read, or a literal stands where none may.
        """
        kind, _, rest = value.partition(":")
        match kind:
            case "env" if rest:
                return _from_environment(key, rest)
            case "file" if rest:
                return _from_file(key, Path(rest).expanduser())
            case "keyring" if rest:
                return _from_keyring(key, rest)
        if value and self.sources.get(key) != "environment" and not on_loopback(endpoint):
            raise SettingsError(
                f"{key} holds a secret in plain words; write keyring:NAME, env:NAME or file:PATH, or set "
                f"{PREFIX}{key.upper().replace('.', '__')}"
            )
        return value


def environment() -> Mapping[str, str]:
    """Return the process environment."""
    return os.environ  # noqa: TID251 - the one place that reads it


def load(path: Path | None, *, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read the settings.

    Args:
        path: The TOML file; None looks for `./escher.toml` and then `~/.escher/escher.toml`.
        overrides: What was changed from chat, by dotted key.

    Raises:
        SettingsError: Something in them cannot be used.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - the models cost more start-up time than a whole command
    from pydantic_settings import EnvSettingsSource  # noqa: PLC0415 - likewise
    from pydantic_settings import SettingsError as Unparsable  # noqa: PLC0415 - likewise

    from bot.settings_combinations import check  # noqa: PLC0415 - likewise
    from bot.tables import Settings  # noqa: PLC0415 - likewise

    found = _file(path)
    raw = _read(found) if found else {}
    sources = dict.fromkeys(keys(raw), "file")
    for key, value in (overrides or {}).items():
        _put(raw, key, value)
        sources[key] = "database"
    try:
        from_environment = EnvSettingsSource(Settings)()
    except Unparsable as error:
        raise SettingsError(not_json(str(error), Settings.model_fields, environment(), PREFIX)) from None
    sources |= dict.fromkeys(keys(from_environment), "environment")
    _unknown_environment(frozenset(Settings.model_fields))
    try:
        settings = Settings(**_merged(raw, from_environment))
    except ValidationError as error:
        raise SettingsError(told(error, file=str(found or ""), sources=sources, prefix=PREFIX)) from None
    check(settings)
    return Loaded(settings, found, sources)


def data_dir(path: Path | None) -> Path:
    """Return the data directory that settings name, without checking the rest of them.

    Raises:
        SettingsError: There is no such file, or it cannot be read.
    """
    found = _file(path)
    table = (_read(found) if found else {}).get("data", {})
    given = {name.upper(): value for name, value in environment().items()}
    named = given.get(f"{PREFIX}DATA__DIR") or (table.get("dir", DATA_DIR) if isinstance(table, dict) else None)
    if not isinstance(named, str) or f"{PREFIX}DATA" in given:
        return load(path).settings.data.path
    return Path(named).expanduser()


def _file(path: Path | None) -> Path | None:
    places = (Path("escher.toml"), Path("~/.escher/escher.toml").expanduser())
    return path or next((one for one in places if one.exists()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no settings file {path}; mend --config, or write it") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}; mend the file") from None


def agent_server_environment(loaded: Loaded) -> dict[str, str]:
    """Return what the settings file says of the agent server, as the variables that the server reads.

    Raises:
        SettingsError: Its key cannot be read.
    """
    said = loaded.settings.agent_server.model_dump(mode="json", exclude_defaults=True)
    for key in ("api_key", "registry_qdrant_key"):
        if said.get(key):
            said[key] = loaded.secret(f"agent_server.{key}", said[key])
    return {
        f"{PREFIX}AGENT_SERVER__{key.upper()}": ",".join(value) if isinstance(value, list) else str(value)
        for key, value in said.items()
    }


def _unknown_environment(known: frozenset[str]) -> None:
    """Refuse a variable that is written like a setting and names none; another of our prefix may be anybody's."""
    for name in environment():
        if name.upper().startswith(PREFIX) and "__" in name:
            first = name[len(PREFIX) :].lower().split("__")[0]
            if first not in known:
                raise SettingsError(
                    f"the environment variable {name} names no setting; the first part must be one of {', '.join(sorted(known))}"
                )


def keys(raw: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the dotted keys of all values in tables of tables; a list is a value."""
    found: list[str] = []
    for key, value in raw.items():
        dotted = f"{prefix}{key}"
        found += keys(value, f"{dotted}.") if isinstance(value, Mapping) else [dotted]
    return found


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(low)
    for key, value in high.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both


def _put(raw: dict[str, Any], dotted: str, value: Any) -> None:
    *path, last = dotted.split(".")
    for part in path:
        raw = raw.setdefault(part, {})
    raw[last] = value


def _from_environment(key: str, name: str) -> str:
    value = environment().get(name)
    if not value:
        raise SettingsError(f"{key} names the environment variable {name}, which is not set")
    return value


def _from_file(key: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{key} names the file {path}, which cannot be read: {error.strerror}") from None


def _from_keyring(key: str, name: str) -> str:
    from engine.storage.master import MasterKeyError, keychain  # noqa: PLC0415 - slow to import and seldom needed

    try:
        value = keychain().get_password("escher", name)
    except MasterKeyError:
        raise SettingsError(
            f"{key} names the keychain entry {name}, and this machine has no keychain that keeps secrets safe; "
            f"write env:NAME or file:PATH"
        ) from None
    if not value:
        raise SettingsError(f"{key} names the keychain entry {name}, which does not exist; run escher creds add {name}")
    return str(value)
