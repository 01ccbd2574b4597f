"""A playbook made of what was done: what becomes a parameter, what is said of it, and that it can be done again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.drafting import draft
from agent_server.agents.operations import propose
from agent_server.contract.plan import PlaybookUse
from agent_server.contract.playbook import DraftReply, DraftRequest, Language, PlaybookStep
from agent_server.contract.soundness import faults
from engine.planning.following import following
from engine.refusal import Refusal
from tests.fakes.plan_requests import intent, plan_request, target
from tests.fakes.playbooks import RESIZE, SNAPSHOT, START, STOP, TAG, TERMINATE
from tests.fakes.requests import CATALOG


def step(operation: str, **fields: Any) -> PlaybookStep:
    """A step of an executed plan."""
    return PlaybookStep(operation=operation, description=fields.pop("description", "done"), **fields)


def made(*steps: PlaybookStep, action: str = "resize", **fields: Any) -> DraftReply:
    """The draft of these steps."""
    about = fields.pop("about", intent(action))
    return draft(DraftRequest(request_id="t", intent=about, steps=list(steps), **fields))


RESIZED = (
    step(STOP),
    step(RESIZE, params={"instance_type": "m5.large"}, depends_on=[0]),
    step(START, depends_on=[1]),
)


class TestTexts:
    def test_a_resize_is_said_in_plain_words(self) -> None:
        """Name, id, summary, explain plan, risk and rollback, all from what the operations are for."""
        playbook = made(*RESIZED, text="make name-p2 an m5.large tonight").playbook
        assert playbook.name == "Stop ec2 instances, then resize ec2 instances, then start ec2 instances"
        assert playbook.id == "stop-ec2-instances-then-resize-ec2-instances-then-start-ec2"
        assert playbook.summary == "Stops ec2 instances, then resizes ec2 instances, then starts ec2 instances."
        assert playbook.explain[1] == "2. Resize ec2 instances, once step 1 is done."
        assert (playbook.action, playbook.clouds, playbook.resource_types) == ("resize", ["aws"], ["ec2::instance"])
        assert (playbook.risk, playbook.version, playbook.category) == ("medium", "1.0.0", "cost")
        assert playbook.rollback == (
            "To take it back: stop the ec2 instances, then resize back the ec2 instances, then start the ec2 instances."
        )
        assert "tonight" in playbook.keywords
        assert not any("p2" in word for word in playbook.keywords)

    def test_what_cannot_be_undone_is_said_where_it_stands(self) -> None:
        """In the sentence of its step, in the rollback, in the risk and in a note."""
        reply = made(step(SNAPSHOT), step(TERMINATE, depends_on=[0], effect="destroy"), action="delete")
        assert reply.playbook.risk == "high"
        assert reply.playbook.explain[1].endswith("This cannot be undone.")
        assert reply.playbook.rollback == "Nothing takes back step 1, 2."
        assert any("reviewed" in note for note in reply.notes)

    def test_a_name_that_was_given_stays(self) -> None:
        """With an id made of it."""
        playbook = made(*RESIZED, name="Größer machen!").playbook
        assert playbook.name == "Größer machen!"
        assert playbook.id == "gr-er-machen"
        assert made(*RESIZED, name="日本語の名前").playbook.id == "playbook-stop"

    def test_what_nobody_knows_is_said_to_be_unknown(self) -> None:
        """Its risk is not taken for low, and the operation is named."""
        reply = made(step("aws.iam.delete_user", effect="write", target="UserName"))
        assert reply.playbook.risk == "medium"
        assert any("aws.iam.delete user" in note or "aws.iam.delete_user" in note for note in reply.notes)

    def test_scripts_come_along_where_they_can_be_written(self) -> None:
        """Otherwise a note says that there is none."""
        assert "INSTANCE_TYPE" in made(*RESIZED).playbook.scripts[Language.BASH]
        without = made(step("escher.s3.tag", params={"tags": {"a": "b"}}, target_type="s3::bucket"), action="tag")
        assert without.playbook.scripts == {}
        assert any("no script" in note for note in without.notes)


class TestParameters:
    def test_a_literal_becomes_a_parameter_with_itself_as_default(self) -> None:
        """The same value twice is one parameter; another value under the same name is another."""
        reply = made(
            step(TAG, params={"tags": {"owner": "ada", "team": "web"}}),
            step(TAG, params={"tags": {"owner": "ada"}}),
            step(TAG, params={"tags": {"owner": "bob"}}),
            action="tag",
        )
        assert [one.params for one in reply.playbook.steps] == [
            {"tags": {"owner": "{{owner}}", "team": "{{team}}"}},
            {"tags": {"owner": "{{owner}}"}},
            {"tags": {"owner": "{{owner_2}}"}},
        ]
        assert {one.name: one.default for one in reply.playbook.parameters} == {
            "owner": "ada",
            "team": "web",
            "owner_2": "bob",
        }
        assert any("owner, team, owner_2" in note for note in reply.notes)

    def test_what_names_one_particular_thing_has_no_default(self) -> None:
        """Ids, ARNs and pseudonyms of that run: next time it is another thing, and it is asked for."""
        for value in ("i-0abc1234", "arn:aws:rds:us-east-1:1:db:x", "name-p2", "r7", "/subscriptions/x/y"):
            reply = made(
                step("aws.ec2.attach_volume", params={"instance": value, "device": "/dev/sdf"}), action="modify"
            )
            by_name = {one.name: one for one in reply.playbook.parameters}
            assert (by_name["instance"].kind, by_name["instance"].default) == ("resource", None)
            assert by_name["device"].default == "/dev/sdf"
            assert any("particular thing: instance" in note for note in reply.notes)
            assert value not in reply.playbook.model_dump_json()

    def test_what_decides_the_meaning_stays(self) -> None:
        """A feature, a status, yes and no are what the step is, not what it is done with."""
        reply = made(
            step("escher.rds.enable", params={"feature": "deletion_protection"}, target_type="rds::instance"),
            step("aws.rds.modify_db_instance", params={"public": False, "backup_days": 7}, target_type="rds::instance"),
            action="enable",
        )
        assert reply.playbook.steps[0].params == {"feature": "deletion_protection"}
        assert reply.playbook.steps[1].params == {"public": False, "backup_days": "{{backup_days}}"}
        (one,) = reply.playbook.parameters
        assert (one.kind, one.default, one.minimum) == ("integer", 7, 0)

    def test_the_id_of_that_plan_is_left_out(self) -> None:
        """The runner makes names from the plan's id; the next plan has its own."""
        reply = made(step(SNAPSHOT, params={"suffix": "p-9d2c4h8x"}), action="snapshot")
        assert reply.playbook.steps[0].params == {}

    def test_double_braces_of_that_run_are_no_parameter(self) -> None:
        """A literal that looks like a placeholder cannot become one."""
        reply = made(step(TAG, params={"tags": {"{{a}}": "{{b}}"}}), action="tag")
        assert faults(reply.playbook) == ()

    @given(
        params=st.dictionaries(
            st.text(max_size=12),
            st.recursive(
                st.none() | st.booleans() | st.integers(-5, 10**6) | st.text(max_size=12) | st.just("{{x}}"),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
                max_leaves=10,
            ),
            max_size=6,
        ),
        text=st.text(max_size=60),
        name=st.text(max_size=60),
        after=st.lists(st.integers(0, 60), max_size=3),
    )
    def test_any_steps_give_a_playbook_that_can_be_followed(
        self, params: dict[str, Any], text: str, name: str, after: list[int]
    ) -> None:
        """Whatever was done and however it was called: sound, within the limits, and the same twice."""
        steps = (step(STOP), step("aws.x.y", params=params, depends_on=after))
        reply = made(*steps, text=text, name=name)
        assert faults(reply.playbook) == ()
        assert DraftReply.model_validate_json(reply.model_dump_json()) == reply
        assert made(*steps, text=text, name=name) == reply


def test_a_draft_does_again_what_was_done() -> None:
    """Followed with its defaults, the plan has the executed steps, and the runner's own reading of it agrees."""
    playbook = made(*RESIZED).playbook
    request = plan_request(intent("playbook_run", intent="playbook"), [target("r1")], *CATALOG.operations)
    reply = propose(request.model_copy(update={"follow": PlaybookUse(playbook=playbook)}))
    assert reply.plan is not None
    assert [(one.operation, one.params, one.depends_on) for one in reply.plan.steps] == [
        (one.operation, one.params, one.depends_on) for one in RESIZED
    ]
    held = following(playbook, {one.name: one.default for one in playbook.parameters}, CATALOG)  # type: ignore[misc]
    assert not isinstance(held, Refusal)


@pytest.mark.parametrize("operation", sorted(CATALOG.operations))
def test_every_operation_of_the_runner_can_be_drafted(operation: str) -> None:
    """On its own cloud and kind, with a verb and a noun that people use."""
    found = CATALOG.operations[operation]
    reply = made(step(operation, effect=found.effect.value), about=intent("modify"))
    assert reply.playbook.clouds == [found.cloud.value]
    assert len(reply.playbook.explain[0]) > 10


def test_a_draft_of_what_is_only_a_part_of_others_does_it_again() -> None:
    """A bucket made private is saved as the calls that made it so; they can be followed, and are not said to open anything."""
    block = {"block_public_acls": True, "ignore_public_acls": True, "block_public_policy": True}
    steps = (
        step("aws.s3.put_bucket_acl", params={"acl": "private"}, target_type="s3::bucket"),
        step("aws.s3.put_public_access_block", params=block, target_type="s3::bucket", depends_on=[0]),
    )
    reply = made(*steps, action="make_private", about=intent("make_private", resource_types=["s3::bucket"]))
    assert not any("do not know" in note or "exposes" in note for note in reply.notes)
    assert reply.playbook.risk == "medium"
    on = [target("r1", type="s3::bucket", state="")]
    request = plan_request(intent("playbook_run", intent="playbook"), on, *CATALOG.operations)
    answer = propose(request.model_copy(update={"follow": PlaybookUse(playbook=reply.playbook)}))
    assert answer.plan is not None, answer.summary
    assert [(one.operation, one.params) for one in answer.plan.steps] == [(one.operation, one.params) for one in steps]
    assert answer.risk is not None
    assert "can weaken security" not in answer.risk.reasons
    assert answer.summary == "Change 1 s3 bucket in us-east-1."
