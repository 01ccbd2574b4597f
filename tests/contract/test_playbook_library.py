"""The curated playbooks: every file can be read, and says nothing that the clouds' own SDKs contradict."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_server.agents.capabilities import capabilities
from agent_server.contract.playbook import Category, Parameter, Playbook, PlaybookStep
from agent_server.contract.types import resource_types
from agent_server.knowledge import library
from agent_server.knowledge.effects import effect_of_id
from engine.clouds.catalog import catalog
from tests import sdks

MINIMAL = """
id = "aws-try"
version = "1.0.0"
name = "Try it"
clouds = ["aws"]
category = "operations"
action = "stop"
resource_types = ["ec2::instance"]
summary = "Stops a machine."
explain = ["Stop it."]
risk = "low"
rollback = "Start it again."
"""


def written(folder: Path, name: str, text: str) -> Path:
    """Return a file of the library that holds `text`."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_its_scripts(tmp_path: Path) -> None:
    """The keys of the file are the fields of the model; scripts are a table by language."""
    text = MINIMAL + '\n[scripts]\nbash = "aws ec2 stop-instances"\n'
    found = library.read(written(tmp_path, "aws-try.toml", text))
    assert isinstance(found, Playbook)
    assert found.scripts == {"bash": "aws ec2 stop-instances"}


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("aws-try.toml", "id = ", "is not TOML"),
        ("aws-try.toml", MINIMAL.replace('risk = "low"', 'risk = "none"'), "is not a playbook"),
        ("aws-try.toml", MINIMAL + "owner = 'me'\n", "is not a playbook"),
        ("aws-other.toml", MINIMAL, "named by the id"),
    ],
)
def test_a_file_that_is_no_playbook_is_named(tmp_path: Path, name: str, text: str, why: str) -> None:
    """The library is refused as a whole, with the file's name and the reason."""
    with pytest.raises(library.UnreadablePlaybook, match=f"{name} .*{why}"):
        library.read(written(tmp_path, name, text))


PLAYBOOKS = tuple(library.playbooks().values())
STEPS = [
    pytest.param(playbook, at, id=f"{playbook.id}-{at}") for playbook in PLAYBOOKS for at in range(len(playbook.steps))
]
every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=[one.id for one in PLAYBOOKS])
every_step = pytest.mark.parametrize(("playbook", "at"), STEPS)
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@every_playbook
def test_it_says_what_it_acts_on_in_words_that_exist(playbook: Playbook) -> None:
    """Its kinds of things are in the table of types, on one of its clouds."""
    known = {row.type: row.cloud for row in resource_types()}
    for type_ in {*playbook.resource_types, *(step.target_type for step in playbook.steps if step.target_type)}:
        assert known.get(type_) is not None, f"{type_} is in no row of resource_types.tsv"
        assert any(row.type == type_ and row.cloud in {*playbook.clouds, "any"} for row in resource_types()), type_


@every_playbook
def test_it_asks_for_what_it_uses_and_uses_what_it_asks_for(playbook: Playbook) -> None:
    """A placeholder names a declared parameter; a parameter that nothing uses would be asked for in vain."""
    declared = {one.name for one in playbook.parameters}
    used = {name for step in playbook.steps for text in texts(step.params) for name in PLACEHOLDER.findall(text)}
    assert used <= declared
    in_scripts = {name for name in declared for script in playbook.scripts.values() if name.upper() in script}
    assert declared <= used | in_scripts


@every_playbook
def test_it_comes_with_a_way_to_follow_it(playbook: Playbook) -> None:
    """There are steps or a script, and something people would say to find it."""
    assert playbook.steps or playbook.scripts
    assert len(playbook.keywords) >= 3


@every_playbook
def test_steps_build_on_earlier_ones(playbook: Playbook) -> None:
    """Nothing waits for itself or for what comes after it."""
    for at, step in enumerate(playbook.steps):
        assert all(earlier < at for earlier in step.depends_on)


@every_playbook
def test_what_destroys_is_not_called_a_low_risk(playbook: Playbook) -> None:
    """Deleting, and every step that cannot be undone by nature, is at least a medium risk."""
    if playbook.action == "delete" or any(step.effect == "destroy" for step in playbook.steps):
        assert playbook.risk != "low"


@every_step
def test_a_step_names_an_operation_that_exists(playbook: Playbook, at: int) -> None:
    """In the SDK where it is installed, in the table of composites, or else in the form that the vendor's ids have."""
    operation = playbook.steps[at].operation
    if operation.startswith("escher."):
        assert operation in capabilities()
    elif sdks.installed(operation):
        assert sdks.signature(operation) is not None, f"there is no {operation}"
    else:
        assert "_" in operation.split(".")[2]
        assert "begin_" not in operation
    if not operation.startswith("escher."):
        assert operation.partition(".")[0] in playbook.clouds


@every_step
def test_a_step_gives_what_its_operation_takes(playbook: Playbook, at: int) -> None:
    """Every parameter exists and all that are required are there: as the runner's catalogue declares them, or as the SDK does."""
    step = playbook.steps[at]
    given, target = set(step.params), {step.target.partition(".")[0]} - {""}
    if as_catalogued(step):
        return
    assert not step.operation.startswith("escher."), f"{step.operation} takes other parameters"
    if sdks.installed(step.operation):
        signature = sdks.signature(step.operation)
        assert signature is not None
        assert given | target <= signature.names
        assert signature.required <= given | target, f"missing {sorted(signature.required - given - target)}"


@every_step
def test_the_sdk_would_take_the_call(playbook: Playbook, at: int) -> None:
    """With values in place of placeholders and a target, botocore finds nothing wrong with the shape of an AWS call."""
    step = playbook.steps[at]
    if not step.operation.startswith("aws.") or as_catalogued(step):
        return
    model = sdks.aws_operation(step.operation)
    assert model is not None
    values = {one.name: example(one) for one in playbook.parameters}
    params = {name: put_in(value, values) for name, value in step.params.items()}
    if step.target:
        shape = sdks.member(model.input_shape, step.target)
        assert shape is not None, f"{step.operation} has no {step.target}"
        if "." not in step.target and step.target not in params:
            params[step.target] = target_of(shape)
    assert sdks.complaints(step.operation, params) == ""


@every_step
def test_a_step_says_truly_whether_it_looks_changes_or_destroys(playbook: Playbook, at: int) -> None:
    """As the runner's catalogue says; else by the operation's verb, where only "changes" may be raised to "destroys"."""
    step = playbook.steps[at]
    known = capabilities().get(step.operation)
    if known is not None:
        assert step.effect == known.effect
        return
    effect = effect_of_id(step.operation)
    assert step.effect == effect or (effect == "write" and step.effect == "destroy")


@pytest.mark.parametrize("cloud", library.CLOUDS)
def test_there_are_forty_playbooks_for_each_cloud(cloud: str) -> None:
    """And some of every category."""
    here = [playbook for playbook in PLAYBOOKS if cloud in playbook.clouds]
    assert len(here) >= 40
    assert {playbook.category for playbook in here} == set(Category)


def as_catalogued(step: PlaybookStep) -> bool:
    """Whether a step gives an operation of the runner's catalogue what that declares, so that it can be run as it is."""
    known = catalog()
    found = known.operations.get(step.operation) or known.composites.get(step.operation)
    if found is None:
        return False
    required = {one.name for one in found.params if one.required and not one.from_plan}
    return required <= set(step.params) <= {one.name for one in found.params}


def target_of(shape: sdks.Shape) -> object:
    """Return what a parameter that receives the target may hold: its id, a list of ids, or a structure with an id in it."""
    if shape.type_name == "list":
        return [target_of(shape.member)]
    if shape.type_name == "structure":
        return {name: "a" * 20 for name in shape.members if name.endswith("Id")}
    return "a" * 20


def texts(value: object) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
        yield from value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def example(parameter: Parameter) -> object:
    """Return a value that a parameter may have."""
    if parameter.default is not None:
        return parameter.default
    match parameter.kind:
        case "integer":
            return max(parameter.minimum or 1, 1)
        case "boolean":
            return True
        case "choice":
            return parameter.choices[0]
        case _:
            return "a" * 20


def put_in(value: object, values: dict[str, object]) -> object:
    """Return a value with its placeholders filled in; a text that is one placeholder becomes the value itself."""
    if isinstance(value, dict):
        return {key: put_in(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [put_in(one, values) for one in value]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    return values[whole[1]] if whole else PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
