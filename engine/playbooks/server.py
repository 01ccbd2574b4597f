"""The port to the agent server's playbook calls, and its HTTP client. Everything it returns is untrusted."""

from typing import Protocol
from urllib.parse import urlsplit

import httpx

from agent_server.contract.playbook import (
    DraftReply,
    DraftRequest,
    Language,
    PlaybookListing,
    PlaybookMetadata,
    PlaybookSearchReply,
    PlaybookSearchRequest,
    PublishedPlaybook,
    PublishRequest,
    ReviewRequest,
    ScriptLink,
    StatusRequest,
    UsageReport,
)
from engine.planning.wire import AgentWire, Token, no_token
from engine.playbooks.scripts import is_loopback


class PlaybookServer(Protocol):
    """Finds, drafts and publishes playbooks.

    Each call raises `Declined` for a reasoned "no" (`not_enabled`: there is no registry) and `PlannerUnavailable` when there is no
    usable answer.
    """

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        ...

    async def search(self, request: PlaybookSearchRequest) -> PlaybookSearchReply:
        """Say which playbooks fit."""
        ...

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Make a playbook of what was done."""
        ...

    async def publish(self, request: PublishRequest) -> PlaybookMetadata:
        """Upload one version; the same upload again changes nothing."""
        ...

    async def listed(self) -> PlaybookListing:
        """List what the tenant published."""
        ...

    async def one(self, playbook: str, version: str) -> PublishedPlaybook:
        """Give one published version whole."""
        ...

    async def versions(self, playbook: str) -> PlaybookListing:
        """List the versions of one playbook."""
        ...

    async def review(self, playbook: str, version: str, request: ReviewRequest) -> PlaybookMetadata:
        """Approve or reject."""
        ...

    async def move(self, playbook: str, version: str, request: StatusRequest) -> PlaybookMetadata:
        """Change the state."""
        ...

    async def script(self, playbook: str, version: str, language: Language) -> ScriptLink:
        """Say where a script can be fetched for a while."""
        ...

    async def count(self, playbook: str, version: str, report: UsageReport) -> PlaybookMetadata:
        """Tell how often a version was run."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class HttpPlaybooks:
    """The agent server's playbook calls over HTTP.

    Args:
        url: Its base address.
        token: Gives the bearer token for each request, or None without authentication.
        transport: For tests: another httpx transport.
    """

    def __init__(self, url: str, *, token: Token = no_token, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._wire = AgentWire(url, token=token, transport=transport)
        self._local = is_loopback(urlsplit(url).hostname or "")

    @property
    def local(self) -> bool:
        """Whether its address is this machine's own."""
        return self._local

    async def search(self, request: PlaybookSearchRequest) -> PlaybookSearchReply:
        """Ask `POST /v1/playbooks/search`."""
        return await self._wire.post("/v1/playbooks/search", request, PlaybookSearchReply)

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Ask `POST /v1/playbooks/draft`."""
        return await self._wire.post("/v1/playbooks/draft", request, DraftReply)

    async def publish(self, request: PublishRequest) -> PlaybookMetadata:
        """Ask `POST /v1/playbooks`."""
        return await self._wire.post("/v1/playbooks", request, PlaybookMetadata)

    async def listed(self) -> PlaybookListing:
        """Ask `GET /v1/playbooks`."""
        return await self._wire.get("/v1/playbooks", PlaybookListing)

    async def versions(self, playbook: str) -> PlaybookListing:
        """Ask `GET /v1/playbooks/{id}`."""
        return await self._wire.get(f"/v1/playbooks/{playbook}", PlaybookListing)

    async def one(self, playbook: str, version: str) -> PublishedPlaybook:
        """Ask `GET /v1/playbooks/{id}/{version}`."""
        return await self._wire.get(f"/v1/playbooks/{playbook}/{version}", PublishedPlaybook)

    async def review(self, playbook: str, version: str, request: ReviewRequest) -> PlaybookMetadata:
        """Ask `POST /v1/playbooks/{id}/{version}/review`."""
        return await self._wire.post(f"/v1/playbooks/{playbook}/{version}/review", request, PlaybookMetadata)

    async def move(self, playbook: str, version: str, request: StatusRequest) -> PlaybookMetadata:
        """Ask `POST /v1/playbooks/{id}/{version}/status`."""
        return await self._wire.post(f"/v1/playbooks/{playbook}/{version}/status", request, PlaybookMetadata)

    async def script(self, playbook: str, version: str, language: Language) -> ScriptLink:
        """Ask `GET /v1/playbooks/{id}/{version}/scripts/{language}`."""
        return await self._wire.get(f"/v1/playbooks/{playbook}/{version}/scripts/{language.value}", ScriptLink)

    async def count(self, playbook: str, version: str, report: UsageReport) -> PlaybookMetadata:
        """Ask `POST /v1/playbooks/{id}/{version}/usage`."""
        return await self._wire.post(f"/v1/playbooks/{playbook}/{version}/usage", report, PlaybookMetadata)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()
