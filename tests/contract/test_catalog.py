"""Every operation of every cloud declares what the rest of Escher relies on."""

import shlex
import subprocess
import sys
from dataclasses import replace

import pytest

from agent_server.contract.intent import Action
from agent_server.contract.types import resource_types
from engine.clouds.catalog import catalog
from engine.clouds.operation import Composite, Effect, Operation, Param, ParamKind, Params, ReplayClass, Verdict
from engine.estate.resource import Cloud, Json, Resource
from engine.planning import parameters

CATALOG = catalog()
OPERATIONS = tuple(CATALOG.operations.values())
COMPOSITES = tuple(CATALOG.composites.values())
# Empty serves composites and undos alone.
VERBS = frozenset(Action) | {""}
FITTING: dict[ParamKind, Json] = {
    ParamKind.INTEGER: 1,
    ParamKind.BOOLEAN: True,
    ParamKind.TEXT_MAP: {"env": "dev"},
    ParamKind.TEXT_LIST: ["env"],
}
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)


def target(found: Operation | Composite) -> Resource:
    """Something of the right type, with nothing known about it."""
    ids = {
        Cloud.AWS: "arn:aws:ec2:us-east-1:111111111111:instance/i-0ab1c2d3e4f5a6b7c",
        Cloud.AZURE: "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/web",
        Cloud.GCP: "projects/p/zones/us-central1-a/instances/web",
    }
    regions = {Cloud.AWS: "us-east-1", Cloud.AZURE: "westus", Cloud.GCP: "us-central1"}
    return Resource(
        id=ids[found.cloud], type=found.type, cloud=found.cloud, account="a", region=regions[found.cloud], name="web"
    )


def fitting(declared: tuple[Param, ...]) -> Params:
    """Parameters that pass their own declaration."""
    return {param.name: _value(param) for param in declared}


def _value(param: Param) -> Json:
    if param.kind is not ParamKind.TEXT:
        return FITTING[param.kind]
    words = (
        "",
        "{}",
        "a",
        "p-7f3a0b1c",
        "10",
        "i-0123456789abcdef0",
        "db.t3.micro",
        "e2-medium",
        "Standard_B2s",
        "t3.large",
    )
    return next(word for word in (*param.choices, *words) if not parameters.problem((param,), {param.name: word}))


def test_there_is_something_to_do_on_aws() -> None:
    """The catalogue holds operations and composites, each id once."""
    assert any(one.cloud is Cloud.AWS for one in OPERATIONS)
    assert len(set(CATALOG.ids())) == len(CATALOG.ids()) == len(OPERATIONS) + len(COMPOSITES)


@every_operation
def test_an_operation_is_declared_whole(operation: Operation) -> None:
    """Permissions, three forms of the word, a verb people can use, time limits, and an undo or the reason for none."""
    assert operation.permissions
    assert all(operation.permissions)
    assert len([word for word in operation.words if word.strip()]) == 3
    assert operation.action in VERBS
    assert 0 < operation.expected_seconds <= operation.deadline_seconds
    assert bool(operation.inverse) != bool(operation.no_inverse_because)
    assert operation.exposes or operation.exposes_when is None


@every_operation
def test_an_operations_id_says_cloud_service_and_method(operation: Operation) -> None:
    """`aws.ec2.stop_instances`: three parts, the cloud first."""
    parts = operation.id.split(".")
    assert parts[0] == operation.cloud.value
    assert len(parts) == 3
    assert all(part.replace("_", "").isalnum() for part in parts)


@pytest.mark.parametrize("found", [*OPERATIONS, *COMPOSITES], ids=lambda one: one.id)
def test_its_type_is_one_people_can_name(found: Operation | Composite) -> None:
    """The type is in the one table of types, on the operation's cloud."""
    assert (found.type, found.cloud.value) in {(row.type, row.cloud.value) for row in resource_types()}


@every_operation
def test_a_verdict_has_an_answer_when_the_target_is_gone(operation: Operation) -> None:
    """Gone is done for what destroys, and not done for everything else; never an exception."""
    verdict = operation.verdict(None, fitting(operation.params))
    assert verdict is (Verdict.DONE if operation.effect is Effect.DESTROY else Verdict.NOT_DONE)


@every_operation
def test_a_verdict_and_a_command_line_come_from_a_bare_resource(operation: Operation) -> None:
    """Both work on a resource of which nothing but its id is known; the command line is one line."""
    params = fitting(operation.params)
    assert parameters.problem(operation.params, params) == ""
    assert operation.verdict(target(operation), params) in set(Verdict)
    line = operation.cli(target(operation), params)
    assert line.split()[0] in {"aws", "az", "gcloud"}
    assert "\n" not in line


@every_operation
def test_a_command_line_quotes_hostile_text(operation: Operation) -> None:
    """A resource called like a shell command never becomes a word of the shell."""
    hostile = replace(target(operation), name="x; rm -rf /", id=target(operation).id + "; rm -rf x")
    line = operation.cli(hostile, fitting(operation.params))
    assert ";" not in list(shlex.shlex(line, posix=True, punctuation_chars=True))


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.inverse], ids=lambda one: one.id)
def test_an_undo_is_made_of_known_operations_with_fitting_parameters(operation: Operation) -> None:
    """Every step of an inverse is in the catalogue, acts on the same type, and takes the parameters it is given."""
    assert operation.inverse is not None
    for before in (target(operation), replace(target(operation), tags={"env": "prod"}, state="running")):
        for step in operation.inverse.steps(before, fitting(operation.params)):
            undoing = CATALOG.operations[step.operation]
            assert undoing.type == operation.type
            assert parameters.problem(undoing.params, step.params) == ""
    assert operation.inverse.operation in CATALOG.operations


@every_operation
def test_what_destroys_is_never_taken_for_harmless(operation: Operation) -> None:
    """A deletion is marked as destroying, promises no undo, and recovery is able to finish it."""
    if operation.action == "delete":
        assert operation.effect is Effect.DESTROY
    if operation.effect is Effect.DESTROY:
        assert operation.inverse is None
        assert operation.replay is not ReplayClass.ONCE


@every_operation
def test_what_cannot_be_told_by_looking_is_never_repeated_by_looking(operation: Operation) -> None:
    """`untold` goes with `once` or with a token; `state` needs a verdict that can tell."""
    seen = operation.verdict(replace(target(operation), state="running"), fitting(operation.params))
    if seen is Verdict.UNTOLD:
        assert operation.replay in {ReplayClass.ONCE, ReplayClass.TOKEN}


@pytest.mark.parametrize("composite", COMPOSITES, ids=lambda one: one.id)
def test_a_composite_expands_into_known_operations_in_order(composite: Composite) -> None:
    """Each step is in the catalogue, fits its declaration, and depends on earlier steps only."""
    for public in (True, False):
        resource = replace(
            target(composite), public=public, encrypted=False, facts={"policy": "", "acl": "public-read"}
        )
        for index, step in enumerate(composite.expand(resource, fitting(composite.params))):
            operation = CATALOG.operations[step.operation]
            assert operation.type == composite.type
            assert parameters.problem(operation.params, step.params) == ""
            assert all(earlier < index for earlier in step.after)


def test_listing_the_catalogue_needs_no_sdk() -> None:
    """The operations of all clouds are data: importing them loads none of the vendors' packages."""
    program = (
        "import sys, engine.clouds.catalog as c; c.catalog(); "
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'azure', 'google')])"
    )
    seen = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"
