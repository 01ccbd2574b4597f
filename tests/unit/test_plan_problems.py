"""Every problem that a proposal can have, and what mends it: one table, and what holds for all of them."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.capabilities import capabilities
from agent_server.agents.operations import framed
from agent_server.agents.validation import Checked, checked
from agent_server.contract.intent import Action, Part
from agent_server.contract.plan import Limits, PlanReply, ProposedPlan, ProposedStep, TargetFacts
from tests.fakes.plan_requests import EC2, intent, plan_request, target, targets

STOP, START, DELETE = "aws.ec2.stop_instances", "aws.ec2.start_instances", "aws.ec2.terminate_instances"
REBOOT, SNAPSHOT = "aws.ec2.reboot_instances", "aws.ec2.create_snapshots"
TAG, UNTAG = "aws.ec2.create_tags", "aws.ec2.delete_tags"
RESIZE, GROW = "aws.ec2.modify_instance_attribute", "aws.ec2.modify_volume"
DELETE_DB, ENABLE_DB, DISABLE_DB = "aws.rds.delete_db_instance", "escher.rds.enable", "escher.rds.disable"
PROTECTION = {"feature": "deletion_protection"}
BIGGER = {"instance_type": "m5.xlarge"}
Left = tuple[tuple[str, str, tuple[int, ...]], ...]


def step(operation: str, handles: str, after: tuple[int, ...] = (), **params: object) -> ProposedStep:
    """One step; handles stand in one word, parted by spaces."""
    return ProposedStep(operation=operation, targets=handles.split(), depends_on=list(after), params=params)


def volume(handle: str, **facts: Any) -> TargetFacts:
    """A volume of 100 GB that nothing uses."""
    return target(handle, type="ec2::volume", state="available", facts={"size_gb": 100, **facts})


def database(handle: str, part: int = 0, **facts: Any) -> TargetFacts:
    """A database."""
    return target(handle, part=part, type="rds::instance", state="available", facts=facts)


def parts(*actions: str, **filters: Any) -> list[Part]:
    """Parts about the same machines, in no order."""
    return [Part(action=Action(action), resource_types=[EC2], filters=filters) for action in actions]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A proposal with a problem. `left` are operation, targets and dependencies of what remains; without it nothing does, and `why` says so."""

    code: str = ""
    steps: tuple[ProposedStep, ...]
    on: list[TargetFacts]
    left: Left = ()
    why: str = ""
    action: str = "stop"
    filters: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)


ONE, TWO_PARTS = targets(1), [target("r1"), target("r2", part=1)]
MIXED = [target("r1"), target("r2", state="stopped")]
STOPPED = {"state": "stopped"}
CASES: dict[str, Case] = {
    "an operation that the runner does not have": Case(
        code="operation.unknown",
        steps=(step("aws.ec2.hibernate", "r1"), step(STOP, "r1")),
        on=ONE,
        left=((STOP, "r1", ()),),
    ),
    "a handle that nobody gave": Case(
        code="target.unknown", steps=(step(STOP, "r1 r9"),), on=ONE, left=((STOP, "r1", ()),)
    ),
    "a handle of another kind": Case(
        code="target.type", steps=(step(STOP, "r1 r2"),), on=[target("r1"), volume("r2")], left=((STOP, "r1", ()),)
    ),
    "an action that nobody asked for": Case(
        code="action.other", steps=(step(STOP, "r1"), step(DELETE, "r1")), on=ONE, left=((STOP, "r1", ()),)
    ),
    "parameters that nobody said": Case(
        code="params.other",
        steps=(step(TAG, "r1", tags={"owner": "eve"}),),
        on=ONE,
        action="tag",
        filters={"set_tags": {"owner": "dana"}},
        left=((TAG, "r1", ()),),
    ),
    "some are denied": Case(
        code="permission.denied",
        steps=(step(STOP, "r1 r2"),),
        on=[target("r1"), target("r2", permissions={STOP: "denied"})],
        left=((STOP, "r1 r2", ()),),
    ),
    "all are denied": Case(
        code="permission.denied",
        steps=(step(STOP, "r1"),),
        on=targets(1, permissions={STOP: "denied"}),
        why="may not use",
    ),
    "already stopped": Case(code="state.already", steps=(step(STOP, "r1 r2"),), on=MIXED, left=((STOP, "r1", ()),)),
    "in a state that does not allow it": Case(
        code="state.wrong", steps=(step(REBOOT, "r1 r2"),), on=MIXED, action="restart", left=((REBOOT, "r1", ()),)
    ),
    "already of that size": Case(
        code="state.already",
        steps=(step(RESIZE, "r1 r2", **BIGGER),),
        on=[target("r1", **STOPPED), target("r2", **STOPPED, facts={"size": "m5.xlarge"})],
        action="resize",
        filters=BIGGER,
        left=((RESIZE, "r1", ()),),
    ),
    "a volume that is that large already": Case(
        code="state.already",
        steps=(step(GROW, "r1", size_gb=100),),
        on=[volume("r1")],
        action="resize",
        filters={"size_gb": 100},
        why="already so",
    ),
    "a volume that would shrink": Case(
        code="infeasible",
        steps=(step(GROW, "r1 r2", size_gb=150),),
        on=[volume("r1"), volume("r2", size_gb=200)],
        action="resize",
        filters={"size_gb": 150},
        left=((GROW, "r1", ()),),
    ),
    "a size that is not to be had there": Case(
        code="infeasible",
        steps=(step(RESIZE, "r1", **BIGGER),),
        on=targets(1, **STOPPED, facts={"sizes_offered": ["m5.large"]}),
        action="resize",
        filters=BIGGER,
        why="not offered",
    ),
    "a database that is protected against deletion": Case(
        code="infeasible",
        steps=(step(DELETE_DB, "r1 r2"),),
        on=[database("r1"), database("r2", deletion_protection=True)],
        action="delete",
        left=((DELETE_DB, "r1", ()),),
    ),
    "a feature that is on already": Case(
        code="state.already",
        steps=(step(ENABLE_DB, "r1", **PROTECTION),),
        on=[database("r1", deletion_protection=True)],
        action="enable",
        filters=PROTECTION,
        why="already so",
    ),
    "a feature that is off already": Case(
        code="state.already",
        steps=(step(DISABLE_DB, "r1", **PROTECTION),),
        on=[database("r1", deletion_protection=False)],
        action="disable",
        filters=PROTECTION,
        why="already so",
    ),
    "encrypted already": Case(
        code="state.already",
        steps=(step("escher.s3.encrypt", "r1"),),
        on=[target("r1", type="s3::bucket", state="", facts={"encrypted": True})],
        action="encrypt",
        why="already so",
    ),
    "tagged so already": Case(
        code="state.already",
        steps=(step(TAG, "r1 r2", tags={"team": "web"}),),
        on=[target("r1"), target("r2", tags={"env": "dev", "team": "web"})],
        action="tag",
        filters={"set_tags": {"team": "web"}},
        left=((TAG, "r1", ()),),
    ),
    "more than the quota has room for": Case(
        code="quota",
        steps=(step(RESIZE, "r1 r2", **BIGGER),),
        on=targets(2, **STOPPED, facts={"quota_left": 1}),
        action="resize",
        filters=BIGGER,
        why="room for 1 more",
    ),
    "a step before what it waits for": Case(
        code="order",
        steps=(step(DELETE, "r2"), step(SNAPSHOT, "r1")),
        on=TWO_PARTS,
        parts=parts("snapshot", "delete"),
        left=((SNAPSHOT, "r1", ()), (DELETE, "r2", (0,))),
    ),
    "a copy that a deletion does not wait for": Case(
        code="order",
        steps=(step(DELETE, "r1"), step(SNAPSHOT, "r1")),
        on=ONE,
        action="delete",
        left=((SNAPSHOT, "r1", ()), (DELETE, "r1", (0,))),
    ),
    "a deletion beside a change of the same things": Case(
        code="order",
        steps=(step(DELETE, "r2"), step(TAG, "r1", tags={"a": "b"})),
        on=TWO_PARTS,
        parts=parts("tag", "delete", set_tags={"a": "b"}),
        left=((TAG, "r1", ()), (DELETE, "r2", (0,))),
    ),
    **{
        f"{first} and {then} in no order": Case(
            code="conflict",
            steps=(step(one, "r1", **more), step(other, "r2", **others)),
            on=[target("r1", state=""), target("r2", part=1, state="")],
            parts=parts(first, then, set_tags={"a": "b"}, remove_tags=["a"]),
            why="in no order",
        )
        for first, then, one, other, more, others in (
            ("stop", "start", STOP, START, {}, {}),
            ("stop", "restart", STOP, REBOOT, {}, {}),
            ("start", "delete", START, DELETE, {}, {}),
            ("tag", "untag", TAG, UNTAG, {"tags": {"a": "b"}}, {"keys": ["a"]}),
        )
    },
    "more targets than the runner takes": Case(
        code="limit.targets",
        steps=(step(STOP, "r1 r2"),),
        on=targets(2),
        limits=Limits(max_targets=1),
        why="at most 1",
    ),
    "more steps than the runner takes": Case(
        code="limit.steps",
        steps=(step(STOP, "r1"), step(STOP, "r2")),
        on=targets(2),
        limits=Limits(max_steps=1),
        why="at most 1",
    ),
    "steps that wait for each other": Case(
        code="order",
        steps=(step(DELETE, "r1"), step(SNAPSHOT, "r1", after=(0,))),
        on=ONE,
        action="delete",
        why="wait for each other",
    ),
}
CODES = {
    *("operation.unknown", "target.unknown", "target.type", "action.other", "params.other", "permission.denied"),
    *("state.already", "state.wrong", "infeasible", "quota", "order", "conflict", "limit.targets", "limit.steps"),
}


def judged(case: Case) -> Checked:
    """Check a case's proposal."""
    asked = intent(case.action, parts=case.parts, filters=case.filters)
    frame = framed(plan_request(asked, case.on, *capabilities(), limits=case.limits))
    assert not isinstance(frame, PlanReply)
    return checked(ProposedPlan(steps=list(case.steps)), frame)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_problem_is_found_and_mended_or_refused(case: Case) -> None:
    """The table: what is wrong, what it is called, and what is left."""
    result = judged(case)
    assert case.code in [finding.code for finding in result.findings]
    steps = result.plan.steps if result.plan else []
    assert tuple((one.operation, " ".join(one.targets), tuple(one.depends_on)) for one in steps) == case.left
    assert case.why in result.why_not
    assert bool(result.why_not) == (not case.left)


def test_the_table_has_every_code() -> None:
    """What the agent can find is what is tried here."""
    assert {case.code for case in CASES.values()} == CODES


def test_parameters_come_back_to_what_was_said() -> None:
    """The repair of parameters puts the person's own there."""
    result = judged(CASES["parameters that nobody said"])
    assert result.plan is not None
    assert result.plan.steps[0].params == {"tags": {"owner": "dana"}}


@pytest.mark.parametrize(
    ("action", "operation", "params"),
    [
        ("resize", "escher.rds.resize", {"instance_type": "db.m5.large"}),
        ("delete", DELETE_DB, {}),
        ("enable", ENABLE_DB, PROTECTION),
    ],
)
def test_what_an_earlier_part_changes_is_not_judged_by_its_facts_now(
    action: str, operation: str, params: dict[str, Any]
) -> None:
    """Switch the protection off, then delete: the deletion is possible then."""
    filters = {**PROTECTION, "instance_type": "db.m5.large"}
    asked = [
        Part(action=Action.DISABLE, resource_types=["rds::instance"], filters=PROTECTION),
        Part(action=Action(action), resource_types=["rds::instance"], filters=filters, after=[0]),
    ]
    known = {"deletion_protection": True, "size": "db.m5.large"}
    steps = (step(DISABLE_DB, "r1", **PROTECTION), step(operation, "r2", after=(0,), **params))
    result = judged(Case(steps=steps, on=[database("r1", **known), database("r2", part=1, **known)], parts=asked))
    assert result.plan is not None
    assert len(result.plan.steps) == 2


@st.composite
def proposals(draw: st.DrawFn) -> Case:
    """Any steps, over any of four targets, against one of a few requests."""
    asked = draw(st.sampled_from([[], parts("snapshot", "delete"), parts("stop", "tag", set_tags={"a": "b"})]))
    on = [
        target(
            f"r{number}",
            part=draw(st.integers(0, max(len(asked) - 1, 0))),
            state=draw(st.sampled_from(["", "running", "stopped"])),
            permissions=draw(st.sampled_from([{}, {STOP: "denied"}])),
        )
        for number in range(1, 5)
    ]
    steps = [
        step(
            draw(st.sampled_from([STOP, START, DELETE, SNAPSHOT, TAG, REBOOT, "aws.x.y"])),
            " ".join(draw(st.lists(st.sampled_from(["r1", "r2", "r3", "r4", "r9"]), min_size=1, max_size=4))),
            after=tuple(draw(st.sets(st.integers(0, 3), max_size=2))),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    return Case(steps=tuple(steps), on=on, action=draw(st.sampled_from(["stop", "delete"])), parts=asked)


@given(proposals())
def test_what_was_mended_needs_no_mending_again(case: Case) -> None:
    """A plan that comes out has nothing left that could be repaired, and is never empty; else there is a reason why not."""
    once = judged(case)
    if once.plan is None:
        assert once.why_not
        return
    assert once.plan.steps
    assert judged(replace(case, steps=tuple(once.plan.steps))).plan == once.plan
