"""A server has a registry when it was given one, and says so when not."""

import httpx
import pytest

from agent_server.app import create_app
from agent_server.settings import Settings, SettingsError, load
from tests.fakes.published import Storage, publish
from tests.fakes.registry_pages import EMBEDDER, ONE, PAGE, refused, settings


class TestOptingIn:
    async def test_without_a_registry_every_page_says_so(self) -> None:
        """404, in words for the operator; also for a server that only thinks."""
        app = create_app(Settings(model="offline"), log=lambda _record: None, embedder=EMBEDDER)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as client:
            for path in (PAGE, f"{PAGE}/weekend-shutdown", ONE, f"{ONE}/scripts/bash"):
                await refused(client.get(path), 404, "not_enabled")
            await refused(client.post(PAGE, json=publish().model_dump(mode="json")), 404, "not_enabled")
            await refused(client.post(f"{ONE}/review", json={"decision": "approve"}), 404, "not_enabled")

    async def test_a_thinking_server_offers_no_registry_and_a_registry_does_not_think(self, s3: Storage) -> None:
        """Two processes can share the work: each has its own pages only."""
        intent = {"request_id": "a", "text": "stop all dev instances"}
        found = {}
        for serves in ("all", "thinking", "registry"):
            app = create_app(settings(s3, serves=serves), log=lambda _record: None, embedder=EMBEDDER)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as client:
                answers = (await client.post("/v1/intent", json=intent), await client.get(PAGE))
            found[serves] = tuple(answer.status_code for answer in answers)
        assert found == {"all": (200, 200), "thinking": (200, 404), "registry": (404, 200)}

    async def test_stores_that_do_not_answer_are_a_reason_to_try_later(self, s3: Storage) -> None:
        """503 with Retry-After, whichever of the two it is."""
        for broken in (
            {"registry_qdrant_url": "http://127.0.0.1:9"},
            {"registry_endpoint": "http://127.0.0.1:9"},
        ):
            app = create_app(settings(s3, **broken), log=lambda _record: None, embedder=EMBEDDER)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as client:
                answer = await client.post(PAGE, json=publish().model_dump(mode="json"))
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0

    @pytest.mark.parametrize(
        ("environment", "why"),
        [
            ({"REGISTRY_QDRANT_URL": ":memory:"}, "belong together"),
            ({"REGISTRY_BUCKET": "escher"}, "belong together"),
            ({"SERVES": "registry"}, "set registry_qdrant_url and registry_bucket"),
            ({"REGISTRY_QDRANT_URL": "http://qdrant.example.org", "REGISTRY_BUCKET": "escher"}, "https"),
            ({"REGISTRY_BUCKET": "Not A Bucket"}, "REGISTRY_BUCKET"),
        ],
    )
    def test_settings_that_cannot_work_are_named(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], why: str
    ) -> None:
        """Half a registry is none, and nothing goes over the network in the clear."""
        for name, value in environment.items():
            monkeypatch.setenv(f"ESCHER_AGENT_SERVER__{name}", value)
        with pytest.raises(SettingsError, match=why):
            load()
