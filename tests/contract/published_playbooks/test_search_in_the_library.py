"""Looking for a playbook in the library: what was meant comes first, and what does not fit is left out."""

import pytest

from agent_server.contract.playbook import Language, PlaybookStatus
from agent_server.knowledge import library
from agent_server.models.anthropic import Claude
from tests.fakes.anthropic_api import FakeAnthropic
from tests.fakes.plan_requests import intent, plan_request, targets
from tests.fakes.playbook_searches import WEEKEND, client, search

S = PlaybookStatus


class TestLibrary:
    @pytest.mark.parametrize(
        ("text", "best"),
        [
            ("find a playbook for encrypting s3 buckets", "aws-s3-encrypt"),
            ("run playbook aws-ec2-resize", "aws-ec2-resize"),
            ("which playbook handles rotating iam access keys on aws", "aws-iam-rotate-access-key"),
            ("do we have a runbook for scaling gke node pools", "gcp-gke-nodepool-scale"),
            ("playbook to delete unattached managed disks on azure", "azure-disk-delete-unattached"),
            ("runbook for a leaked access key", "aws-iam-contain-leaked-key"),
        ],
    )
    async def test_the_playbook_that_was_meant_comes_first(self, text: str, best: str) -> None:
        """By what it does, to what, where, and in whose words."""
        async with client(None) as http:
            reply = await search(http, text)
        assert reply.playbooks[0].playbook.id == best
        confidences = [one.confidence for one in reply.playbooks]
        assert confidences == sorted(confidences, reverse=True)
        assert all(one.reason and one.source == "library" and one.status is S.ACTIVE for one in reply.playbooks)

    async def test_the_need_says_what_was_understood(self) -> None:
        """The action is that of the procedure, not that of looking for one."""
        async with client(None) as http:
            need = (await search(http, WEEKEND)).need
        assert (need.action, need.clouds, need.resource_types) == ("stop", ["aws"], ["rds::instance"])
        assert "weekend" in need.keywords
        assert "playbook" not in need.keywords

    async def test_nothing_is_better_than_something_that_does_not_fit(self) -> None:
        """Words that no procedure has in common with anything."""
        async with client(None) as http:
            reply = await search(http, "find a playbook to order pizza")
        assert reply.playbooks == []
        assert reply.summary == "No playbook fits well enough."

    async def test_another_cloud_is_left_out(self) -> None:
        """Who says Azure gets Azure."""
        async with client(None) as http:
            reply = await search(http, "playbook to delete unattached disks on azure", limit=20)
        assert {cloud for one in reply.playbooks for cloud in one.playbook.clouds} == {"azure"}

    async def test_what_the_runner_can_do_itself_is_marked(self) -> None:
        """Every operation of the steps is offered, or it is not runnable; the limit holds."""
        text = "find a playbook for encrypting s3 buckets"
        async with client(None) as http:
            with_it = await search(http, text, "escher.s3.encrypt", limit=1)
            without = await search(http, text, limit=1)
        assert [one.runnable for one in (*with_it.playbooks, *without.playbooks)] == [True, False]

    async def test_typed_steps_come_with_scripts_made_of_them(self) -> None:
        """In the languages in which every step can be said."""
        async with client(None) as http:
            (one,) = (await search(http, "run playbook aws-ec2-resize", limit=1)).playbooks
        assert "aws ec2 wait instance-stopped" in one.playbook.scripts[Language.BASH]
        assert Language.PYTHON in one.playbook.scripts

    async def test_who_names_one_gets_that_one(self) -> None:
        """Others that share a word or two would only stand in the way."""
        async with client(None) as http:
            reply = await search(http, "run playbook aws-ec2-resize")
        assert [(one.playbook.id, one.confidence) for one in reply.playbooks] == [("aws-ec2-resize", 1.0)]

    async def test_the_same_question_gets_the_same_answer(self) -> None:
        """Twice, to the letter."""
        async with client(None) as http:
            assert await search(http, WEEKEND) == await search(http, WEEKEND)


class TestPlans:
    async def test_a_plan_names_playbooks_that_do_the_same(self) -> None:
        """At most three, of the action and kind of the plan; those the runner can follow come first."""
        request = plan_request(intent("stop"), targets(2), "aws.ec2.stop_instances")
        async with client(None) as http:
            reply = (await http.post("/v1/plan", json=request.model_dump(mode="json"))).json()
        assert reply["kind"] == "plan"
        assert [one["id"] for one in reply["playbooks"]][:1] == ["aws-ec2-stop-idle"]
        assert len(reply["playbooks"]) <= 3

    async def test_what_cannot_be_planned_may_have_a_playbook(self) -> None:
        """The runner cannot rotate keys; the library says how."""
        on = targets(1, type="iam::access_key", state="")
        request = plan_request(intent("rotate", resource_types=["iam::access_key"]), on)
        async with client(None) as http:
            reply = (await http.post("/v1/plan", json=request.model_dump(mode="json"))).json()
        assert reply["kind"] == "refuse"
        assert "aws-iam-rotate-access-key" in [one["id"] for one in reply["playbooks"]]


async def test_a_request_for_a_list_is_told_how_many_the_library_has(api: FakeAnthropic, claude: Claude) -> None:
    """By cloud where one is named; nothing is ranked, and no vendor's model is asked."""
    async with client(None, claude) as http:
        every = await search(http, "list playbooks")
        azure = await search(http, "list playbooks for azure")
    assert every.playbooks == azure.playbooks == []
    assert every.library == len(library.playbooks())
    assert azure.library == sum("azure" in one.clouds for one in library.playbooks().values())
    assert api.bodies == []
