"""Looking among what the tenant published: who sees what, how high, and what a search does not do."""

import httpx
import pytest

from agent_server.contract.lifecycle import STATES, WEIGHT, visible
from agent_server.contract.playbook import PlaybookStatus
from tests.fakes.issuer import CLIENT, Issuer
from tests.fakes.playbook_searches import WEEKEND, client, own, put, search
from tests.fakes.published import BASH, Storage, publish

S = PlaybookStatus


STOPS = ("aws.rds.create_db_snapshot", "aws.rds.stop_db_instance")


class TestTenants:
    @pytest.mark.parametrize("status", [state for state in S if not STATES[state].local])
    async def test_each_state_is_found_as_high_as_it_should_be(self, s3: Storage, status: S) -> None:
        """Visible ones with the weight and the warning of their state, hidden ones not at all."""
        async with client(s3) as http:
            await put(http, S.ACTIVE, id="always-active")
            await put(http, status)
            found = {one.playbook.id: one for one in own(await search(http, WEEKEND, limit=20))}
        assert ("weekend-shutdown" in found) == (status in visible())
        if status in visible():
            one = found["weekend-shutdown"]
            assert (one.status, one.warning) == (status, STATES[status].warning)
            expected = found["always-active"].confidence * WEIGHT[STATES[status].rank]
            assert one.confidence == pytest.approx(expected, abs=0.02)

    async def test_local_states_cannot_be_found_because_they_are_never_there(self, s3: Storage) -> None:
        """A draft and what is only ready stay with the runner: the registry refuses them."""
        async with client(s3) as http:
            for status in (S.DRAFT, S.READY):
                await put(http, S.ACTIVE, id=f"was-{status.value}")
                page = f"/v1/playbooks/was-{status.value}/1.2.0/status"
                assert (await http.post(page, json={"status": status.value})).status_code == 409

    async def test_a_tenants_own_comes_whole_with_links_that_work(self, s3: Storage) -> None:
        """Explain plan and steps in the answer, scripts behind pre-signed addresses."""
        async with client(s3) as http:
            await put(http)
            (one,) = own(await search(http, WEEKEND, *STOPS))
        assert one.playbook.explain == ["Take a snapshot.", "Stop the database."]
        assert len(one.playbook.steps) == 2
        assert one.playbook.scripts == {}
        assert one.runnable
        (link,) = one.links
        async with httpx.AsyncClient(trust_env=False) as anybody:
            assert (await anybody.get(link.url)).content == BASH.encode()

    async def test_what_is_named_is_found_whatever_else_fits(self, s3: Storage) -> None:
        """By its id and by its name as people say it."""
        async with client(s3) as http:
            await put(http, id="odd-one", name="Thursday thing", summary="Does a thing.", keywords=[], action="tag")
            for said in ("odd-one", "thursday-thing"):
                (one,) = own(await search(http, f"run playbook {said}"))
                assert (one.playbook.id, one.confidence) == ("odd-one", 1.0)

    async def test_how_it_fared_counts_and_is_said(self, s3: Storage) -> None:
        """Of two that are alike, the one that worked comes first."""
        async with client(s3) as http:
            await put(http, id="worked-often")
            await put(http, id="failed-often")
            for name, successes in (("worked-often", 47), ("failed-often", 5)):
                body = {"executions": 47, "successes": successes}
                await http.post(f"/v1/playbooks/{name}/1.2.0/usage", json=body)
            first, second = own(await search(http, WEEKEND))
        assert (first.playbook.id, second.playbook.id) == ("worked-often", "failed-often")
        assert "it ran 47 times, 100% well" in first.reason

    async def test_no_tenant_finds_anothers(self, s3: Storage, issuer: Issuer) -> None:
        """Not by words, not by name."""
        async with client(s3, issuer=issuer.url, audience=(CLIENT,)) as http:
            acme, other = (
                {"authorization": f"Bearer {issuer.token(**{'custom:tenant': name})}"} for name in ("acme", "other")
            )
            upload = publish().model_dump(mode="json")
            assert (await http.post("/v1/playbooks", json=upload, headers=acme)).status_code == 201
            assert own(await search(http, WEEKEND, headers=acme))
            assert own(await search(http, WEEKEND, headers=other)) == []
            assert own(await search(http, "run playbook weekend-shutdown", headers=other)) == []

    async def test_without_its_registry_the_library_answers_and_says_so(self, s3: Storage) -> None:
        """A store that is down costs the tenant's own, not the answer."""
        async with client(s3, registry_qdrant_url="http://127.0.0.1:9") as http:
            reply = await search(http, WEEKEND)
        assert reply.playbooks
        assert "could not be looked at" in reply.summary

    async def test_an_altered_playbook_is_left_out(self, s3: Storage) -> None:
        """What is stored is not what was published: it is not handed on."""
        async with client(s3) as http:
            await put(http)
            s3.client.put_object(Bucket=s3.bucket, Key="local/weekend-shutdown/1.2.0/playbook.json", Body=b"{}")
            reply = await search(http, WEEKEND)
        assert own(reply) == []
        assert "could not be looked at" in reply.summary

    async def test_looking_writes_nothing(self, s3: Storage) -> None:
        """No collection, no object, whoever searches."""
        async with client(s3) as http:
            await search(http, WEEKEND)
            assert (await http.get("/v1/playbooks")).json() == {"playbooks": []}
        assert s3.files() == []
