"""What a server with a registry stands on: an issuer of tokens, S3, and, where a model ranks, a Messages API."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from agent_server.app import create_app
from agent_server.models.anthropic import Claude
from agent_server.models.deterministic import Deterministic
from tests.fakes.anthropic_api import FakeAnthropic
from tests.fakes.issuer import CLIENT, Issuer
from tests.fakes.published import Storage, storage
from tests.fakes.registry_pages import EMBEDDER, bearer, settings


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer of tokens."""
    with Issuer() as running:
        yield running


@pytest.fixture(scope="module")
def any_storage() -> Iterator[Storage]:
    """S3 on loopback."""
    with storage() as running:
        yield running


@pytest.fixture
def s3(any_storage: Storage) -> Storage:
    """The same with an empty bucket."""
    return any_storage.emptied()


@pytest.fixture
def records() -> list[dict[str, Any]]:
    """What was logged."""
    return []


@pytest.fixture
async def http(s3: Storage, issuer: Issuer, records: list[dict[str, Any]]) -> AsyncIterator[httpx.AsyncClient]:
    """The server with authentication, asked as the tenant acme."""
    app = create_app(
        settings(s3, issuer=issuer.url, audience=(CLIENT,)),
        log=lambda record: records.append(dict(record)),
        embedder=EMBEDDER,
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://agent", headers=bearer(issuer)) as client:
        yield client


@pytest.fixture
def api() -> Iterator[FakeAnthropic]:
    """A Messages API."""
    with FakeAnthropic() as running:
        yield running


@pytest.fixture
async def claude(api: FakeAnthropic) -> AsyncIterator[Claude]:
    """Claude at that endpoint."""
    made = Claude(name="claude-sonnet-4-6", api_key=api.api_key, offline=Deterministic(), base_url=api.url)
    yield made
    await made.close()
