"""The settings of the runner: one TOML file, every key also an environment variable. The only place that reads either.

Precedence: environment, then what was changed from chat (the database), then the file, then the defaults below. An unknown
key, a wrong type or an impossible combination is an error that names the key and says what to write.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from engine.planning.context import DEFAULT_TAG_KEYS

SLACK_API = "https://slack.com/api/"
PREFIX = "ESCHER_"
_DURATION = re.compile(r"^(\d+)\s*(s|m|h|d)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SECRET_FORMS = ("keyring:", "env:", "file:")


class SettingsError(Exception):
    """The settings cannot be used; the text names the key and says what to write."""


def on_loopback(url: str) -> bool:
    """Say whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def seconds(text: str) -> int:
    """Return a duration such as `30m`, `1h` or `1d` in seconds.

    Raises:
        ValueError: It is none.
    """
    found = _DURATION.match(text.strip())
    if found is None:
        raise ValueError('write a duration such as "30m", "1h" or "1d"')
    return int(found[1]) * _SECONDS[found[2]]


def _duration(text: str) -> str:
    seconds(text)
    return text


def _clock_time(text: object) -> object:
    if isinstance(text, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return text
    raise ValueError('write a time such as "02:00"')


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError('write a time zone such as "Europe/Berlin"')
    return text


def _channel(text: str) -> str:
    kind, _, rest = text.partition(":")
    if text == "web" or (kind in {"slack", "teams", "file"} and rest):
        return text
    raise ValueError('write "slack:<channel>", "teams:<conversation>", "web" or "file:PATH"')


def _cloud_credential(text: str) -> str:
    kind, _, rest = text.partition(":")
    if text in {"env", "ambient"} or (kind in {"keyring", "profile", "role", "env", "file"} and rest):
        return text
    raise ValueError('write "keyring:NAME", "profile:NAME", "env", "role:ARN" or "ambient"')


Duration = Annotated[str, AfterValidator(_duration)]
Credential = Annotated[str, AfterValidator(_cloud_credential)]


class Table(BaseModel):
    """One table of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Table):
    """Where the record is kept."""

    dir: str = "~/.escher"
    database_url: str = ""
    qdrant_url: str = ""

    @property
    def path(self) -> Path:
        """The data directory."""
        return Path(self.dir).expanduser()


class Keys(Table):
    """Where the master key comes from."""

    master: str = "keyring"


class Agent(Table):
    """The agent server as the runner reaches it."""

    url: str = "http://127.0.0.1:8790"
    auth: Literal["none", "static", "oidc"] = "none"
    issuer: str = ""
    audience: str = ""
    client_id: str = ""
    client_secret: str = ""
    token: str = ""
    model: str = ""


class AgentServer(Table):
    """The agent server when this installation runs one; read by the server itself."""

    model: str = "auto"
    api_key: str = ""
    base_url: str = ""
    issuer: str = ""
    audience: str = ""


class Slack(Table):
    """Slack."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    mode: Literal["socket", "http"] = "socket"
    base_url: str = SLACK_API
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)

    @property
    def enabled(self) -> bool:
        """Whether Slack is configured."""
        return bool(self.bot_token)


class Teams(Table):
    """Microsoft Teams."""

    app_id: str = ""
    app_password: str = ""
    tenants: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = Field(default=3978, ge=0, le=65535)
    playground: bool = False

    @property
    def enabled(self) -> bool:
        """Whether Teams is configured."""
        return bool(self.app_id) or self.playground


class Web(Table):
    """The web console on loopback."""

    enabled: bool = False
    port: int = Field(default=8765, ge=0, le=65535)


class Local(Table):
    """People on this machine, beside the user who runs a command; for try-outs on local clouds only."""

    personas: tuple[str, ...] = ()
    open_console: bool = False


class AwsAccount(Table):
    """One AWS account."""

    name: str
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    credential: Credential = "ambient"
    regions: Annotated[tuple[str, ...], Field(min_length=1)] = ("us-east-1",)
    endpoint_url: str = ""


class AzureSubscription(Table):
    """One Azure subscription."""

    name: str
    subscription_id: Annotated[str, Field(min_length=1)]
    credential: Credential = "ambient"
    endpoint_url: str = ""


class GcpProject(Table):
    """One GCP project."""

    name: str
    project_id: Annotated[str, Field(min_length=1)]
    credential: Credential = "ambient"
    endpoint_url: str = ""


class Aws(Table):
    """All AWS accounts."""

    accounts: tuple[AwsAccount, ...] = ()


class Azure(Table):
    """All Azure subscriptions."""

    subscriptions: tuple[AzureSubscription, ...] = ()


class Gcp(Table):
    """All GCP projects."""

    projects: tuple[GcpProject, ...] = ()


class Privacy(Table):
    """What the agent server may see."""

    tag_keys: tuple[str, ...] = DEFAULT_TAG_KEYS


class Sync(Table):
    """How often the estate is read."""

    every: Duration = "1h"


class Report(Table):
    """One morning report: where it is posted and when."""

    channel: Annotated[str, AfterValidator(_channel)]
    at: Annotated[str, BeforeValidator(_clock_time)] = "02:00"
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @property
    def time(self) -> time:
        """The local time of day."""
        return time.fromisoformat(self.at)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)


class Budget(Table):
    """One budget."""

    scope: str = "all"
    monthly: float = Field(gt=0)
    currency: str = "USD"


class PolicyFile(Table):
    """Where the policy is."""

    file: str = "policy.toml"


class Backup(Table):
    """Backups."""

    target: str = ""
    every: Duration = "1h"
    keep: int = Field(default=48, ge=1)


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    allow_custom_endpoints: bool = False
    data: Data = Data()
    keys: Keys = Keys()
    agent: Agent = Agent()
    agent_server: AgentServer = AgentServer()
    slack: Slack = Slack()
    teams: Teams = Teams()
    web: Web = Web()
    local: Local = Local()
    aws: Aws = Aws()
    azure: Azure = Azure()
    gcp: Gcp = Gcp()
    privacy: Privacy = Privacy()
    sync: Sync = Sync()
    report: tuple[Report, ...] = ()
    budgets: tuple[Budget, ...] = ()
    policy: PolicyFile = PolicyFile()
    backup: Backup = Backup()


class Loaded:
    """Settings together with where they came from.

    Attributes:
        settings: The settings.
        path: The file, or None when there is none.
        sources: Dotted key to `environment`, `database` or `file`, for every key that is not a default.
    """

    def __init__(self, settings: Settings, path: Path | None, sources: Mapping[str, str]) -> None:
        self.settings = settings
        self.path = path
        self.sources = dict(sources)

    @property
    def policy_path(self) -> Path:
        """The policy file, relative to the settings file."""
        named = Path(self.settings.policy.file).expanduser()
        base = self.path.parent if self.path else Path.cwd()
        return named if named.is_absolute() else base / named

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
    found = path or next((one for one in _default_places() if one.exists()), None)
    raw = _read(found) if found else {}
    sources = dict.fromkeys(_keys(raw), "file")
    for key, value in (overrides or {}).items():
        _put(raw, key, value)
        sources[key] = "database"
    from_environment = EnvSettingsSource(Settings)()
    sources |= dict.fromkeys(_keys(from_environment), "environment")
    _unknown_environment()
    try:
        settings = Settings(**_merged(raw, from_environment))
    except ValidationError as error:
        raise SettingsError(_told(error, found)) from None
    _check(settings)
    return Loaded(settings, found, sources)


def _default_places() -> tuple[Path, ...]:
    return (Path("escher.toml"), Path("~/.escher/escher.toml").expanduser())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no settings file {path}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}") from None


def _check(settings: Settings) -> None:
    agent = settings.agent
    if agent.auth == "none" and not on_loopback(agent.url):
        raise SettingsError('agent.auth is "none" but agent.url is not on loopback; write auth = "oidc" or "static"')
    if not agent.url.startswith("https://") and not on_loopback(agent.url):
        raise SettingsError("agent.url must begin with https:// unless it is on loopback")
    if settings.local.personas and not _all_local(settings):
        raise SettingsError("local.personas is for try-outs: it wants every cloud endpoint on loopback; remove it")
    if settings.slack.base_url != SLACK_API and not on_loopback(settings.slack.base_url):
        raise SettingsError("slack.base_url may only be changed to an address on loopback")
    endpoints = {
        **{f"aws.accounts.{one.name}": one.endpoint_url for one in settings.aws.accounts},
        **{f"azure.subscriptions.{one.name}": one.endpoint_url for one in settings.azure.subscriptions},
        **{f"gcp.projects.{one.name}": one.endpoint_url for one in settings.gcp.projects},
    }
    for key, url in endpoints.items():
        if url and not on_loopback(url) and not settings.allow_custom_endpoints:
            raise SettingsError(
                f"{key}: endpoint_url {url} is not on loopback; set allow_custom_endpoints = true to allow it"
            )


def _all_local(settings: Settings) -> bool:
    urls = (
        *(one.endpoint_url for one in settings.aws.accounts),
        *(one.endpoint_url for one in settings.azure.subscriptions),
        *(one.endpoint_url for one in settings.gcp.projects),
    )
    return bool(urls) and all(on_loopback(url) for url in urls)


def _unknown_environment() -> None:
    known = set(Settings.model_fields)
    for name in environment():
        if name.upper().startswith(PREFIX):
            first = name[len(PREFIX) :].lower().split("__")[0]
            if first not in known:
                raise SettingsError(
                    f"the environment variable {name} names no setting; the first part must be one of {', '.join(sorted(known))}"
                )


def _told(error: ValidationError, path: Path | None) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    where = f"{path}: " if path else ""
    if first["type"] == "extra_forbidden":
        return f"{where}{key} is not a setting; remove it or mend its name"
    return f"{where}{key}: {first['msg'].removeprefix('Value error, ')}"


def _keys(raw: Mapping[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in raw.items():
        dotted = f"{prefix}{key}"
        found += _keys(value, f"{dotted}.") if isinstance(value, Mapping) else [dotted]
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
    from engine.storage.master import keychain  # noqa: PLC0415 - the keychain is slow to import and seldom needed

    value = keychain().get_password("escher", name)
    if not value:
        raise SettingsError(f"{key} names the keychain entry {name}, which does not exist; run escher creds add {name}")
    return str(value)
