"""The agent server's pages over HTTP."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from agent_server.app import create_app
from agent_server.contract.answer import MOST_CELLS, AnswerReply, Spend
from agent_server.contract.assess import AssessReply
from agent_server.contract.intent import Intent
from agent_server.contract.plan import PlanReply
from agent_server.door import MOST_BYTES
from agent_server.limiting import Limiter
from agent_server.models.port import ModelUnavailable
from agent_server.models.scripted import Scripted
from agent_server.settings import Settings
from tests.fakes.plan_requests import intent, plan_request, said, targets
from tests.fakes.snapshots import EC2, by_region, by_team, question, snapshot

JSON = {"content-type": "application/json"}
PLAN = plan_request(intent(), targets(3), "aws.ec2.stop_instances").model_dump(mode="json")
INTENT = said("stop all dev ec2 instances").model_dump(mode="json")
INTENT_TARGET = targets(1)[0].model_dump(mode="json")
Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
def records() -> list[dict[str, Any]]:
    """What was logged."""
    return []


@pytest.fixture
async def connect(records: list[dict[str, Any]]) -> AsyncIterator[Connect]:
    """Makes clients of servers."""
    made: list[httpx.AsyncClient] = []

    def client(model: Any = None, **settings: Any) -> httpx.AsyncClient:
        app = create_app(
            Settings(**{"model": "offline", **settings}), model=model, log=lambda one: records.append(dict(one))
        )
        made.append(httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent"))
        return made[-1]

    yield client
    for one in made:
        await one.aclose()


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal, whose form is checked."""
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == answer.status_code
    assert found["type"] == f"urn:escher:problem:{found['code']}"
    assert found["title"]
    assert found["detail"]
    return found


class TestThinking:
    async def test_words_become_an_intent(self, connect: Connect) -> None:
        """The offline planner understands over HTTP."""
        answer = await connect().post("/v1/intent", json=INTENT)
        read = Intent.model_validate(answer.json())
        assert (read.action, read.resource_types, read.filters) == ("stop", ["ec2::instance"], {"tags": {"env": "dev"}})
        assert read.model.startswith("offline")

    async def test_targets_become_a_plan(self, connect: Connect) -> None:
        """And plans over handles."""
        reply = PlanReply.model_validate((await connect().post("/v1/plan", json=PLAN)).json())
        assert reply.plan is not None
        assert reply.plan.steps[0].targets == ["r1", "r2", "r3"]
        assert reply.model == "offline"

    async def test_a_question_with_its_figures_becomes_an_answer(self, connect: Connect) -> None:
        """Computed over HTTP, with the figures' own source."""
        sent = question("why did spending go up").model_dump(mode="json")
        reply = AnswerReply.model_validate((await connect().post("/v1/answer", json=sent)).json())
        assert reply.known
        assert "$32.50" in reply.paragraphs[0]
        assert reply.sources[0].reference == "snapshot"
        assert reply.model == "offline"

    @pytest.mark.parametrize(
        ("text", "spend", "said"),
        [
            ("what did each team spend last week", by_team(), "Of $700 from 2 to 8 March, the 3 dearest are data $280"),
            ("cost by region this month", by_region(), "us-east-1 $730 (51 %)"),
            ("top 5 services in eu-west-1 last month", by_region(), "Of $560 in eu-west-1 in February 2026"),
            ("which team's spend grew the most", by_team(), "data grew the most: +$30 (+5.4 %)"),
            (
                "what does EC2 cost in us-east-1 per account",
                by_region(only="us-east-1"),
                "the dearest account is r1 $590",
            ),
            ("which day was the most expensive this month and why", by_region(), "was 14 March with $132"),
            ("how much is untagged", by_team(), "$420 of $1,432 from 1 to 14 March has no team tag (29.3 %)"),
            ("what will this month cost", by_team(), "The rule is the mean day of this month"),
            ("cost by region and service", by_region(), f"us-east-1 · {EC2} $590"),
        ],
    )
    async def test_a_bill_cut_any_way_is_answered_with_its_figures(
        self, connect: Connect, text: str, spend: list[Spend], said: str
    ) -> None:
        """Understood and answered over HTTP, as the runner does it."""
        client = connect()
        read = Intent.model_validate((await client.post("/v1/intent", json={"request_id": "t-1", "text": text})).json())
        asked = question(text, snapshot(spend=spend, drivers=[], compared=[], rows=[], not_seen=[]))
        sent = asked.model_copy(update={"intent": read}).model_dump(mode="json")
        reply = AnswerReply.model_validate((await client.post("/v1/answer", json=sent)).json())
        assert reply.known
        assert said in " ".join(reply.paragraphs)
        assert reply.model == "offline"

    async def test_more_amounts_a_day_than_the_contract_has_are_refused_with_the_place(self, connect: Connect) -> None:
        """The bound is the contract's own."""
        sent = question("cost by region").model_dump(mode="json")
        sent["snapshot"]["spend"][0]["by"] = {f"region:r-{n}": 1.0 for n in range(MOST_CELLS + 1)}
        found = problem(await connect().post("/v1/answer", json=sent))
        assert found["status"] == 422
        assert {one["path"] for one in found["errors"]} == {"snapshot.spend.0.by"}

    async def test_a_question_without_figures_is_about_how_things_work(self, connect: Connect) -> None:
        """Answered from knowledge, with its source."""
        sent = question("best practice for s3 encryption").model_dump(mode="json", exclude={"snapshot"})
        reply = AnswerReply.model_validate((await connect().post("/v1/answer", json=sent)).json())
        assert reply.known
        assert "docs.aws.amazon.com" in reply.sources[0].title

    async def test_an_event_becomes_a_judgement(self, connect: Connect) -> None:
        """With severity, reasons and next steps."""
        sent = {"request_id": "t-1", "event": {"code": "s3.bucket_made_public"}, "targets": [INTENT_TARGET]}
        reply = AssessReply.model_validate((await connect().post("/v1/assess", json=sent)).json())
        assert (reply.severity, reply.next_steps[0].ask) == ("high", "make bucket r1 private")
        assert reply.sources[0].title == "Keep S3 buckets closed to the public"

    async def test_a_judgement_names_playbooks_about_the_same_kind_of_thing(self, connect: Connect) -> None:
        """From the library, of the target's cloud."""
        bucket = {**INTENT_TARGET, "type": "s3::bucket"}
        sent = {"request_id": "t-1", "event": {"code": "s3.bucket_made_public"}, "targets": [bucket]}
        reply = AssessReply.model_validate((await connect().post("/v1/assess", json=sent)).json())
        assert any("s3" in one.id or "bucket" in one.id for one in reply.playbooks), reply.playbooks

    async def test_a_scripted_model_answers_what_was_written(self, connect: Connect) -> None:
        """The port takes any model."""
        written = PlanReply(kind="refuse", summary="no")
        model = Scripted(plans=[written])
        answer = await connect(model).post("/v1/plan", json=PLAN)
        assert PlanReply.model_validate(answer.json()) == written
        assert model.asked[0].request_id == "t-1"


class TestPages:
    async def test_health_says_which_model_answers(self, connect: Connect) -> None:
        """For `escher doctor` and load balancers."""
        http = connect()
        assert (await http.get("/health")).json() == {"status": "ok", "model": "offline"}
        assert (await http.get("/ready")).status_code == 200

    async def test_the_interface_is_described(self, connect: Connect) -> None:
        """OpenAPI 3.1 with every page; every reference in it leads somewhere."""
        document = (await connect().get("/openapi.json")).json()
        assert document["openapi"].startswith("3.1")
        assert {"/v1/intent", "/v1/plan", "/v1/answer", "/v1/assess"} <= set(document["paths"])
        references = {one.split('"')[0] for one in json.dumps(document).split('"$ref": "')[1:]}
        schemas = document["components"]["schemas"]
        assert references
        assert all(reference.removeprefix("#/components/schemas/") in schemas for reference in references)
        assert "application/problem+json" in document["paths"]["/v1/plan"]["post"]["responses"]["422"]["content"]


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "broken JSON": ({"content": b'{"request_id":', "headers": JSON}, 400, "malformed"),
    "no JSON": ({"content": b"\xff\xfe", "headers": JSON}, 400, "malformed"),
    "nothing": ({"content": b"", "headers": JSON}, 422, "invalid"),
    "a form": ({"data": {"text": "x"}}, 415, "unsupported_media_type"),
    "no media type": ({"content": b"{}"}, 415, "unsupported_media_type"),
    "another character set": (
        {"content": b"{}", "headers": {"content-type": "application/json; charset=utf-16"}},
        415,
        "unsupported_media_type",
    ),
    "compressed": ({"content": b"{}", "headers": {**JSON, "content-encoding": "gzip"}}, 415, "unsupported_media_type"),
    "a missing field": ({"json": {"text": "x"}}, 422, "invalid"),
    "an unknown field": ({"json": {**INTENT, "approved": True}}, 422, "invalid"),
    "a wrong type": ({"json": {**INTENT, "text": 5}}, 422, "invalid"),
    "too long a text": ({"json": {**INTENT, "text": "x" * 4001}}, 422, "invalid"),
}


class TestRefusing:
    @pytest.mark.parametrize(("sent", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
    async def test_what_cannot_be_used_is_refused_with_a_problem(
        self, sent: dict[str, Any], status: int, code: str, connect: Connect
    ) -> None:
        """Status, code and RFC 9457 form."""
        answer = await connect().post("/v1/intent", **sent)
        assert answer.status_code == status
        assert problem(answer)["code"] == code

    async def test_an_invalid_field_is_named_and_never_repeated(
        self, connect: Connect, records: list[dict[str, Any]]
    ) -> None:
        """The path leads to the field; neither its value nor a made-up name comes back or is logged."""
        canary = "ZEBRA-CANARY"
        sent = json.loads(json.dumps(PLAN))
        sent["targets"][1]["cloud"] = canary
        sent["targets"][0][canary] = 1
        sent["targets"][0]["tags"] = {canary: 7}
        answer = await connect().post("/v1/plan", json=sent)
        paths = {one["path"] for one in problem(answer)["errors"]}
        assert paths == {"targets.1.cloud", "targets.0.*", "targets.0.tags.*"}
        assert canary not in answer.text
        assert canary not in json.dumps(records)

    async def test_the_fields_of_every_page_are_named(self, connect: Connect) -> None:
        """A figure of an answer as well as a target of a plan."""
        sent = {"request_id": "t-1", "text": "x", "intent": {}, "snapshot": {"spend": [{"day": "no day", "amount": 1}]}}
        paths = {one["path"] for one in problem(await connect().post("/v1/answer", json=sent))["errors"]}
        assert "snapshot.spend.0.day" in paths
        sent = {"request_id": "t-1", "outcome": [{"handle": "r1", "operation": "x", "state": "odd"}]}
        paths = {one["path"] for one in problem(await connect().post("/v1/assess", json=sent))["errors"]}
        assert "outcome.0.state" in paths

    async def test_other_pages_and_methods_are_said_not_to_be(self, connect: Connect) -> None:
        """404, and 405 with what is allowed."""
        http = connect()
        assert problem(await http.get("/v1/secrets"))["code"] == "not_found"
        answer = await http.get("/v1/plan")
        assert problem(answer)["code"] == "method_not_allowed"
        assert answer.headers["allow"] == "POST"

    async def test_a_model_that_is_not_there_is_503_with_a_time(self, connect: Connect) -> None:
        """The runner waits and says so."""
        model = Scripted(intents=[ModelUnavailable(retry_after=7)])
        answer = await connect(model).post("/v1/intent", json=INTENT)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        assert problem(answer)["code"] == "unavailable"

    async def test_what_breaks_is_500_without_its_text(self, connect: Connect, records: list[dict[str, Any]]) -> None:
        """An exception's text may hold what was said: it is neither sent nor logged."""
        answer = await connect(Scripted(intents=[RuntimeError("ZEBRA")])).post("/v1/intent", json=INTENT)
        assert problem(answer)["code"] == "internal"
        assert "ZEBRA" not in answer.text + json.dumps(records)


class TestSize:
    async def test_two_mebibytes_are_taken(self, connect: Connect) -> None:
        """Exactly the limit: read, and refused only because the text is too long."""
        frame = json.dumps({**INTENT, "text": ""}).encode()
        body = frame.replace(b'"text": ""', b'"text": "' + b"x" * (MOST_BYTES - len(frame)) + b'"')
        assert len(body) == MOST_BYTES
        assert (await connect().post("/v1/intent", content=body, headers=JSON)).status_code == 422

    async def test_more_is_refused_while_it_streams(self, connect: Connect) -> None:
        """Without a length, reading ends just past the limit: the rest is never asked for."""
        given = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal given
            while given < 100:
                given += 1
                yield b" " * 65_536

        answer = await connect().post("/v1/intent", content=endless(), headers=JSON)
        assert problem(answer)["code"] == "too_large"
        assert given == 33

    @pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "-1", "many", "9" * 5000])
    async def test_a_length_that_cannot_be_is_refused_unread(self, length: str, connect: Connect) -> None:
        """The header is enough."""
        answer = await connect().post("/v1/intent", content=b"{}", headers={**JSON, "content-length": length})
        assert problem(answer)["code"] == "too_large"


CREDENTIALS = {
    "an AWS key id": "AKIA" + "ABCDEFGHIJKLMNOP",
    "an AWS secret": "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "a Slack bot token": "xoxb-" + "1234567890-abcdefghij",
    "a Slack app token": "xapp-1-" + "A0123456789-abcdef",
    "a JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "a GitHub token": "ghp_" + "a" * 36,
    "a Google key": "AIza" + "B" * 35,
    "an Anthropic key": "sk-ant-" + "api03-abcdefghijklmnop",
    "an Azure storage key": "AccountKey=" + "a" * 86 + "==",
}


class TestCredentials:
    @pytest.mark.parametrize("secret", CREDENTIALS.values(), ids=CREDENTIALS.keys())
    async def test_a_credential_is_refused_wherever_it_stands(
        self, secret: str, connect: Connect, records: list[dict[str, Any]]
    ) -> None:
        """In words, as a value, as a key, spelled in escapes: 422 `credential`, and never repeated or logged."""
        http = connect(Scripted())
        spelled = json.dumps({**INTENT, "text": secret})
        spelled = spelled.replace(secret[:4], "".join(f"\\u{ord(letter):04x}" for letter in secret[:4]))
        answers = [
            await http.post("/v1/intent", json={**INTENT, "text": f"stop it with {secret} please"}),
            await http.post("/v1/intent", content=spelled.encode(), headers=JSON),
            await http.post("/v1/plan", json={**PLAN, "intent": {**PLAN["intent"], "filters": {secret: 1}}}),
        ]
        assert [problem(answer)["code"] for answer in answers] == ["credential"] * 3
        assert all(secret not in answer.text for answer in answers)
        assert secret not in json.dumps(records)

    @pytest.mark.parametrize(
        "text",
        [
            "rotate the access keys older than 90 days",
            "which secrets expire this week",
            "stop i-0abc1234def567890 in us-east-1",
            "arn-p1 acct-p2 secret-p3",
            "tag with sha256 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
        ],
    )
    async def test_talk_about_credentials_is_fine(self, text: str, connect: Connect) -> None:
        """Words are no keys."""
        assert (await connect().post("/v1/intent", json={**INTENT, "text": text})).status_code == 200


class TestRates:
    async def test_a_flood_is_told_when_to_come_back(self, connect: Connect) -> None:
        """429 with Retry-After once the bucket is empty."""
        http = connect(burst=3, rate_per_minute=20)
        answers = [await http.post("/v1/intent", json=INTENT) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 3
        assert problem(answers[3])["code"] == "rate_limited"

    def test_a_bucket_fills_again_with_time(self) -> None:
        """After exactly the time that was said, the next one passes."""
        now = [0.0]
        limiter = Limiter(per_second=0.5, burst=1, clock=lambda: now[0])
        assert limiter.wait("a") == 0
        assert limiter.wait("a") == 2
        now[0] = 1.9
        assert limiter.wait("a") == 1
        now[0] = 2.0
        assert limiter.wait("a") == 0

    def test_buckets_of_many_tenants_are_bounded(self) -> None:
        """Made-up tenants cannot fill the memory."""
        limiter = Limiter(per_second=1, burst=1, clock=lambda: 0.0)
        for number in range(10_050):
            limiter.wait(str(number))
        assert len(limiter._buckets) == 10_000


class TestLog:
    async def test_a_request_leaves_ids_and_figures_only(self, connect: Connect, records: list[dict[str, Any]]) -> None:
        """One record, a closed set of fields, the runner's own id in it."""
        await connect().post("/v1/intent", json=INTENT)
        (record,) = records
        assert set(record) == {"request_id", "route", "status", "ms", "input_tokens", "output_tokens"}
        assert (record["request_id"], record["route"], record["status"]) == ("t-1", "/v1/intent", 200)

    async def test_paths_that_people_make_up_are_not_logged(
        self, connect: Connect, records: list[dict[str, Any]]
    ) -> None:
        """Nor an id that is no id."""
        await connect().get("/v1/ZEBRA?token=ZEBRA", headers={"x-request-id": "ZEBRA <script>"})
        assert "ZEBRA" not in json.dumps(records)
        assert records[0]["route"] == "other"
