"""Whatever is sent to the thinking pages, the answer is the agreed form or a problem document, never a failure of ours."""

import json
from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.app import create_app
from agent_server.contract.answer import AnswerReply
from agent_server.contract.assess import AssessReply
from agent_server.contract.intent import Action, Intent
from agent_server.contract.plan import PlanReply
from agent_server.door import Door
from agent_server.settings import Settings
from tests.fakes.plan_requests import intent, plan_request, said, target
from tests.fakes.snapshots import question

PAGES = {"/v1/intent": Intent, "/v1/plan": PlanReply, "/v1/answer": AnswerReply, "/v1/assess": AssessReply}
KNOWN = {
    "/v1/intent": said("stop all dev instances").model_dump(mode="json"),
    "/v1/answer": question("why did spending go up").model_dump(mode="json"),
    "/v1/assess": {
        "request_id": "h",
        "event": {"code": "s3.bucket_made_public", "facts": {"minutes_exposed": 3}},
        "outcome": [{"handle": "r1", "operation": "aws.ec2.stop_instances", "state": "failed", "code": "AccessDenied"}],
        "targets": [target("r1").model_dump(mode="json")],
    },
    "/v1/plan": plan_request(
        intent(parts=[{"action": "snapshot"}, {"action": "delete", "after": [0]}]),
        [target("r1"), target("r2", part=1)],
        "aws.ec2.create_snapshots",
        "aws.ec2.terminate_instances",
    ).model_dump(mode="json"),
}
OPERATIONS = ("aws.ec2.stop_instances", "aws.ec2.create_tags", "aws.ec2.modify_volume", "escher.s3.enable", "aws.x.y")
FILTERS = ("name", "tags", "set_tags", "remove_tags", "size_gb", "feature", "instance_type", "region", "exclude")

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def plan_bodies(draw: st.DrawFn) -> dict[str, Any]:
    """Requests for plans that are valid, with everything in them that is free to vary."""
    filters = st.dictionaries(st.sampled_from(FILTERS), anything, max_size=4)
    parts = st.fixed_dictionaries(
        {
            "action": st.sampled_from([action.value for action in Action]),
            "filters": filters,
            "after": st.lists(st.integers(0, 5), max_size=3),
        }
    )
    types = st.sampled_from(
        [
            ("ec2::instance", "aws"),
            ("ec2::volume", "aws"),
            ("s3::bucket", "aws"),
            ("compute::disk", "gcp"),
            ("y", "azure"),
        ]
    )
    chosen = draw(st.lists(types, max_size=6))
    on = [
        {
            "handle": f"r{draw(st.integers(1, 8))}",
            "type": type_,
            "cloud": cloud,
            "part": draw(st.integers(0, 4)),
            "state": draw(st.sampled_from(["", "running", "stopped", "in-use", "odd"])),
            "tags": draw(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2)),
            "facts": draw(st.dictionaries(st.text(max_size=8), leaves, max_size=2)),
        }
        for type_, cloud in chosen
    ]
    return {
        "request_id": "h",
        "text": draw(st.text(max_size=50)),
        "intent": {
            "intent": "execute",
            "action": draw(st.sampled_from([action.value for action in Action])),
            "filters": draw(filters),
            "steps": draw(st.lists(st.sampled_from(["stop", "start", "delete", "list"]), max_size=4)),
            "parts": draw(st.lists(parts, max_size=4)),
        },
        "targets": on,
        "capabilities": draw(st.lists(st.sampled_from(OPERATIONS), max_size=5)),
    }


@cache
def server() -> Door:
    """One server for all, which nobody can flood: it keeps nothing between requests."""
    many = 10_000_000
    return create_app(Settings(model="offline", burst=many, rate_per_minute=many), log=lambda _record: None)


async def answered(path: str, content: bytes) -> httpx.Response:
    """Ask it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server()), base_url="http://agent") as http:
        return await http.post(path, content=content, headers={"content-type": "application/json"})


def hold(path: str, answer: httpx.Response) -> None:
    """An answer has the agreed form, or is a refusal as a problem document."""
    if answer.status_code == 200:
        PAGES[path].model_validate_json(answer.content)
        return
    assert answer.status_code in {400, 413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("path", PAGES)
class TestAnyBody:
    @settings(max_examples=40, deadline=None)
    @given(body=st.binary(max_size=200))
    async def test_bytes(self, path: str, body: bytes) -> None:
        """Any bytes at all."""
        hold(path, await answered(path, body))

    @settings(max_examples=40, deadline=None)
    @given(body=anything)
    async def test_json(self, path: str, body: object) -> None:
        """Any JSON, with the numbers that JSON does not have."""
        hold(path, await answered(path, json.dumps(body).encode()))

    @settings(max_examples=80, deadline=None)
    @given(data=st.data())
    async def test_a_valid_request_with_one_field_replaced(self, path: str, data: st.DataObject) -> None:
        """Each field in turn holds something else."""
        body = json.loads(json.dumps(KNOWN[path]))
        place = body
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
                place = place[key]
                continue
            place[key] = data.draw(anything)
            break
        hold(path, await answered(path, json.dumps(body).encode()))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"request_id": "a", "text": "x", "history": ' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"request_id": "a", "text": ' + b"9" * 10_000 + b"}",
        b'{"request_id": "a", "text": "\\ud800"}',
        b'{"request_id": "a", "text": "\\u0000"}',
        b'{"request_id": "a", "text": NaN}',
        b'{"request_id": "a", "text": 1e999}',
        b'\xef\xbb\xbf{"request_id": "a", "text": "x"}',
    ],
    ids=["brackets", "braces", "deep", "digits", "surrogate", "nul", "nan", "infinity", "byte order mark"],
)
@pytest.mark.parametrize("path", PAGES)
async def test_known_troublemakers_of_parsers(path: str, body: bytes) -> None:
    """Depth, length, broken Unicode and numbers that are none."""
    hold(path, await answered(path, body))


class TestPlans:
    @settings(max_examples=150, deadline=None)
    @given(body=plan_bodies())
    async def test_any_valid_request_is_planned_asked_about_or_refused(self, body: dict[str, Any]) -> None:
        """A plan names only operations and handles of its request, each step after those it waits for."""
        answer = await answered("/v1/plan", json.dumps(body).encode())
        hold("/v1/plan", answer)
        if answer.status_code != 200:
            return
        reply = PlanReply.model_validate_json(answer.content)
        assert reply.summary
        if reply.plan is None:
            assert reply.kind != "plan"
            return
        handles = {one["handle"] for one in body["targets"]}
        for index, step in enumerate(reply.plan.steps):
            assert step.operation in body["capabilities"]
            assert set(step.targets) <= handles
            assert all(earlier < index for earlier in step.depends_on)
