"""What one request may take of the agent server, and one tenant of a vendor's model: time, tokens, and what is said when they are used up."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from agent_server.app import create_app
from agent_server.contract.answer import AnswerRequest
from agent_server.contract.plan import TargetFacts
from agent_server.door import Door
from agent_server.limiting import Limiter
from agent_server.models.anthropic import SPENT, Claude
from agent_server.models.budget import TokenBudget, estimated
from agent_server.models.deterministic import Deterministic
from agent_server.models.metering import open_meter
from agent_server.models.prompts import is_free, stripped
from agent_server.settings import Settings
from tests.fakes.anthropic_api import Answer, FakeAnthropic
from tests.fakes.plan_requests import intent, plan_request, said, target, targets
from tests.fakes.poison import POISON
from tests.fakes.snapshots import question

NAME = "claude-sonnet-4-6"
STOP = "aws.ec2.stop_instances"
INTENT = said("stop all dev ec2 instances").model_dump(mode="json")
HELP = Answer(tool_input={"intent": "help", "action": "help", "answer": "hi"})


@pytest.fixture
def api() -> Iterator[FakeAnthropic]:
    """The endpoint."""
    with FakeAnthropic() as running:
        yield running


@pytest.fixture
async def claude(api: FakeAnthropic) -> AsyncIterator[Any]:
    """Makes models that talk to the endpoint, and closes them."""
    made: list[Claude] = []

    def make(**settings: Any) -> Claude:
        made.append(
            Claude(name=NAME, api_key=api.api_key, base_url=api.url, offline=Deterministic(), deadline=3.0, **settings)
        )
        return made[-1]

    yield make
    for one in made:
        await one.close()


def budget(a_minute: int = 1_000_000, a_request: int = 1_000_000) -> TokenBudget:
    """A budget whose clock stands."""
    return TokenBudget(a_minute=a_minute, a_request=a_request, clock=lambda: 0.0)


def as_drafted(body: dict[str, Any]) -> dict[str, Any]:
    """Order a draft exactly as it is."""
    return {"steps": json.loads(body["messages"][0]["content"])["draft"]}


class TestTime:
    @staticmethod
    def door(pages: Any, records: list[Any]) -> httpx.AsyncClient:
        """A server that gives each request a fifth of a second."""
        limiter = Limiter(per_second=100, burst=100, clock=lambda: 0.0)
        door = Door(pages, limiter=limiter, log=records.append, seconds=0.2)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://agent")

    async def test_a_request_that_takes_too_long_ends_in_a_503_that_says_when_to_come_back(self) -> None:
        """A problem document with Retry-After, one log record, and nothing of the request in either."""
        records: list[Any] = []

        async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
            await asyncio.sleep(60)

        async with self.door(never, records) as http:
            answer = await http.post("/v1/intent", json=INTENT)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["code"] == "unavailable"
        assert [record["status"] for record in records] == [503]
        assert "dev ec2" not in answer.text + json.dumps(records)

    async def test_a_body_that_never_ends_does_not_keep_the_server(self) -> None:
        """Also reading counts."""

        async def drip() -> AsyncIterator[bytes]:
            yield b'{"text": "'
            await asyncio.sleep(60)
            yield b'"}'

        async def pages(_scope: Scope, _receive: Receive, _send: Send) -> None:
            raise AssertionError("the body was never whole")

        async with self.door(pages, []) as http:
            answer = await http.post("/v1/intent", content=drip(), headers={"content-type": "application/json"})
        assert answer.status_code == 503


class TestUsage:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/v1/intent", INTENT),
            ("/v1/plan", plan_request(intent(), targets(2), STOP).model_dump(mode="json")),
            ("/v1/answer", question("why did spending go up").model_dump(mode="json")),
        ],
    )
    async def test_every_reply_says_what_it_used(self, path: str, body: dict[str, Any], api: FakeAnthropic) -> None:
        """Of Claude what the API counted, of rules nothing."""
        wanted = {
            "/v1/intent": HELP,
            "/v1/plan": Answer(tool_input=as_drafted),
            "/v1/answer": Answer(tool_input={"known": True, "paragraphs": ["Spending rose."]}),
        }
        api.script = [wanted[path]]
        for settings, counts in (
            (Settings(model="offline"), False),
            (Settings(model="claude", api_key=api.api_key, base_url=api.url), True),
        ):
            app = create_app(settings, log=lambda _record: None)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent") as http:
                usage = (await http.post(path, json=body)).json()["usage"]
            assert (usage["input_tokens"] > 0, usage["output_tokens"] > 0) == (counts, counts)


class TestTokens:
    async def test_when_the_minute_is_used_up_rules_answer_and_say_so(self, api: FakeAnthropic, claude: Any) -> None:
        """The tenant's next request costs nothing; another tenant's is still read by Claude."""
        api.script = [HELP, HELP]
        model = claude(budget=budget(a_minute=10))
        open_meter().tenant = "one"
        assert (await model.understand(said("stop the dev boxes"))).model != SPENT
        assert (await model.understand(said("stop the dev boxes"))).model == SPENT
        assert len(api.bodies) == 1
        open_meter().tenant = "two"
        assert (await model.understand(said("stop the dev boxes"))).model != SPENT
        assert len(api.bodies) == 2

    @pytest.mark.parametrize("page", ["intent", "plan", "answer"])
    async def test_what_is_too_long_for_one_call_is_answered_by_rules(
        self, page: str, api: FakeAnthropic, claude: Any
    ) -> None:
        """Nothing is sent."""
        model = claude(budget=budget(a_request=100))
        reply = {
            "intent": lambda: model.understand(said("stop the dev boxes")),
            "plan": lambda: model.plan(plan_request(intent(), targets(2), STOP)),
            "answer": lambda: model.answer(question("why did spending go up")),
        }[page]
        assert (await reply()).model == SPENT
        assert api.bodies == []

    def test_the_minute_fills_again(self) -> None:
        """What was used beyond it is waited for."""
        now = [0.0]
        tokens = TokenBudget(a_minute=60, a_request=1000, clock=lambda: now[0])
        assert tokens.allows("a", "x")
        tokens.spend("a", 90)
        assert not tokens.allows("a", "x")
        assert tokens.allows("b", "x")
        now[0] = 29.0
        assert not tokens.allows("a", "x")
        now[0] = 31.0
        assert tokens.allows("a", "x")

    def test_an_estimate_is_rather_too_high(self) -> None:
        """A token is about four letters of English."""
        assert estimated("a" * 300, "b" * 30) == 110

    def test_made_up_tenants_cannot_fill_the_memory(self) -> None:
        """The oldest are forgotten."""
        tokens = budget()
        for number in range(10_050):
            tokens.spend(str(number), 1)
        assert len(tokens._left) == 10_000


class TestCaching:
    async def test_only_static_knowledge_is_marked_for_caching(self, api: FakeAnthropic, claude: Any) -> None:
        """One breakpoint a call, on the system text; it is the same for two tenants and holds nothing they said."""
        model = claude()
        for word in ("zebra", "giraffe"):
            api.script = [HELP, Answer(tool_input=as_drafted), Answer(tool_input={"known": True, "paragraphs": ["x"]})]
            await model.understand(said(f"stop the dev boxes of {word}"))
            tagged = targets(2, tags={"env": "dev", "team": word})
            await model.plan(plan_request(intent(), tagged, STOP, text=f"stop {word}"))
            asked = AnswerRequest.model_validate(
                {**question("why did spending go up").model_dump(), "text": f"why did {word} cost more"}
            )
            await model.answer(asked)
        assert api.complaints == []
        first, second = api.bodies[:3], api.bodies[3:]
        for body, other in zip(first, second, strict=True):
            assert body["system"] == other["system"]
            assert body["tools"] == other["tools"]
            assert [block.get("cache_control") for block in body["system"]] == [{"type": "ephemeral"}]
            rest = json.dumps({key: value for key, value in body.items() if key != "system"})
            assert "cache_control" not in rest
            fixed = json.dumps([body["system"], body["tools"], body["tool_choice"]])
            assert "zebra" not in fixed
            assert "zebra" in json.dumps(body["messages"])


class TestForeignText:
    @staticmethod
    def poisoned(text: str) -> TargetFacts:
        """A machine whose team somebody hostile wrote."""
        return target("r1", tags={"env": "dev", "team": text[:256].encode("utf-8", "replace").decode()})

    @pytest.mark.parametrize("text", POISON, ids=range(len(POISON)))
    async def test_it_is_quoted_capped_and_stripped_and_taints_the_plan(
        self, text: str, api: FakeAnthropic, claude: Any
    ) -> None:
        """Whatever stands in a tag reaches Claude as one JSON value of at most eighty visible letters, and the plan says so."""
        on = self.poisoned(text)
        api.script = [Answer(tool_input=as_drafted)]
        reply = await claude().plan(plan_request(intent(), [on], STOP))
        (message,) = api.bodies[0]["messages"]
        tags = json.loads(message["content"])["groups"][0]["tags"]
        assert set(tags) == {"env", "team"}
        assert len(tags["team"]) <= 80
        assert tags["team"] == stripped(tags["team"])
        assert tags["team"].isprintable()
        assert message["content"].isascii()
        assert reply.model == NAME
        assert reply.tainted == bool(on.tags["team"])
        assert reply.plan is not None
        assert [(step.operation, step.targets) for step in reply.plan.steps] == [(STOP, ["r1"])]

    @pytest.mark.parametrize("text", [text for text in POISON if text.strip()][:40])
    def test_a_key_that_is_a_message_taints_too(self, text: str) -> None:
        """Not only what a tag says can be a message, also what it is called."""
        assert is_free((text, "dev"))

    def test_usual_tags_do_not_taint(self) -> None:
        """An environment is no message."""
        assert not is_free(("env", "dev"))
        assert not is_free(("data-class", "pii"))
