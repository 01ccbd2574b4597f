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


def _backup_target(text: str) -> str:
    kind, there, rest = text.partition("://")
    if not there or (kind == "s3" and rest.strip("/")):
        return text
    if kind == "s3":
        raise ValueError("write s3://BUCKET/PREFIX")
    raise ValueError(f"{kind}:// is not in this version; write a folder or s3://BUCKET/PREFIX")


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


class Agent(Table):
    """The agent server as the runner reaches it.

    Attributes:
        url: Where it is; `https://` unless on loopback.
        auth: `none` (loopback only), a `static` token, or a token from an OIDC issuer.
        issuer: For `oidc`: the issuer.
        audience: For `oidc`: whom the token is for.
        client_id: For `oidc`: this runner's client id.
        client_secret: For `oidc`: its secret; empty: a person logs in with `escher login`, kept in the keychain.
        token: For `static`: the token.
        model: Another name of `[agent_server] model`.
    """

    url: str = "http://127.0.0.1:8790"
    auth: Literal["none", "static", "oidc"] = "none"
    issuer: str = ""
    audience: str = ""
    client_id: str = ""
    client_secret: str = ""
    token: str = ""
    model: str = ""


class AgentServer(Table):
    """The agent server when this installation runs one; `escher agent-server` hands these to it.

    Attributes:
        model: `auto` (Claude with a key, else offline), `offline`, `claude`, or a Claude model's name.
        api_key: Key of Anthropic's API.
        base_url: Another address of that API.
        issuer: OIDC issuer whose tokens are taken; empty: no authentication, loopback only.
        audience: Whom those tokens must be for.
        tenants: Tenants that are served; empty: any the issuer vouches for.
        rate_per_minute: Requests a minute and tenant.
        burst: Requests at once and tenant.
        max_tokens: Most tokens of one answer of the model.
        registry_qdrant_url: Qdrant server that lists published playbooks; `:memory:` to try it; empty: no registry.
        registry_qdrant_key: Key of that server.
        registry_bucket: Bucket for published playbooks and their scripts; goes with `registry_qdrant_url`.
        registry_endpoint: S3-compatible storage other than Amazon's.
        registry_region: Region of the bucket.
        serves: `all`; `thinking`: everything but the registry's pages; `registry`: those alone.
    """

    model: str = "auto"
    api_key: str = ""
    base_url: str = ""
    issuer: str = ""
    audience: str = ""
    tenants: tuple[str, ...] = ()
    rate_per_minute: int | None = Field(default=None, ge=1)
    burst: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    registry_qdrant_url: str = ""
    registry_qdrant_key: str = ""
    registry_bucket: str = ""
    registry_endpoint: str = ""
    registry_region: str = ""
    serves: Literal["all", "thinking", "registry"] = "all"


class Slack(Table):
    """Slack.

    Attributes:
        bot_token: `xoxb-…`; Slack is on when it is set.
        app_token: `xapp-…`, for Socket Mode.
        signing_secret: For HTTP mode: what Slack signs its requests with.
        mode: `socket`: the runner calls Slack; `http`: Slack calls the runner.
        base_url: Slack's API; another address on loopback only.
        host: For HTTP mode: where to listen.
        port: For HTTP mode: the port; 0 picks a free one.
    """

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
    """Microsoft Teams.

    Attributes:
        app_id: The bot's application id; Teams is on when it is set.
        app_password: Its client secret.
        tenants: Tenants whose members are heard; nobody else is.
        host: Where to listen for `/api/messages`.
        port: The port; 0 picks a free one.
        playground: Take unsigned requests of this machine, for Microsoft's Agents Playground; loopback only.
    """

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
    """The web console on loopback.

    Attributes:
        enabled: Whether the console is served.
        port: Its port; 0 picks a free one.
    """

    enabled: bool = False
    port: int = Field(default=8765, ge=0, le=65535)


class Local(Table):
    """People on this machine, beside the user who runs a command; for try-outs on local clouds only.

    Attributes:
        personas: Principals that the local user may also speak as.
        open_console: The console's address opens it as often as it is used.
    """

    personas: tuple[str, ...] = ()
    open_console: bool = False


class AwsAccount(Table):
    """One AWS account.

    Attributes:
        name: What people call it.
        account_id: Its twelve digits.
        credential: `keyring:NAME`, `profile:NAME`, `role:ARN`, `env` or `ambient`.
        regions: Regions that are read.
        endpoint_url: Another address of the API, for local clouds.
    """

    name: str
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    credential: Credential = "ambient"
    regions: Annotated[tuple[str, ...], Field(min_length=1)] = ("us-east-1",)
    endpoint_url: str = ""


class AzureSubscription(Table):
    """One Azure subscription.

    Attributes:
        name: What people call it.
        subscription_id: Its id.
        credential: `keyring:NAME`, `file:PATH`, `env` or `ambient`.
        endpoint_url: Another address of the API, for local clouds.
    """

    name: str
    subscription_id: Annotated[str, Field(min_length=1)]
    credential: Credential = "ambient"
    endpoint_url: str = ""


class GcpProject(Table):
    """One GCP project.

    Attributes:
        name: What people call it.
        project_id: Its id.
        credential: `keyring:NAME`, `file:PATH`, `env` or `ambient`.
        endpoint_url: Another address of the API, for local clouds.
    """

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
    """What the agent server may see.

    Attributes:
        tag_keys: Tags whose values it may see; of other tags it sees nothing.
    """

    tag_keys: tuple[str, ...] = DEFAULT_TAG_KEYS


class Sync(Table):
    """How often the estate is read.

    Attributes:
        every: Time between two whole readings, such as `30m`, `1h`, `1d`.
    """

    every: Duration = "1h"


class Report(Table):
    """One morning report: where it is posted and when.

    Attributes:
        channel: `slack:<channel>`, `teams:<conversation>`, `web` or `file:PATH`.
        at: Local time of day.
        timezone: Name of the time zone, such as `Europe/Berlin`.
    """

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
    """One budget.

    Attributes:
        scope: What it is for; `all` is everything.
        monthly: The amount of a calendar month.
        currency: Its currency.
    """

    scope: str = "all"
    monthly: float = Field(gt=0)
    currency: str = "USD"


class PolicyFile(Table):
    """Where the policy is.

    Attributes:
        file: The policy, relative to the settings file; read again whenever it changes.
    """

    file: str = "policy.toml"


class Backup(Table):
    """Backups of the record, encrypted under a key that comes from the master key.

    Attributes:
        target: A folder outside `[data] dir`, or `s3://BUCKET/PREFIX`; empty: no regular backups.
        every: Time between two backups.
        keep: How many archives stay at the target; older ones are removed.
    """

    target: Annotated[str, AfterValidator(_backup_target)] = ""
    every: Duration = "1h"
    keep: int = Field(default=48, ge=1)


class Settings(BaseSettings):
    """All settings.

    Attributes:
        allow_custom_endpoints: Allow cloud endpoints that are neither the vendor's nor on loopback.
    """

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
