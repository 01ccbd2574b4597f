"""The runner's own client against the agent server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from agent_server.app import create_app
from agent_server.models.port import ModelUnavailable
from agent_server.models.scripted import Scripted
from agent_server.settings import Settings
from engine.planning import wire
from engine.planning.planner import HttpPlanner
from engine.planning.wire import PlannerUnavailable
from tests.fakes.plan_requests import intent, plan_request, said, targets


def planner(model: Any = None, **settings: Any) -> HttpPlanner:
    """The runner's client, connected to a server."""
    app = create_app(Settings(**{"model": "offline", **settings}), model=model, log=lambda _record: None)
    return HttpPlanner("http://agent", transport=httpx.ASGITransport(app=app))


async def test_it_understands_and_plans() -> None:
    """What the server answers has the form that the runner expects."""
    client = planner()
    read = await client.understand(said("stop all dev ec2 instances"))
    reply = await client.plan(plan_request(read, targets(2), "aws.ec2.stop_instances"))
    await client.close()
    assert reply.plan is not None
    assert reply.plan.steps[0].targets == ["r1", "r2"]


async def test_a_flood_is_told_to_wait() -> None:
    """429 arrives as a reason with a time."""
    client = planner(burst=1, rate_per_minute=1)
    await client.understand(said("help"))
    with pytest.raises(PlannerUnavailable, match="busy") as refused:
        await client.understand(said("help"))
    assert refused.value.retry_after == 60
    await client.close()


async def test_a_model_that_is_away_is_told() -> None:
    """503 arrives as a reason with a time."""
    client = planner(Scripted(plans=[ModelUnavailable(retry_after=9)]))
    with pytest.raises(PlannerUnavailable, match="not available") as refused:
        await client.plan(plan_request(intent(), targets(1), "aws.ec2.stop_instances"))
    assert refused.value.retry_after == 9
    await client.close()


def held(*pieces: bytes, pause: float = 0.0) -> tuple[HttpPlanner, list[int]]:
    """A client of a server that sends these pieces, and the sizes that it really sent."""
    sent: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            sent.append(len(piece))
            yield piece
            await asyncio.sleep(pause)

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=body()))
    return HttpPlanner("http://agent", transport=transport), sent


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    """What comes after the most that an answer may have is left where it is."""
    client, sent = held(*[b" " * 1_000_000] * 50)
    with pytest.raises(PlannerUnavailable, match="too large"):
        await client.understand(said("help"))
    assert sum(sent) <= 5_000_000
    await client.close()


async def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is for all of it, not for each piece."""
    monkeypatch.setattr(wire, "DEADLINE_SECONDS", 0.05)
    client, _ = held(*[b" "] * 1000, pause=0.01)
    with pytest.raises(PlannerUnavailable, match="did not answer within"):
        await client.understand(said("help"))
    await client.close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, {"code": "credential", "detail": "take it out"}, "credential"),
        (413, {"code": "too_large", "detail": "group the targets"}, "too_large"),
        (400, {"code": "malformed", "detail": "not JSON"}, "malformed"),
    ],
)
async def test_a_no_to_the_request_itself_is_a_no_and_not_an_outage(status: int, body: Any, code: str) -> None:
    """It says why; the same again would only be answered so again."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json=body))
    client = HttpPlanner("http://agent", transport=transport)
    with pytest.raises(wire.Declined, match=body["detail"]) as refused:
        await client.understand(said("help"))
    assert (refused.value.status, refused.value.code) == (status, code)
    await client.close()


async def test_what_a_proxy_says_is_an_outage() -> None:
    """An error page is not the agent server's word."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(413, text="<html>Payload too large</html>"))
    client = HttpPlanner("http://agent", transport=transport)
    with pytest.raises(PlannerUnavailable, match="too large") as refused:
        await client.understand(said("help"))
    assert not isinstance(refused.value, wire.Declined)
    await client.close()
