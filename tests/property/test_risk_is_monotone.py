"""More of anything that makes a change risky never lowers its score, and nothing raises it without a reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.risk import LEVELS, assess, floor_of, level_of
from agent_server.contract.plan import Moment, ProposedPlan, ProposedStep, Risk, TargetFacts
from tests.fakes.plan_requests import target

STOP, TAG, DELETE = "aws.ec2.stop_instances", "aws.ec2.create_tags", "aws.ec2.terminate_instances"
SNAPSHOT, REBOOT = "aws.ec2.create_snapshots", "aws.ec2.reboot_instances"
RISING = ("dev", "staging", "", "prod")
FRIDAY = Moment(hour=16, weekday=4)
MIDDAY = Moment(hour=11, weekday=2)
NIGHT = Moment(hour=3, weekday=6)

operations = st.sampled_from([STOP, TAG, DELETE, SNAPSHOT, REBOOT])
moments = st.none() | st.builds(Moment, hour=st.integers(0, 23), weekday=st.integers(0, 6))
facts = st.fixed_dictionaries(
    {},
    optional={
        "owned": st.booleans(),
        "attached": st.booleans(),
        "behind_load_balancer": st.booleans(),
        "public": st.booleans(),
    },
)


@st.composite
def machines(draw: st.DrawFn, most: int = 25) -> list[TargetFacts]:
    """Some machines of any environment."""
    return [
        target(
            f"r{number}",
            tags={
                "env": draw(st.sampled_from(RISING)),
                "data-class": draw(st.sampled_from(["", "public", "pii"])),
            },
            facts=draw(facts),
            permissions=draw(st.sampled_from([{}, {STOP: "denied"}])),
        )
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]


def judged(operation: str, on: list[TargetFacts], moment: Moment | None = None) -> Risk:
    """Judge one operation on all of them."""
    plan = ProposedPlan(steps=[ProposedStep(operation=operation, targets=[one.handle for one in on])])
    return assess(plan, {one.handle: one for one in on}, moment)


def worse(one: TargetFacts, **changes: Any) -> TargetFacts:
    """Return a target with something changed."""
    return one.model_copy(update=changes)


@given(machines(), operations, moments)
def test_the_score_has_its_level_and_reasons(on: list[TargetFacts], operation: str, moment: Moment | None) -> None:
    """Between 0 and 100, the word that belongs to it, at least one reason, and the same every time."""
    risk = judged(operation, on, moment)
    assert 0 <= risk.score <= 100
    assert risk.level == level_of(risk.score)
    assert risk.reasons
    assert risk == judged(operation, on, moment)


@given(machines(), operations, moments, machines(most=3))
def test_more_targets_never_make_it_less_risky(
    on: list[TargetFacts], operation: str, moment: Moment | None, more: list[TargetFacts]
) -> None:
    """Whatever they are."""
    added = [worse(one, handle=f"r{100 + number}") for number, one in enumerate(more)]
    assert judged(operation, [*on, *added], moment).score >= judged(operation, on, moment).score


@given(machines(), operations, moments, st.integers(0, 24), st.data())
def test_each_factor_of_a_target_only_raises_the_score(
    on: list[TargetFacts], operation: str, moment: Moment | None, which: int, data: st.DataObject
) -> None:
    """A dearer environment, sensitive data, an owner, something that leans on it, the public, a denied permission."""
    at = which % len(on)
    one = on[at]
    env = one.tags["env"]
    change = data.draw(
        st.sampled_from(
            [
                {"tags": {**one.tags, "env": RISING[min(RISING.index(env) + 1, len(RISING) - 1)]}},
                {"tags": {**one.tags, "data-class": "pii"}},
                *({"facts": {**one.facts, fact: True}} for fact in ("owned", "attached", "has_replicas", "public")),
                {"permissions": {operation: "denied"}},
            ]
        )
    )
    raised = [*on[:at], worse(one, **change), *on[at + 1 :]]
    assert judged(operation, raised, moment).score >= judged(operation, on, moment).score


@given(machines(), moments)
def test_what_destroys_is_riskier_than_what_interrupts_and_that_than_what_marks(
    on: list[TargetFacts], moment: Moment | None
) -> None:
    """Deleting, restarting, stopping, tagging: in this order."""
    calm = [worse(one, permissions={}) for one in on]
    scores = [judged(operation, calm, moment).score for operation in (DELETE, REBOOT, STOP, TAG)]
    assert scores == sorted(scores, reverse=True)


@given(machines(), operations, moments)
def test_knowing_the_hour_never_lowers_the_score(on: list[TargetFacts], operation: str, moment: Moment | None) -> None:
    """A quiet hour is as no hour at all."""
    assert judged(operation, on, moment).score >= judged(operation, on).score


@pytest.mark.parametrize(
    ("moment", "weight", "reason"),
    [(None, 0, ""), (NIGHT, 0, ""), (MIDDAY, 5, "in working hours"), (FRIDAY, 10, "on a Friday afternoon")],
)
def test_the_hour_counts_for_interruptions_of_production(moment: Moment | None, weight: int, reason: str) -> None:
    """Not for dev, and not for what interrupts nothing."""
    prod, dev = [target("r1", tags={"env": "prod"})], [target("r1")]
    risk = judged(STOP, prod, moment)
    assert risk.score == judged(STOP, prod).score + weight
    assert not reason or reason in risk.reasons
    assert judged(STOP, dev, moment).score == judged(STOP, dev).score
    assert judged(TAG, prod, moment).score == judged(TAG, prod).score


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_begins_at_its_floor(level: Any) -> None:
    """One less is the level below."""
    assert level_of(floor_of(level)) == level
    assert level == "low" or level_of(floor_of(level) - 1) != level


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"behind_load_balancer": True}, "1 that something else depends on"),
        ({"attached": True}, "1 that something else depends on"),
        ({"public": True}, "1 open to the public, so that outsiders notice"),
    ],
)
def test_what_leans_on_a_target_is_named_when_it_goes_out_of_service(facts: dict[str, Any], reason: str) -> None:
    """And not when it is only tagged."""
    on = [target("r1", facts=facts)]
    assert reason in judged(STOP, on).reasons
    assert reason not in judged(TAG, on).reasons
