"""What keeps a playbook from being followed is found before anybody tries, all of it, and said in words."""

from typing import Any

import pytest

from engine.planning.hindrances import Obstacle, hindrances, said
from tests.fakes.playbooks import GROW, RESIZING, SCRIPTED, STOP, TAG, TERMINATE, playbook, step
from tests.fakes.requests import CATALOG

ENABLE = "escher.rds.enable"


def asks(kind: str, **fields: Any) -> list[dict[str, Any]]:
    """The one parameter of a playbook."""
    return [{"name": "value", "kind": kind, "description": "A value.", **fields}]


def test_nothing_keeps_back_what_gives_each_operation_what_it_takes():
    """Stop, resize to a size that is asked for, start."""
    assert hindrances(RESIZING, CATALOG) == ()


@pytest.mark.parametrize(
    ("book", "obstacle", "words"),
    [
        (SCRIPTED, Obstacle.SCRIPT, "runs no scripts"),
        (playbook(step("aws.iam.delete_user")), Obstacle.OPERATION, "Escher does not do aws.iam.delete_user"),
        (playbook(step(TERMINATE)), Obstacle.EFFECT, "its step 1 is said to write, but aws.ec2.terminate_instances can"),
        (playbook(step(STOP, target_type="rds::instance")), Obstacle.TYPE, "acts on ec2::instance"),
        (playbook(step(STOP), step(STOP, depends_on=[1])), Obstacle.SENSE, "steps.1.depends_on: a step waits"),
        (playbook(step(TAG, params={"tags": {"a": "{{b}}"}})), Obstacle.SENSE, "b stands in double braces"),
        (playbook(step(GROW, params={"Size": 8})), Obstacle.PARAMETER, f"gives Size to {GROW}, which takes size_gb"),
        (playbook(step(GROW)), Obstacle.PARAMETER, f"its step 1 gives no size_gb, which {GROW} needs"),
        (playbook(step(STOP, params={"Force": True})), Obstacle.PARAMETER, f"gives Force to {STOP}, which takes nothing"),
        (playbook(step(GROW, params={"size_gb": "8"})), Obstacle.PARAMETER, "gives size_gb a value that"),
        (playbook(step(ENABLE, params={"feature": "mfa"})), Obstacle.PARAMETER, "gives feature a value that"),
        (playbook(step(TAG, params={"tags": ["a"]})), Obstacle.PARAMETER, "gives tags a value that"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named(book, obstacle, words):
    """Its kind, and a clause that a person understands."""
    found = hindrances(book, CATALOG)
    assert [one.obstacle for one in found][:1] == [obstacle]
    assert words in said(found)


@pytest.mark.parametrize(
    ("operation", "params", "declared", "fits"),
    [
        (GROW, {"size_gb": "{{value}}"}, asks("integer"), True),
        (GROW, {"size_gb": "{{value}}"}, asks("string"), False),
        (GROW, {"size_gb": "{{value}} GB"}, asks("integer"), False),
        (TAG, {"tags": {"size": "{{value}}"}}, asks("string"), True),
        (TAG, {"tags": {"size": "{{value}}"}}, asks("integer"), False),
        (TAG, {"tags": {"size": "{{value}} GB"}}, asks("integer"), True),
        (TAG, {"tags": "{{value}}"}, asks("string"), False),
        (ENABLE, {"feature": "{{value}}"}, asks("choice", choices=["deletion_protection", "logs"]), True),
        (ENABLE, {"feature": "{{value}}"}, asks("choice", choices=["multi_az", "logs"]), False),
        ("aws.ec2.delete_tags", {"keys": ["{{value}}"]}, asks("resource"), True),
        ("aws.ec2.delete_tags", {"keys": ["{{value}}"]}, asks("boolean"), False),
        ("aws.ec2.delete_tags", {"keys": "{{value}}"}, asks("string"), False),
        ("aws.rds.modify_db_instance", {"public": "{{value}}"}, asks("boolean"), True),
        ("aws.rds.modify_db_instance", {"public": "{{value}}"}, asks("string"), False),
    ],
)
def test_a_value_that_is_asked_for_has_the_kind_that_the_operation_takes(operation, params, declared, fits):
    """A number where it takes a number; inside other words anything is written out."""
    book = playbook(step(operation, params=params), parameters=declared)
    assert [one.obstacle for one in hindrances(book, CATALOG)] == ([] if fits else [Obstacle.PARAMETER])


def test_everything_is_found_and_what_changes_something_is_said_first():
    """Of what only looks one hears when nothing else is lacking; what is too much for a line is counted."""
    reads = step("aws.iam.get_user", effect="read")
    book = playbook(reads, step("aws.iam.delete_user", effect="destroy"), reads, step(GROW))
    found = hindrances(book, CATALOG)
    assert [one.operation for one in found] == ["aws.iam.delete_user", "aws.iam.get_user", GROW]
    assert said(found) == f"Escher does not do aws.iam.delete_user; its step 4 gives no size_gb, which {GROW} needs"
    assert said(hindrances(playbook(reads), CATALOG)) == "Escher does not do aws.iam.get_user"
    many = playbook(*(step(f"aws.iam.call_{number}") for number in range(5)))
    assert said(hindrances(many, CATALOG)).endswith("aws.iam.call_2, and 2 more")
