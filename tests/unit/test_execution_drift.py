"""Whether a target is still what was approved: every way in which it may have changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.estate.resource import Cloud, Resource
from engine.execution.drift import drift
from engine.planning.plan import guard

BEFORE = Resource(
    id="arn:aws:ec2:us-east-1:111111111111:instance/i-1",
    type="ec2::instance",
    cloud=Cloud.AWS,
    account="111111111111",
    region="us-east-1",
    name="web-1",
    state="running",
    size="t3.medium",
    tags={"env": "dev"},
    created_at=datetime(2030, 1, 1, tzinfo=UTC),
    public=False,
    encrypted=True,
)
CHANGES = {
    "state": ({"state": "stopped"}, "is stopped now, was running"),
    "size": ({"size": "m5.large"}, "has size m5.large now, was t3.medium"),
    "tag changed": ({"tags": {"env": "prod"}}, "has other tags"),
    "tag added": ({"tags": {"env": "dev", "keep": "yes"}}, "has other tags"),
    "tags gone": ({"tags": {}}, "has other tags"),
    "replaced": ({"created_at": datetime(2031, 1, 1, tzinfo=UTC)}, "was replaced by another of the same name"),
    "birth unknown now": ({"created_at": None}, "was replaced by another of the same name"),
    "public": ({"public": True}, "is public now"),
    "no longer told whether public": ({"public": None}, "no longer tells whether it is public"),
    "not encrypted": ({"encrypted": False}, "is not encrypted now"),
    "renamed": ({"name": "web-2"}, "is called web-2 now, was web-1"),
    "moved": ({"region": "us-west-2"}, "is in us-west-2 now, was us-east-1"),
    "other account": ({"account": "222222222222"}, "has another account: 222222222222 now, was 111111111111"),
    "other type": ({"type": "ec2::host"}, "has another type: ec2::host now, was ec2::instance"),
}
IDENTITY = {"replaced", "birth unknown now", "moved", "other account", "other type"}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found_and_said(change: str):
    """Whatever the guard holds and is different now is drift, in plain words."""
    changed, words = CHANGES[change]
    assert drift(guard(BEFORE), replace(BEFORE, **changed)) == words


def test_what_is_gone_is_drift_too():
    """Also for a target that an earlier step has touched."""
    assert drift(guard(BEFORE), None) == "no longer exists"
    assert drift(guard(BEFORE), None, identity_only=True) == "no longer exists"


def test_the_same_thing_is_no_drift():
    """Nor is a tag in another order, or the same birth in another time zone."""
    assert drift(guard(BEFORE), BEFORE) == ""
    two = replace(BEFORE, tags={"b": "2", "a": "1"})
    assert drift(guard(two), replace(two, tags={"a": "1", "b": "2"})) == ""


@pytest.mark.parametrize("change", CHANGES)
def test_after_an_earlier_step_only_the_identity_counts(change: str):
    """The plan itself changed state and size; that it is the same thing must still hold."""
    changed, _ = CHANGES[change]
    found = drift(guard(BEFORE), replace(BEFORE, **changed), identity_only=True)
    assert bool(found) == (change in IDENTITY)
