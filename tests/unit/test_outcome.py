"""The end of an execution: why something failed, by what one can do about it."""

import pytest

from agent_server.agents.assessing.assess import assess
from agent_server.agents.assessing.failures import HELP, Sort, sort_of
from agent_server.contract.assess import AssessRequest, Outcome
from agent_server.contract.plan import TargetFacts

STOP = "aws.ec2.stop_instances"


def unit(state="failed", code="", handle="r1", operation=STOP):
    """One unit."""
    return Outcome(handle=handle, operation=operation, state=state, code=code)


def ended(*units, env="dev"):
    """Return the judgement of an execution over targets of one environment."""
    handles = {one.handle for one in units}
    targets = [TargetFacts(handle=one, type="ec2::instance", cloud="aws", tags={"env": env}) for one in sorted(handles)]
    return assess(AssessRequest(request_id="t-1", outcome=list(units), targets=targets))


@pytest.mark.parametrize(
    ("code", "sort"),
    [
        ("UnauthorizedOperation", Sort.DENIED), ("AccessDenied", Sort.DENIED), ("AuthorizationFailed", Sort.DENIED), ("forbidden", Sort.DENIED),
        ("RequestDisallowedByPolicy", Sort.DENIED), ("ExpiredToken", Sort.CREDENTIALS), ("NoCredentialsError", Sort.CREDENTIALS),
        ("RequestLimitExceeded", Sort.THROTTLED), ("ThrottlingException", Sort.THROTTLED), ("rateLimitExceeded", Sort.THROTTLED),
        ("SlowDown", Sort.THROTTLED), ("LimitExceededException", Sort.QUOTA), ("quotaExceeded", Sort.QUOTA), ("InsufficientInstanceCapacity", Sort.QUOTA),
        ("ZONE_RESOURCE_POOL_EXHAUSTED", Sort.QUOTA), ("SkuNotAvailable", Sort.QUOTA), ("InvalidInstanceID.NotFound", Sort.NOT_FOUND),
        ("NoSuchBucket", Sort.NOT_FOUND), ("ResourceNotFound", Sort.NOT_FOUND), ("DependencyViolation", Sort.IN_THE_WAY), ("BucketNotEmpty", Sort.IN_THE_WAY),
        ("ScopeLocked", Sort.IN_THE_WAY), ("resourceInUseByAnotherResource", Sort.IN_THE_WAY), ("IncorrectInstanceState", Sort.STATE),
        ("OperationNotAllowed", Sort.STATE), ("conditionNotMet", Sort.STATE), ("drift", Sort.DRIFT), ("not_verified", Sort.NOT_VERIFIED),
        ("unanswered", Sort.UNANSWERED), ("InvalidParameterValue", Sort.INVALID), ("SomethingElse", Sort.OTHER), ("", Sort.OTHER),
    ],
)  # fmt: skip
def test_codes_of_three_clouds_come_down_to_what_one_can_do(code, sort):
    """The vendors' own codes."""
    assert sort_of(code) is sort


def test_all_done_is_nothing_to_worry_about():
    """No steps, no score."""
    found = ended(unit("succeeded"), unit("succeeded", handle="r2"))
    assert (found.severity, found.score, found.next_steps) == ("info", 0, [])
    assert found.explanation == ["Of 2: 2 succeeded."]


def test_a_denied_call_names_the_right_that_is_missing():
    """And that repeating it does not help."""
    found = ended(unit(code="UnauthorizedOperation"))
    assert found.explanation == ["Of 1: 1 failed.", "r1: the credentials may not do this."]
    assert "the right to stop (ec2.stop_instances)" in found.next_steps[0].text
    assert found.next_steps[0].ask == ""


def test_a_throttled_call_can_be_asked_for_again():
    """As one would type it."""
    found = ended(unit(code="RequestLimitExceeded"), unit("succeeded", handle="r2"))
    assert found.next_steps[0].ask == "stop r1"
    assert (found.severity, found.score) == ("medium", 30)


def test_what_is_unsure_comes_first_and_is_never_told_to_be_repeated():
    """Check, then decide."""
    found = ended(
        unit(code="AccessDenied", handle="r2"),
        unit(code="AccessDenied", handle="r3"),
        unit("uncertain", code="unanswered"),
    )
    assert found.explanation[1].startswith("r1: no answer came")
    assert found.next_steps[0].ask == "describe r1"
    assert found.score == 45


def test_production_and_deletions_weigh_more():
    """The same failure, 15 for each."""
    delete = "aws.ec2.terminate_instances"
    assert ended(unit(code="drift")).score == 20
    assert ended(unit(code="drift"), env="prod").score == 35
    assert ended(unit(code="drift", operation=delete), env="prod").score == 50


def test_failures_of_one_sort_are_one_sentence_and_one_step():
    """Forty denied machines are not forty lines."""
    found = ended(*(unit(code="AccessDenied", handle=f"r{n}") for n in range(1, 41)))
    assert found.explanation[1] == "r1, r2, r3 and 37 more: the credentials may not do this."
    assert len(found.next_steps) == 1


def test_cancelled_work_is_told_with_how_to_go_on():
    """Nothing failed, but not everything was done."""
    found = ended(unit("succeeded"), unit("cancelled", handle="r2"))
    assert (found.severity, found.score) == ("low", 10)
    assert found.next_steps


def test_every_sort_has_help():
    """None is left without a next step."""
    assert set(HELP) == set(Sort)
    assert all(one.text for one in HELP.values())
