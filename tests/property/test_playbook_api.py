"""Whatever is sent to the playbook pages, the answer is the agreed form or a documented problem, never a failure of ours."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.app import create_app
from agent_server.contract.playbook import (
    DraftReply,
    PlaybookListing,
    PlaybookMetadata,
    PlaybookSearchReply,
    PublishedPlaybook,
    ScriptLink,
)
from agent_server.door import Door
from agent_server.registry.store import IN_MEMORY
from agent_server.settings import Settings
from tests.fakes.plan_requests import intent
from tests.fakes.published import publish, storage

ONE = "/v1/playbooks/{id}/{version}"
POSTS: dict[str, Any] = {
    "/v1/playbooks": PlaybookMetadata,
    f"{ONE}/review": PlaybookMetadata,
    f"{ONE}/status": PlaybookMetadata,
    f"{ONE}/usage": PlaybookMetadata,
    "/v1/playbooks/search": PlaybookSearchReply,
    "/v1/playbooks/draft": DraftReply,
}
GETS: dict[str, Any] = {
    "/v1/playbooks": PlaybookListing,
    "/v1/playbooks/{id}": PlaybookListing,
    ONE: PublishedPlaybook,
    f"{ONE}/scripts/{{language}}": ScriptLink,
}
KNOWN: dict[str, Any] = {
    "/v1/playbooks": publish().model_dump(mode="json"),
    f"{ONE}/review": {"decision": "approve", "note": "x"},
    f"{ONE}/status": {"status": "archived", "note": "x"},
    f"{ONE}/usage": {"executions": 2, "successes": 1},
    "/v1/playbooks/search": {
        "request_id": "h",
        "text": "stop databases",
        "intent": intent(intent="playbook", action="playbook_find").model_dump(mode="json"),
        "capabilities": ["aws.rds.stop_db_instance"],
    },
    "/v1/playbooks/draft": {
        "request_id": "h",
        "text": "stop databases",
        "name": "Stop",
        "intent": intent().model_dump(mode="json"),
        "steps": publish().model_dump(mode="json")["playbook"]["steps"],
    },
}
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
steps = st.lists(
    st.fixed_dictionaries(
        {
            "operation": st.sampled_from(["aws.rds.stop_db_instance", "escher.s3.encrypt", "azure.x.y"]),
            "description": st.text(max_size=20),
            "target": st.text(max_size=10),
            "params": st.dictionaries(st.text(max_size=8), anything, max_size=3),
            "depends_on": st.lists(st.integers(0, 5), max_size=2),
        }
    ),
    max_size=4,
)
parameters = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "b"]),
            "kind": st.sampled_from(["string", "integer", "choice"]),
            "description": st.text(max_size=20),
            "default": leaves,
            "pattern": st.text(max_size=10),
        }
    ),
    max_size=2,
)
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def server() -> Iterator[Door]:
    """One server for all, with a registry, which nobody can flood."""
    many = 10_000_000
    with storage() as s3:
        yield create_app(
            Settings(
                model="offline",
                burst=many,
                rate_per_minute=many,
                registry_qdrant_url=IN_MEMORY,
                registry_bucket=s3.bucket,
                registry_endpoint=s3.url,
            ),
            log=lambda _record: None,
        )


async def asked(server: Door, method: str, path: str, content: bytes = b"") -> httpx.Response:
    """Ask it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server), base_url="http://agent") as http:
        headers = {"content-type": "application/json"} if method == "POST" else {}
        return await http.request(method, path, content=content, headers=headers)


def hold(answer: httpx.Response, model: Any) -> None:
    """An answer has the agreed form, or is a documented refusal as a problem document."""
    if answer.status_code in {200, 201}:
        model.model_validate_json(answer.content)
        return
    assert answer.status_code in {400, 404, 405, 409, 413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


def at(page: str) -> str:
    """A page of the one playbook that may be there."""
    return page.format(id="weekend-shutdown", version="1.2.0", language="bash")


@pytest.mark.parametrize("page", POSTS)
class TestAnyBody:
    @some
    @given(body=st.binary(max_size=200))
    async def test_bytes(self, server: Door, page: str, body: bytes) -> None:
        """Any bytes at all."""
        hold(await asked(server, "POST", at(page), body), POSTS[page])

    @some
    @given(body=anything)
    async def test_json(self, server: Door, page: str, body: object) -> None:
        """Any JSON, with the numbers that JSON does not have."""
        hold(await asked(server, "POST", at(page), json.dumps(body).encode()), POSTS[page])

    @settings(some, max_examples=60)
    @given(data=st.data())
    async def test_a_valid_request_with_one_field_replaced(self, server: Door, page: str, data: st.DataObject) -> None:
        """Each field in turn holds something else."""
        body = json.loads(json.dumps(KNOWN[page]))
        place = body
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
                place = place[key]
                continue
            place[key] = data.draw(anything)
            break
        hold(await asked(server, "POST", at(page), json.dumps(body).encode()), POSTS[page])


class TestPublishing:
    @settings(some, max_examples=80)
    @given(steps=steps, parameters=parameters, version=st.from_regex(r"[0-9]\.[0-9]\.[0-9]", fullmatch=True))
    async def test_any_playbook_is_kept_and_comes_back_or_is_refused(
        self, server: Door, steps: Any, parameters: Any, version: str
    ) -> None:
        """What is accepted can be listed, read and searched for."""
        body = json.loads(json.dumps(KNOWN["/v1/playbooks"]))
        body["playbook"] |= {"steps": steps, "parameters": parameters, "version": version}
        answer = await asked(server, "POST", "/v1/playbooks", json.dumps(body).encode())
        hold(answer, PlaybookMetadata)
        if answer.status_code == 201:
            whole = await asked(server, "GET", f"/v1/playbooks/weekend-shutdown/{version}")
            assert whole.status_code == 200
            found = await asked(
                server, "POST", "/v1/playbooks/search", json.dumps(KNOWN["/v1/playbooks/search"]).encode()
            )
            assert found.status_code == 200


@pytest.mark.parametrize("page", GETS)
class TestAnyAddress:
    @some
    @given(id_=st.text(max_size=30), version=st.text(max_size=12), language=st.text(max_size=8))
    async def test_ids_versions_and_languages(
        self, server: Door, page: str, id_: str, version: str, language: str
    ) -> None:
        """Whatever stands in an address, there is such a thing or there is not."""
        parts = {"id": id_, "version": version, "language": language}
        path = page.format(**{key: quote(value, safe="") for key, value in parts.items()})
        answer = await asked(server, "GET", path)
        if answer.status_code == 200:
            assert answer.json().keys() <= {"playbooks"}
        else:
            hold(answer, None)

    @some
    @given(status=st.text(max_size=12))
    async def test_queries(self, server: Door, page: str, status: str) -> None:
        """A state that there is not is a wrong field, not a failure."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server), base_url="http://agent") as http:
            hold(await http.get(at(page), params={"status": status}), GETS[page])
