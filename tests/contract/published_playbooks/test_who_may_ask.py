"""Who is answered by the registry, what is let in, and what is logged."""

from typing import Any

import httpx
import pytest

from agent_server.app import create_app
from tests.fakes.issuer import Issuer
from tests.fakes.published import Storage, playbook, publish
from tests.fakes.registry_pages import EMBEDDER, ONE, PAGE, bearer, published, refused, settings


class TestTenants:
    async def test_no_tenant_sees_or_touches_anothers(self, http: httpx.AsyncClient, issuer: Issuer) -> None:
        """Every page answers another tenant as if nothing had been published; its own upload of the same id is its own."""
        await published(http)
        other = bearer(issuer, "other")
        assert (await http.get(PAGE, headers=other)).json() == {"playbooks": []}
        for path in (f"{PAGE}/weekend-shutdown", ONE, f"{ONE}/scripts/bash"):
            await refused(http.get(path, headers=other), 404, "no_playbook")
        for page, body in (
            ("review", {"decision": "approve"}),
            ("status", {"status": "archived"}),
            ("usage", {"executions": 1, "successes": 1}),
        ):
            await refused(http.post(f"{ONE}/{page}", json=body, headers=other), 404, "no_playbook")
        body = publish(summary="The other's own.").model_dump(mode="json")
        assert (await http.post(PAGE, json=body, headers=other)).status_code == 201
        assert (await http.get(ONE)).json()["playbook"]["summary"] == playbook().summary

    async def test_without_a_token_there_is_nothing(self, http: httpx.AsyncClient) -> None:
        """Reading and writing alike; a tenant in the body is no field."""
        await refused(http.get(PAGE, headers={"authorization": ""}), 401, "unauthorized")
        await refused(http.post(PAGE, json={}, headers={"authorization": ""}), 401, "unauthorized")
        body = {**publish().model_dump(mode="json"), "tenant": "other"}
        await refused(http.post(PAGE, json=body), 422, "invalid")

    async def test_without_authentication_everyone_is_the_local_tenant(self, s3: Storage) -> None:
        """What is stored is stored under that name, whatever a header claims."""
        app = create_app(settings(s3), log=lambda _record: None, embedder=EMBEDDER)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as client:
            await client.post(PAGE, json=publish().model_dump(mode="json"), headers={"x-tenant": "acme"})
        assert [key.split("/")[0] for key in s3.files()] == ["local", "local"]


class TestDoor:
    async def test_logs_name_pages_and_no_ids(self, http: httpx.AsyncClient, records: list[dict[str, Any]]) -> None:
        """A playbook's name may say what somebody is about to do."""
        await published(http)
        for path in (f"{PAGE}/weekend-shutdown", ONE, f"{ONE}/scripts/bash", "/v1/playbooks/a/b/c/d/e"):
            await http.get(path)
        await http.post(f"{ONE}/usage", json={"executions": 1, "successes": 1})
        assert [record["route"] for record in records] == [
            "/v1/playbooks",
            "/v1/playbooks/{id}",
            "/v1/playbooks/{id}/{version}",
            "/v1/playbooks/{id}/{version}/scripts/{language}",
            "other",
            "/v1/playbooks/{id}/{version}/usage",
        ]
        assert "weekend" not in repr(records)

    async def test_a_script_with_a_credential_in_it_is_refused(self, http: httpx.AsyncClient, s3: Storage) -> None:
        """The door looks at uploads as it looks at words."""
        body = publish(scripts={"bash": "export AWS_ACCESS_KEY_ID=AKIAABCDEFGHIJKLMNOP"}).model_dump(mode="json")
        await refused(http.post(PAGE, json=body), 422, "credential")
        assert s3.files() == []

    @pytest.mark.parametrize("page", ["", "/weekend-shutdown/1.2.0/review", "/weekend-shutdown/1.2.0/usage"])
    async def test_bodies_have_the_same_limits_everywhere(self, http: httpx.AsyncClient, page: str) -> None:
        """Size and media type are looked at before a page reads anything."""
        large = b'{"a": "' + b"x" * (2 * 1024 * 1024) + b'"}'
        json_type = {"content-type": "application/json"}
        await refused(http.post(PAGE + page, content=large, headers=json_type), 413, "too_large")
        text = {"content-type": "text/plain"}
        await refused(http.post(PAGE + page, content=b"{}", headers=text), 415, "unsupported_media_type")


async def test_every_problem_of_the_pages_is_in_the_document(http: httpx.AsyncClient) -> None:
    """404, 409 and 422 are documented as problem documents on every page that can answer them."""
    paths = (await http.get("/openapi.json")).json()["paths"]
    pages = {path: page for path, page in paths.items() if path == PAGE or path.startswith(f"{PAGE}/{{")}
    assert len(pages) == 7
    for page in pages.values():
        for operation in page.values():
            for status in ("401", "404", "409", "422", "429", "503"):
                assert "application/problem+json" in operation["responses"][status]["content"]
