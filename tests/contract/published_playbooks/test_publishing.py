"""Publishing over HTTP: what a version is, and that it never becomes another."""

import hashlib
from typing import Any

import httpx
import pytest

from agent_server.contract.playbook import Playbook, PlaybookMetadata, PlaybookStatus
from tests.fakes.published import BASH, Storage, playbook, publish
from tests.fakes.registry_pages import ONE, PAGE, published, refused, states

S = PlaybookStatus


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
