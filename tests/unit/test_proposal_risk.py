"""How a proposal's risk is judged."""

import pytest

from agent_server.agents.risk import assess, level_of
from agent_server.contract.plan import ProposedPlan, ProposedStep, Risk
from tests.fakes.plan_requests import target, targets

STOP, DELETE = "aws.ec2.stop_instances", "aws.ec2.terminate_instances"


def risk(operation: str, count: int = 1, **facts: object) -> Risk:
    """Judge one step."""
    on = {one.handle: one for one in targets(count, **facts)}
    return assess(ProposedPlan(steps=[ProposedStep(operation=operation, targets=list(on))]), on)


def test_stopping_a_dev_machine_is_nothing_to_worry_about() -> None:
    """Reversible, one, dev: low, and the reason says so."""
    judged = risk(STOP)
    assert (judged.level, judged.score) == ("low", 0)
    assert judged.reasons


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"tags": {"env": "prod"}}, "1 in prod"),
        ({"tags": {}}, "1 of no known environment"),
        ({"tags": {"env": "dev", "data-class": "PII"}}, "1 holds sensitive data"),
        ({"facts": {"owned": True}}, "1 is run by a group or stack that may undo this"),
        ({"permissions": {STOP: "denied"}}, "1 not permitted to Escher's credentials"),
    ],
)
def test_each_circumstance_raises_the_score_and_is_named(facts: dict, reason: str) -> None:
    """Nothing raises a score without saying so."""
    judged = risk(STOP, **facts)
    assert judged.score > risk(STOP).score
    assert reason in judged.reasons


def test_deleting_weighs_more_than_stopping() -> None:
    """What cannot be taken back is at least high."""
    assert risk(DELETE).level == "high"
    assert risk(DELETE, tags={"env": "prod"}).level == "critical"


def test_many_at_once_weigh_more() -> None:
    """Five, six, twenty-one."""
    assert risk(STOP, 5).score < risk(STOP, 6).score < risk(STOP, 21).score


def test_opening_something_to_the_public_is_named() -> None:
    """Exposure is a reason of its own."""
    on = {"r1": target("r1", type="s3::bucket", state="")}
    judged = assess(ProposedPlan(steps=[ProposedStep(operation="escher.s3.make_public", targets=["r1"])]), on)
    assert "can weaken security" in judged.reasons


@pytest.mark.parametrize(
    ("score", "level"), [(0, "low"), (24, "low"), (25, "medium"), (50, "high"), (75, "critical"), (100, "critical")]
)
def test_a_score_has_the_level_that_the_runner_gives_it(score: int, level: str) -> None:
    """The floors are those of the runner's own judgement."""
    assert level_of(score) == level
