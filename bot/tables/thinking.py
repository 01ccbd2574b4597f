"""The agent server: how the runner reaches it, and how it is run."""

from typing import Literal

from pydantic import Field

from bot.tables.values import Table


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
        request_seconds: How long one request may take; then the caller is told when to come back.
        max_tokens: Most tokens of one answer of the model.
        tokens_per_request: Most tokens sent to the model for one request; longer ones are answered by rules.
        tokens_per_minute: Tokens of the model a tenant may use a minute; then rules answer.
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
    request_seconds: float | None = Field(default=None, ge=5.0, le=600.0)
    max_tokens: int | None = Field(default=None, ge=1)
    tokens_per_request: int | None = Field(default=None, ge=1_000)
    tokens_per_minute: int | None = Field(default=None, ge=1_000)
    registry_qdrant_url: str = ""
    registry_qdrant_key: str = ""
    registry_bucket: str = ""
    registry_endpoint: str = ""
    registry_region: str = ""
    serves: Literal["all", "thinking", "registry"] = "all"
