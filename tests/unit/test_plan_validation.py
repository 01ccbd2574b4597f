"""Checking and mending proposals, whoever made them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.operations import framed
from agent_server.agents.steps import Repair, reach, repaired
from agent_server.agents.validation import Checked, checked
from agent_server.contract.intent import Action, Part
from agent_server.contract.plan import PlanReply, ProposedPlan, ProposedStep, TargetFacts
from tests.fakes.plan_requests import EC2, intent, plan_request, target, targets

STOP, START, DELETE = "aws.ec2.stop_instances", "aws.ec2.start_instances", "aws.ec2.terminate_instances"
SNAPSHOT, TAG = "aws.ec2.create_snapshots", "aws.ec2.create_tags"
OFFERED = (STOP, START, DELETE, SNAPSHOT, TAG)


def step(operation: str, *handles: str, after: tuple[int, ...] = (), **params: object) -> ProposedStep:
    """One step."""
    return ProposedStep(operation=operation, targets=list(handles), depends_on=list(after), params=params)


def judged(
    *steps: ProposedStep,
    on: list[TargetFacts],
    action: str = "stop",
    parts: list[Part] | None = None,
    **filters: object,
) -> Checked:
    """Check a proposal against a request."""
    asked = intent(action, parts=parts or [], filters=filters)
    frame = framed(plan_request(asked, on, *OFFERED))
    assert not isinstance(frame, PlanReply)
    return checked(ProposedPlan(steps=list(steps)), frame)


def codes(result: Checked) -> list[str]:
    """The codes of what was found."""
    return [finding.code for finding in result.findings]


class TestMending:
    def test_a_sound_plan_is_left_as_it_is(self) -> None:
        """Nothing found, nothing changed."""
        given_step = step(STOP, "r1", "r2")
        result = judged(given_step, on=targets(2))
        assert result.plan is not None
        assert (result.plan.steps, result.findings) == ([given_step], ())

    def test_targets_that_nobody_asked_about_are_taken_out(self) -> None:
        """An invented handle does not survive."""
        result = judged(step(STOP, "r1", "r9"), on=targets(1))
        assert result.plan is not None
        assert result.plan.steps[0].targets == ["r1"]
        assert codes(result) == ["target.unknown"]

    @pytest.mark.parametrize("operation", [DELETE, START, TAG, "aws.s3.delete_bucket", "aws.iam.create_user"])
    def test_an_operation_that_nobody_asked_for_does_not_survive(self, operation: str) -> None:
        """Asked to stop, nothing else is done."""
        result = judged(step(operation, "r1"), on=targets(1))
        assert result.plan is None
        assert result.why_not

    def test_parameters_are_put_back_to_what_was_said(self) -> None:
        """A proposal cannot bring parameters of its own."""
        result = judged(
            step(TAG, "r1", tags={"owner": "mallory"}), on=targets(1), action="tag", set_tags={"owner": "dana"}
        )
        assert result.plan is not None
        assert result.plan.steps[0].params == {"tags": {"owner": "dana"}}

    def test_what_is_already_so_is_left_out(self) -> None:
        """A stopped machine is not stopped again."""
        result = judged(step(STOP, "r1", "r2"), on=[target("r1"), target("r2", state="stopped")])
        assert result.plan is not None
        assert result.plan.steps[0].targets == ["r1"]
        assert codes(result) == ["state.already"]

    def test_when_all_is_already_so_the_answer_says_it(self) -> None:
        """No plan, and the reason."""
        result = judged(step(STOP, "r1"), on=targets(1, state="stopped"))
        assert (result.plan, result.why_not) == (None, "1 target is already so.")

    def test_what_an_earlier_part_changes_is_not_judged_by_its_state_now(self) -> None:
        """Stop, then start: the machines run now and will not then."""
        parts = [
            Part(action=Action.STOP, resource_types=[EC2]),
            Part(action=Action.START, resource_types=[EC2], after=[0]),
        ]
        on = [target("r1"), target("r2", part=1)]
        result = judged(step(STOP, "r1"), step(START, "r2", after=(0,)), on=on, parts=parts)
        assert result.plan is not None
        assert len(result.plan.steps) == 2

    def test_a_missing_order_is_added(self) -> None:
        """A part waits for what it was said to come after, also when the proposal turned it round."""
        parts = [
            Part(action=Action.SNAPSHOT, resource_types=[EC2]),
            Part(action=Action.DELETE, resource_types=[EC2], after=[0]),
        ]
        on = [target("r1"), target("r2", part=1)]
        result = judged(step(DELETE, "r2"), step(SNAPSHOT, "r1"), on=on, parts=parts, action="snapshot")
        assert result.plan is not None
        assert [(one.operation, one.depends_on) for one in result.plan.steps] == [(SNAPSHOT, []), (DELETE, [0])]

    def test_a_deletion_waits_for_the_snapshot_of_the_same_thing(self) -> None:
        """A snapshot that a model added protects what it was added for."""
        result = judged(step(DELETE, "r1"), step(SNAPSHOT, "r1"), on=targets(1), action="delete")
        assert result.plan is not None
        assert [one.operation for one in result.plan.steps] == [SNAPSHOT, DELETE]

    def test_steps_that_come_to_wait_for_each_other_are_refused(self) -> None:
        """A deletion before its snapshot by the proposal, after it by reason: there is no way out."""
        result = judged(step(DELETE, "r1"), step(SNAPSHOT, "r1", after=(0,)), on=targets(1), action="delete")
        assert (result.plan, result.why_not) == (None, "Its steps wait for each other.")


class TestPermissions:
    def test_what_is_denied_for_some_is_said_and_left_to_the_runner(self) -> None:
        """The runner shows it; a target is never dropped in silence."""
        result = judged(step(STOP, "r1", "r2"), on=[target("r1"), target("r2", permissions={STOP: "denied"})])
        assert result.plan is not None
        assert result.plan.steps[0].targets == ["r1", "r2"]
        assert codes(result) == ["permission.denied"]

    def test_what_is_denied_for_all_is_refused(self) -> None:
        """A plan that cannot work is none."""
        result = judged(step(STOP, "r1"), on=targets(1, permissions={STOP: "denied"}))
        assert result.plan is None
        assert "may not use" in result.why_not


class TestConflicts:
    def test_opposite_things_to_the_same_kind_without_an_order_are_refused(self) -> None:
        """Start and stop the same machines, in no order: somebody must say which first."""
        parts = [Part(action=Action.STOP, resource_types=[EC2]), Part(action=Action.START, resource_types=[EC2])]
        on = [target("r1"), target("r2", part=1, state="stopped")]
        result = judged(step(STOP, "r1"), step(START, "r2"), on=on, parts=parts)
        assert result.plan is None
        assert codes(result) == ["conflict"]

    def test_opposite_things_to_different_ones_are_no_conflict(self) -> None:
        """Start dev and stop staging is fine."""
        parts = [
            Part(action=Action.STOP, resource_types=[EC2], filters={"tags": {"env": "staging"}}),
            Part(action=Action.START, resource_types=[EC2], filters={"tags": {"env": "dev"}}),
        ]
        on = [target("r1"), target("r2", part=1, state="stopped")]
        assert judged(step(STOP, "r1"), step(START, "r2"), on=on, parts=parts).plan is not None


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[ProposedStep], list[Repair]]:
    """Steps that depend on earlier ones, and repairs to them."""
    count = draw(st.integers(1, 8))
    steps = [
        step(STOP, f"r{index + 1}", after=tuple(draw(st.sets(st.integers(0, index - 1)))) if index else ())
        for index in range(count)
    ]
    repairs = [
        Repair(
            step=draw(st.integers(0, count - 1)),
            drop=frozenset(draw(st.sets(st.sampled_from([f"r{index + 1}" for index in range(count)])))),
            wait_for=frozenset(draw(st.sets(st.integers(0, count - 1), max_size=2))),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return steps, repairs


class TestGraphs:
    @given(graphs())
    def test_repairs_keep_every_order_between_what_is_left(self, case: tuple[list[ProposedStep], list[Repair]]) -> None:
        """After any repairs, a step depends on earlier steps only, and what came surely before another still does."""
        steps, repairs = case
        mended = repaired(steps, repairs)
        if mended is None:
            return
        assert all(earlier < index for index, one in enumerate(mended) for earlier in one.depends_on)
        place = {one.targets[0]: index for index, one in enumerate(mended)}
        before, after = reach(steps), reach(mended)
        for index, one in enumerate(steps):
            for earlier in before[index]:
                first, second = steps[earlier].targets[0], one.targets[0]
                if first in place and second in place:
                    assert place[first] in after[place[second]]
