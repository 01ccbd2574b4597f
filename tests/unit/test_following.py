"""A followed playbook is held to: its operations, its values, its order, on the targets that were asked about, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from engine.planning.admission import Admitted, admit
from engine.planning.following import following
from engine.refusal import Refusal
from tests.fakes.hostile_plans import ec2, plan
from tests.fakes.hostile_plans import step as proposed
from tests.fakes.playbooks import (
    DELETING,
    GROW,
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

STOPPING = playbook(step(STOP))


def follow(book, values=None, *resources: Any):
    """A request to follow a playbook on some machines."""
    held = following(book, values or {}, CATALOG)
    assert not isinstance(held, Refusal), held
    return replace(asked((book.action.value, {}, list(resources) or [ec2("a"), ec2("b")])), follow=held)


def door(request, *steps, **more):
    """What admission says to a proposal."""
    return admit(plan(*steps, **more), request, CATALOG, POLICY)


def test_the_playbooks_own_steps_are_admitted():
    """Stop, resize, start on one machine, with the value that was given."""
    made = door(
        follow(RESIZING, {"size": "m5.large"}, ec2("a")),
        proposed(STOP, "r1"),
        proposed(RESIZE, "r1", after=(0,), instance_type="m5.large"),
        proposed(START, "r1", after=(1,)),
    )
    assert isinstance(made, Admitted), made
    assert [one.operation for one in made.plan.steps] == [STOP, RESIZE, START]
    assert made.plan.steps[1].params == {"instance_type": "m5.large"}


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([proposed(TERMINATE, "r1", "r2")], "not one of the playbook's"),
        ([proposed(STOP, "r1", "r2"), proposed(START, "r1", after=(0,))], "not one of the playbook's"),
        ([proposed(STOP, "r1", "r2"), proposed(TAG, "r1", tags={"env": "prod"})], "not one of the playbook's"),
        ([proposed(STOP, "r1", "r3")], "r3"),
        ([proposed(STOP, "r1")], "left out"),
        ([proposed(STOP, "r1", "r2"), proposed(STOP, "r1")], "twice"),
        ([proposed("aws.iam.delete_user", "r1", "r2")], "does not know"),
    ],
)
def test_what_is_not_in_the_playbook_is_refused(steps, why):
    """Another operation, a step too many, another target, a target left out, the same twice: the whole is refused."""
    said = door(follow(STOPPING), *steps)
    assert isinstance(said, Refusal)
    assert why in said.message


def test_another_value_than_the_one_given_is_refused():
    """The size that was asked for, with its type, and no other."""
    request = follow(RESIZING, {"size": "m5.large"}, ec2("a", "stopped"))
    for size in ("m5.24xlarge", 5):
        said = door(
            request,
            proposed(RESIZE, "r1", instance_type=size),
            proposed(START, "r1", after=(0,)),
        )
        assert isinstance(said, Refusal)


def test_a_step_that_leads_and_is_done_already_may_be_left_out():
    """A stopped machine need not be stopped; what follows is still wanted whole."""
    request = follow(RESIZING, {"size": "m5.large"}, ec2("a", "stopped"))
    resize = proposed(RESIZE, "r1", instance_type="m5.large")
    assert isinstance(door(request, resize, proposed(START, "r1", after=(0,))), Admitted)
    assert isinstance(door(request, resize), Refusal)


def test_what_comes_before_a_destruction_is_waited_for():
    """The playbook copies and then terminates; without the copy, or beside it, nothing is terminated."""
    request = follow(DELETING, {}, ec2("a", env="dev"))
    copied = proposed(SNAPSHOT, "r1")
    assert isinstance(door(request, copied, proposed(TERMINATE, "r1", after=(0,))), Admitted)
    assert isinstance(door(request, copied, proposed(TERMINATE, "r1")), Refusal)
    assert isinstance(door(request, proposed(TERMINATE, "r1")), Refusal)


def test_a_declared_order_is_waited_for():
    """A start that does not wait for the resize is refused."""
    said = door(
        follow(RESIZING, {"size": "m5.large"}, ec2("a")),
        proposed(STOP, "r1"),
        proposed(RESIZE, "r1", after=(0,), instance_type="m5.large"),
        proposed(START, "r1", after=(0,)),
    )
    assert isinstance(said, Refusal)
    assert "does not wait" in said.message


@pytest.mark.parametrize(
    ("book", "code", "why"),
    [
        (playbook(step("aws.iam.delete_user")), "playbook.operations", "aws.iam.delete_user"),
        (playbook(step(TERMINATE)), "playbook.untrue", "can destroy"),
        (playbook(step(STOP, target_type="rds::instance")), "playbook.untrue", "acts on ec2::instance"),
        (playbook(step(STOP, depends_on=[0])), "playbook.unsound", "waits for earlier steps only"),
        (playbook(step(TAG, params={"tags": {"a": "{{owner}}"}})), "playbook.unsound", "no parameter of the playbook"),
        (playbook(step(TAG, params={"Tags": {"a": "b"}})), "playbook.parameter", "gives Tags to aws.ec2.create_tags"),
        (SCRIPTED, "playbook.script", "runs no scripts"),
    ],
)
def test_a_playbook_that_cannot_be_taken_at_its_word_is_not_followed(book, code, why):
    """Unknown operations are named; a destruction that is called a change, a script, a lost value: nothing is planned."""
    said = following(book, {}, CATALOG)
    assert isinstance(said, Refusal)
    assert said.code == code
    assert why in said.message


def test_a_value_keeps_its_type_and_stands_inside_texts():
    """`{{n}}` alone is the number; within words it is written out; in a map it is filled in."""
    asked = [
        {"name": "who", "kind": "string", "description": "Who."},
        {"name": "gb", "kind": "integer", "description": "How much."},
    ]
    book = playbook(
        step(TAG, params={"tags": {"owner": "{{who}}", "note": "by {{who}}, {{gb}}"}}),
        step(GROW, params={"size_gb": "{{gb}}"}),
        parameters=asked,
    )
    held = following(book, {"who": "ada", "gb": 3}, CATALOG)
    assert held.steps[0].params == {"tags": {"owner": "ada", "note": "by ada, 3"}}
    assert held.steps[1].params == {"size_gb": 3}


def test_a_generic_kind_in_the_playbook_is_its_clouds_kind():
    """`any::vm` on AWS is an EC2 instance."""
    held = following(playbook(step(STOP, target_type="any::vm")), {}, CATALOG)
    assert [kind for kind, _ in held.kinds] == ["ec2::instance"]
    assert held.words == ("Stop", "Stopping", "Stopped")
