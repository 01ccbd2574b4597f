"""The registry's pages, as a tenant asks them."""

from collections.abc import Awaitable
from typing import Any

import httpx

from agent_server.contract.playbook import PlaybookMetadata
from agent_server.embedding.minilm import MiniLm
from agent_server.registry.store import IN_MEMORY
from agent_server.settings import Settings
from tests.fakes.issuer import Issuer
from tests.fakes.published import Storage, publish

PAGE = "/v1/playbooks"
ONE = f"{PAGE}/weekend-shutdown/1.2.0"
EMBEDDER = MiniLm()


def settings(s3: Storage, **more: Any) -> Settings:
    """A server with a registry."""
    known = {"registry_qdrant_url": IN_MEMORY, "registry_bucket": s3.bucket, "registry_endpoint": s3.url}
    return Settings(**{"model": "offline", **known, **more})


def bearer(issuer: Issuer, tenant: str = "acme") -> dict[str, str]:
    """The header of a tenant."""
    return {"authorization": f"Bearer {issuer.token(**{'custom:tenant': tenant})}"}


async def published(http: httpx.AsyncClient, strategy: str = "uploaded_trusted", **fields: Any) -> PlaybookMetadata:
    """Publish, and return what the server says of it."""
    answer = await http.post(PAGE, json=publish(strategy, **fields).model_dump(mode="json"))
    assert answer.status_code == 201, answer.text
    return PlaybookMetadata.model_validate_json(answer.content)


async def refused(call: Awaitable[httpx.Response], status: int, code: str) -> str:
    """The sentence of a refusal, whose form is checked."""
    answer = await call
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    return str(answer.json()["detail"])


async def states(http: httpx.AsyncClient) -> dict[str, str]:
    """The state of each version."""
    return {one["version"]: one["status"] for one in (await http.get(PAGE)).json()["playbooks"]}
