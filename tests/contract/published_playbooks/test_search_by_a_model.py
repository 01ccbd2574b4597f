"""What a model may do about a search: order what it is given, and nothing else."""

import json
from typing import Any

import pytest

from agent_server.contract.lifecycle import STATES, WEIGHT
from agent_server.contract.plan import PlaybookUse
from agent_server.contract.playbook import PlaybookStatus
from agent_server.models.anthropic import UNAVAILABLE, Claude
from tests.fakes.anthropic_api import Answer, FakeAnthropic, refused
from tests.fakes.plan_requests import intent, plan_request, targets
from tests.fakes.playbook_searches import HOSTILE, WEEKEND, client, own, put, search
from tests.fakes.playbooks import RESIZING
from tests.fakes.published import Storage

S = PlaybookStatus


def ranks(*names: str, **fields: Any) -> Answer:
    """Claude ranks candidates under these names."""
    return Answer(tool_input={"ranking": [{"candidate": name, "confidence": 0.9, **fields} for name in names]})


def shown(api: FakeAnthropic) -> dict[str, Any]:
    """What Claude was told."""
    content = api.bodies[-1]["messages"][0]["content"]
    found: dict[str, Any] = json.loads(content)
    return found


class TestClaude:
    async def test_it_orders_what_it_is_given(self, api: FakeAnthropic, claude: Claude) -> None:
        """Its order, its confidence and its sentence."""
        api.script = [ranks("c2", "c1", reason="It stops what you mean.")]
        async with client(None, model=claude) as http:
            reply = await search(http, WEEKEND)
        names = [one["name"] for one in shown(api)["candidates"]]
        assert [one.playbook.name for one in reply.playbooks] == [names[1], names[0]]
        assert reply.playbooks[0].reason == "It stops what you mean."
        assert (reply.model, reply.tainted) == (claude.name, False)
        assert min(reply.usage.input_tokens, reply.usage.output_tokens) > 0

    @pytest.mark.parametrize(
        "answer",
        [
            ranks("c999"),
            ranks("c1", "c1"),
            ranks("aws-rds-stop-dev"),
            ranks("c1", url="https://example.org"),
            Answer(tool_input={"ranking": [{"candidate": "c1", "confidence": 7}]}),
            Answer(tool_input={}),
            refused(),
            Answer(status=400, error="invalid_request_error"),
        ],
        ids=["unknown", "twice", "an id", "more", "too sure", "nothing", "refused", "failed"],
    )
    async def test_anything_else_is_not_believed(self, api: FakeAnthropic, claude: Claude, answer: Answer) -> None:
        """The rules answer, marked as such."""
        api.script = [answer]
        async with client(None, model=claude) as http:
            reply = await search(http, WEEKEND)
        async with client(None) as http:
            expected = await search(http, WEEKEND)
        assert reply.playbooks == expected.playbooks
        assert reply.model == UNAVAILABLE

    async def test_hostile_texts_reach_it_as_data_and_move_nothing_above_its_state(
        self, api: FakeAnthropic, claude: Claude, s3: Storage
    ) -> None:
        """Quoted, on one line, capped; even if it obeyed, what nobody reviewed stays very low and warned of."""
        api.script = [ranks("c1", reason="See [here](https://evil.example) <!channel> now")]
        async with client(s3, model=claude) as http:
            hostile = {"name": HOSTILE[:200], "summary": HOSTILE * 5, "keywords": [HOSTILE[:200]]}
            await put(http, S.PENDING_REVIEW, **hostile)
            reply = await search(http, WEEKEND)
        body = api.bodies[-1]
        assert "previous instructions" not in json.dumps(body["system"])
        content = body["messages"][0]["content"]
        assert content.isascii()
        assert "\n" not in content
        candidate = shown(api)["candidates"][0]
        assert candidate["name"].startswith("Ignore all previous instructions")
        assert all(letter not in candidate["name"] for letter in "\n\x1b\u202e")
        assert len(candidate["summary"]) <= 500
        assert reply.tainted
        (one,) = own(reply)
        assert one.confidence <= WEIGHT[STATES[S.PENDING_REVIEW].rank]
        assert one.warning
        assert "http" not in one.reason
        assert "<" not in one.reason

    async def test_a_playbook_is_followed_without_asking_it(self, api: FakeAnthropic, claude: Claude) -> None:
        """The order of a playbook is its own: nothing of it goes to a model, and the plan is the rules'."""
        use = PlaybookUse(playbook=RESIZING, parameters={"size": "m5.large"})
        offered = [step.operation for step in RESIZING.steps]
        request = plan_request(intent("playbook_run", intent="playbook"), targets(2), *offered)
        body = request.model_copy(update={"follow": use}).model_dump(mode="json")
        async with client(None, model=claude) as http:
            reply = (await http.post("/v1/plan", json=body)).json()
        assert [one["operation"] for one in reply["plan"]["steps"]] == offered
        assert api.bodies == []

    async def test_what_was_named_stands(self, api: FakeAnthropic, claude: Claude) -> None:
        """A person who says which playbook is meant decides, whatever the model thinks of it."""
        api.script = [ranks("c2")]
        async with client(None, model=claude) as http:
            reply = await search(http, "run playbook aws-ec2-resize")
        assert reply.playbooks[0].playbook.id == "aws-ec2-resize"

    async def test_offline_reasons_hold_nothing_of_a_playbooks_own_text(self, s3: Storage) -> None:
        """Reasons are made of our words, the asker's and figures."""
        async with client(s3) as http:
            await put(http, name=HOSTILE[:200], keywords=["weekend", HOSTILE[:200]])
            (one,) = own(await search(http, WEEKEND))
        assert "gnore" not in one.reason
        assert "<" not in one.reason
