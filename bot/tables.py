"""The tables of the settings file, as models: every key, its default, and what it may hold.

Imported only when settings are checked (`bot.settings.load`), since the models cost start-up time.
"""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings import DATA_DIR, PREFIX, SLACK_API, seconds
from engine.planning.context import DEFAULT_TAG_KEYS


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

    dir: str = DATA_DIR
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
