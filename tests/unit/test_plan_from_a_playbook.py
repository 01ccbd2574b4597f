"""A plan that follows a playbook: its own steps, values and order over the request's handles; and what the runner's door says to it."""

from dataclasses import replace
from typing import Any

import pytest

from agent_server.agents.operations import propose
from agent_server.contract.plan import Limits, PlanReply, PlaybookUse, ProposedPlan, TargetFacts
from agent_server.contract.playbook import Parameter, Playbook
from agent_server.knowledge import library
from engine.planning.admission import Admitted, admit
from engine.planning.following import following
from engine.refusal import Refusal
from tests.fakes.hostile_plans import ec2
from tests.fakes.plan_requests import intent, plan_request, target, targets
from tests.fakes.playbooks import (
    DELETING,
    RESIZE,
    RESIZING,
    SCRIPTED,
    SNAPSHOT,
    START,
    STOP,
    TAG,
    TERMINATE,
    playbook,
    step,
)
from tests.fakes.requests import CATALOG, POLICY, asked

OFFERED = (*CATALOG.operations, *CATALOG.composites)
SIZE = {"size": "m5.large"}


def reply(
    book: Playbook,
    on: list[TargetFacts] | None = None,
    values: dict[str, Any] | None = None,
    offered: tuple[str, ...] = OFFERED,
    limits: Limits | None = None,
) -> PlanReply:
    """What the operations agent answers."""
    request = plan_request(
        intent("playbook_run", intent="playbook", filters={}),
        targets(2) if on is None else on,
        *offered,
        limits=limits,
    )
    use = PlaybookUse(playbook=book, parameters=values or {})
    return propose(request.model_copy(update={"follow": use}))


def planned(answer: PlanReply) -> ProposedPlan:
    """The plan of an answer that has one."""
    assert answer.kind == "plan", answer.summary
    assert answer.plan is not None
    return answer.plan


class TestSteps:
    def test_each_step_is_the_playbooks_over_every_target(self) -> None:
        """Stop, resize, start: all targets, filled values, each after the one before."""
        plan = planned(reply(RESIZING, values=SIZE))
        assert [(one.operation, one.targets, one.depends_on) for one in plan.steps] == [
            (STOP, ["r1", "r2"], []),
            (RESIZE, ["r1", "r2"], [0]),
            (START, ["r1", "r2"], [1]),
        ]
        assert plan.steps[1].params == {"instance_type": "m5.large"}

    def test_a_destruction_waits_for_everything_before_it(self) -> None:
        """The playbook forgot to say that the copy comes first; it does."""
        plan = planned(reply(DELETING))
        assert [(one.operation, one.depends_on) for one in plan.steps] == [(SNAPSHOT, []), (TERMINATE, [0])]

    def test_a_leading_step_that_is_done_is_left_out_and_only_there(self) -> None:
        """The stopped machine is not stopped again; it is started at the end like the other, because the resize found it stopped."""
        plan = planned(reply(RESIZING, [target("r1"), target("r2", state="stopped")], SIZE))
        assert [one.targets for one in plan.steps] == [["r1"], ["r1", "r2"], ["r1", "r2"]]

    def test_what_waits_for_a_step_that_is_left_out_waits_for_what_that_waited_for(self) -> None:
        """With the middle step gone, the last waits for the first."""
        book = playbook(
            step(TAG, params={"tags": {"a": "b"}}),
            step(STOP, depends_on=[0]),
            step(RESIZE, params={"instance_type": "m5.large"}, depends_on=[1]),
            action="resize",
        )
        plan = planned(reply(book, targets(1, state="stopped")))
        # The tag comes first, so the state a stop would find is not today's: it stays.
        assert [one.operation for one in plan.steps] == [TAG, STOP, RESIZE]
        leading = playbook(step(STOP), step(TAG, params={"tags": {"a": "b"}}, depends_on=[0]))
        assert [
            (one.operation, one.depends_on) for one in planned(reply(leading, targets(1, state="stopped"))).steps
        ] == [(TAG, [])]

    def test_everything_done_already_is_said(self) -> None:
        """Nothing to do is no plan."""
        answer = reply(playbook(step(STOP)), targets(2, state="stopped"))
        assert (answer.kind, "nothing to do" in answer.summary) == ("refuse", True)

    def test_a_target_in_the_wrong_state_stops_the_whole(self) -> None:
        """A playbook is followed whole or not at all."""
        answer = reply(playbook(step(STOP)), [target("r1"), target("r2", state="starting")])
        assert answer.kind == "refuse"
        assert answer.summary == "1 target is in no state to stop; it takes running."

    def test_a_kind_that_nobody_named_is_asked_for(self) -> None:
        """The playbook detaches a volume from an instance; only the volume was given."""
        answer = reply(library.playbooks()["aws-ec2-detach-volume"], [target("r1", type="ec2::volume", state="in-use")])
        assert answer.kind == "clarify"
        assert "ec2 instances" in answer.summary

    def test_targets_that_it_does_not_touch_are_counted(self) -> None:
        """A bucket among the machines is said to be left alone."""
        answer = reply(playbook(step(STOP)), [*targets(1), target("r9", type="s3::bucket", state="")])
        assert planned(answer).steps[0].targets == ["r1"]
        assert [one.code for one in answer.validation] == ["target.type"]

    def test_limits_and_denials_stop_it(self) -> None:
        """Nothing is dropped to make it fit."""
        assert reply(playbook(step(STOP)), targets(3), limits=Limits(max_targets=2)).kind == "refuse"
        denied = targets(2, permissions={STOP: "denied"})
        assert reply(playbook(step(STOP)), denied).kind == "refuse"
        half = [target("r1", permissions={STOP: "denied"}), target("r2")]
        assert [one.code for one in reply(playbook(step(STOP)), half).validation] == ["permission.denied"]

    def test_opposite_steps_need_an_order(self) -> None:
        """Stop and start side by side on the same machine is no procedure."""
        assert reply(playbook(step(STOP), step(START))).kind == "refuse"

    def test_a_playbook_raises_the_risk_and_never_lowers_it(self) -> None:
        """Marked critical, it is; marked low, a deletion stays what it is."""
        high = reply(playbook(step(STOP), risk="critical")).risk
        assert high is not None
        assert (high.level, high.reasons[0]) == ("critical", "the playbook itself says critical")
        low = reply(DELETING).risk
        assert low is not None
        assert low.level != "low"


class TestWhatCannotBeFollowed:
    def test_operations_that_are_not_offered_are_named(self) -> None:
        """Exactly those, each once."""
        book = playbook(step(STOP), step("aws.iam.delete_user"), step("aws.iam.delete_user"), step("aws.x.y"))
        answer = reply(book)
        assert answer.kind == "refuse"
        assert "aws.iam.delete_user, aws.x.y." in answer.summary
        assert STOP not in answer.summary

    def test_a_script_is_offered_instead_where_there_is_one(self) -> None:
        """Said in the same sentence."""
        book = playbook(step("aws.x.y"), scripts={"bash": "true"})
        assert "script" in reply(book).summary
        assert "script" not in reply(playbook(step("aws.x.y"))).summary

    def test_a_script_alone_is_not_planned(self) -> None:
        """Typed steps only."""
        answer = reply(SCRIPTED)
        assert (answer.kind, "is a script" in answer.summary) == ("refuse", True)

    @pytest.mark.parametrize(
        ("values", "kind", "words"),
        [
            ({}, "clarify", "What should size be?"),
            ({"size": "m5"}, "refuse", "Size does not have the form"),
            ({"size": 5}, "refuse", "Size does not have the form"),
            ({"size": "m5.large\n"}, "refuse", "Size does not have the form"),
            ({"size": "m5.large", "rm -rf": 1}, "refuse", "has no parameter rm -rf"),
        ],
    )
    def test_values_are_held_to_their_declaration(self, values: dict[str, Any], kind: str, words: str) -> None:
        """Missing is asked for; wrong is refused; unknown is refused without repeating more than a few harmless letters."""
        answer = reply(RESIZING, values=values)
        assert (answer.kind, words in answer.summary) == (kind, True), answer.summary

    @pytest.mark.parametrize(
        ("declared", "good", "bad"),
        [
            ({"kind": "integer", "minimum": 1, "maximum": 5}, [1, 5], [0, 6, True, "3", 2.0]),
            ({"kind": "integer"}, [-7], ["", None, False]),
            ({"kind": "boolean"}, [True, False], ["true", 1]),
            ({"kind": "choice", "choices": ["gp3", "io2"]}, ["gp3"], ["gp2", 3, ["gp3"]]),
            ({"kind": "resource"}, ["sg-0abc", "a/b:c"], ["a b", "$(x)", ""]),
            ({"kind": "string", "pattern": "[a-z]+"}, ["abc"], ["abc1", "", "a\nb"]),
            ({"kind": "string"}, ["any words"], [1, "x" * 1001, "\x1b[2J"]),
        ],
    )
    def test_each_kind_of_value(self, declared: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
        """With its bounds; a good value arrives with its type."""
        parameter = Parameter(name="value", description="A value.", **declared)
        book = playbook(step(TAG, params={"tags": "{{value}}"}), parameters=[parameter.model_dump()])
        for value in good:
            found = planned(reply(book, values={"value": value})).steps[0].params["tags"]
            assert (found, type(found)) == (value, type(value))
        for value in bad:
            assert reply(book, values={"value": value}).kind != "plan", value

    def test_an_optional_value_that_nobody_gave_is_not_made_up(self) -> None:
        """Without a default the step cannot be written; with one it can."""
        parameter = {"name": "value", "kind": "string", "description": "A value.", "required": False}
        book = playbook(step(TAG, params={"tags": {"a": "{{value}}"}}), parameters=[parameter])
        assert reply(book).kind == "refuse"
        book = playbook(step(TAG, params={"tags": {"a": "{{value}}"}}), parameters=[{**parameter, "default": "x"}])
        assert planned(reply(book)).steps[0].params == {"tags": {"a": "x"}}

    def test_two_targets_with_one_handle_are_refused(self) -> None:
        """Nobody could tell which is meant."""
        assert reply(playbook(step(STOP)), [target("r1"), target("r1")]).kind == "refuse"


class TestTheRunnersDoor:
    def test_what_the_agent_makes_of_a_playbook_is_admitted(self) -> None:
        """The proposal is exactly what the runner's own reading of the playbook wants, also when a step is left out."""
        for state in ("running", "stopped"):
            machine = ec2("a", state, env="dev")
            for book, values in ((RESIZING, SIZE), (DELETING, {})):
                held = following(book, values, CATALOG)
                assert not isinstance(held, Refusal)
                request = replace(asked((book.action.value, {}, [machine])), follow=held)
                facts = [target("r1", state=state)]
                admitted = admit(planned(reply(book, facts, values)), request, CATALOG, POLICY)
                assert isinstance(admitted, Admitted), admitted
