"""Settings of the agent server, from the environment: the only file here that reads it.

| variable | meaning |
|---|---|
| `ESCHER_AGENT_SERVER__MODEL` (alias `ESCHER_AGENT__MODEL`) | `auto` (Claude with a key, else offline), `offline`, `claude`, or a Claude model's name |
| `ESCHER_AGENT_SERVER__API_KEY` (also `ANTHROPIC_API_KEY`) | key of the Messages API: the key itself, `env:NAME` or `file:PATH` |
| `ESCHER_AGENT_SERVER__BASE_URL` | another address of the Messages API: https, or loopback for tests |
| `ESCHER_AGENT_SERVER__ISSUER`, `…__AUDIENCE` | OIDC issuer whose tokens are taken, and the audience or client ids (comma-separated or a JSON list) they must be for |
| `ESCHER_AGENT_SERVER__TENANTS` | tenants that are served, comma-separated or a JSON list; empty: every tenant of the issuer |
| `ESCHER_AGENT_SERVER__RATE_PER_MINUTE`, `…__BURST` | requests a tenant may make |
| `ESCHER_AGENT_SERVER__REQUEST_SECONDS` | how long one request may take; then 503 with Retry-After |
| `ESCHER_AGENT_SERVER__MAX_TOKENS` | most tokens a model may write for one request |
| `ESCHER_AGENT_SERVER__TOKENS_PER_REQUEST` | most tokens that are sent to a model for one request; longer ones are answered by rules |
| `ESCHER_AGENT_SERVER__TOKENS_PER_MINUTE` | tokens of a model a tenant may use a minute, read and written; then rules answer |
| `ESCHER_AGENT_SERVER__REGISTRY_QDRANT_URL` | where published playbooks are listed: a Qdrant server, or `:memory:` to try it; empty: no registry |
| `ESCHER_AGENT_SERVER__REGISTRY_QDRANT_KEY` | key of that server: the key itself, `env:NAME` or `file:PATH` |
| `ESCHER_AGENT_SERVER__REGISTRY_BUCKET` | bucket for whole playbooks and scripts; credentials are those of boto3's usual chain |
| `ESCHER_AGENT_SERVER__REGISTRY_ENDPOINT`, `…__REGISTRY_REGION` | another S3-compatible storage than Amazon's, and the bucket's region |
| `ESCHER_AGENT_SERVER__SERVES` | `all`; `thinking`: registry pages are off, a search still reads it; `registry`: those pages alone |
"""

import ipaddress
import json
import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent_server.registry.store import IN_MEMORY

PREFIX = "ESCHER_AGENT_SERVER__"
DEFAULT_CLAUDE = "claude-sonnet-4-6"
_CHOICES = ("auto", "offline", "claude")
Names = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """The settings cannot work; the text says which key and what to write."""


class Settings(BaseSettings):
    """What the agent server needs to know; everything has a default that works offline on loopback."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, populate_by_name=True, extra="forbid", frozen=True
    )

    model: str = Field(default="auto", validation_alias=AliasChoices(f"{PREFIX}MODEL", "ESCHER_AGENT__MODEL"))
    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices(f"{PREFIX}API_KEY", "ANTHROPIC_API_KEY")
    )
    base_url: str = ""
    issuer: str = ""
    audience: Names = ()
    tenants: Names = ()
    rate_per_minute: int = Field(default=6000, ge=1)
    burst: int = Field(default=600, ge=1)
    request_seconds: float = Field(default=29.0, ge=5.0, le=600.0)
    max_tokens: int = Field(default=4096, ge=256, le=32_000)
    tokens_per_request: int = Field(default=60_000, ge=1_000)
    tokens_per_minute: int = Field(default=400_000, ge=1_000)
    registry_qdrant_url: str = ""
    registry_qdrant_key: SecretStr = SecretStr("")
    registry_bucket: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$")
    registry_endpoint: str = ""
    registry_region: str = ""
    serves: Literal["all", "thinking", "registry"] = "all"

    @property
    def claude(self) -> str:
        """The name of the Claude model that answers; empty when the offline planner does."""
        if self.model == "offline" or not self.api_key.get_secret_value():
            return ""
        return DEFAULT_CLAUDE if self.model in _CHOICES else self.model

    @property
    def has_registry(self) -> bool:
        """Whether there is a registry of playbooks to read."""
        return bool(self.registry_qdrant_url)

    @property
    def authenticates(self) -> bool:
        """Whether callers must show a token."""
        return bool(self.issuer)

    @field_validator("audience", "tenants", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return _json_list(value)
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        if value in _CHOICES or value.startswith("claude-"):
            return value
        raise ValueError("write auto, offline, claude, or the name of a Claude model such as " + DEFAULT_CLAUDE)

    @field_validator("api_key", "registry_qdrant_key")
    @classmethod
    def _fetched(cls, value: SecretStr) -> SecretStr:
        return SecretStr(_secret(value.get_secret_value()))

    @field_validator("base_url", "issuer", "registry_qdrant_url", "registry_endpoint")
    @classmethod
    def _safe_address(cls, value: str, which: ValidationInfo) -> str:
        if which.field_name == "registry_qdrant_url" and value == IN_MEMORY:
            return value
        parts = urlsplit(value)
        if value and parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("write an https:// address; http:// is for loopback only")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if bool(self.issuer) != bool(self.audience):
            raise ValueError(
                f"issuer and audience belong together: set {PREFIX}ISSUER and {PREFIX}AUDIENCE, or neither"
            )
        if self.model not in {"auto", "offline"} and not self.api_key.get_secret_value():
            raise ValueError(f"model {self.model} needs api_key: set {PREFIX}API_KEY, or write model offline")
        if bool(self.registry_qdrant_url) != bool(self.registry_bucket):
            both = f"{PREFIX}REGISTRY_QDRANT_URL and {PREFIX}REGISTRY_BUCKET"
            raise ValueError(f"registry_qdrant_url and registry_bucket belong together: set {both}, or neither")
        if self.serves == "registry" and not self.has_registry:
            raise ValueError("serves registry needs one: set registry_qdrant_url and registry_bucket")
        return self


def load() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: When a value cannot work or a key is unknown.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    environment = os.environ  # noqa: TID251 - the one settings.py of this process
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"{unknown[0]} is no setting; there are {', '.join(sorted(known))}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        name = key if key.isupper() else f"{PREFIX}{key.upper()}" if key else ""
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")) from None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(reference: str) -> str:
    """Return what a reference to a secret stands for."""
    kind, _, rest = reference.partition(":")
    match kind:
        case "env":
            value = os.environ.get(rest)  # noqa: TID251 - likewise
            return value or _missing(f"the variable {rest} is not set")
        case "file":
            path = Path(rest).expanduser()
            return path.read_text(encoding="utf-8").strip() if path.is_file() else _missing(f"there is no file {rest}")
        case "keyring":
            return _missing("a keychain is the runner's; write env:NAME or file:PATH")
        case _:
            return reference


def _json_list(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise ValueError('write a list such as ["a", "b"], or names with commas between them') from None


def _missing(why: str) -> str:
    raise ValueError(why)
