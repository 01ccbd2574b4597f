"""What Escher cannot do yet is said exactly, with what comes nearest."""

import pytest

from agent_server.agents.capabilities import capabilities
from agent_server.agents.wording import cannot
from agent_server.contract.intent import Action
from agent_server.contract.types import resource_types


@pytest.mark.parametrize(
    ("action", "type_", "cloud", "words"),
    [
        ("drain", "ec2::instance", "aws", "I cannot drain ec2 instances yet. What comes nearest is to stop them."),
        ("patch", "rds::instance", "aws", "What comes nearest is to restart them."),
        ("detach", "compute::disk", "azure", "What I can do to them: snapshot or delete. I can detach ebs volumes."),
        ("scale", "autoscaling::group", "aws", "Of them I can only tell you what there is."),
        ("stop", "ec2::instance", "aws", "This runner does not offer to stop ec2 instances."),
    ],
)
def test_a_refusal_names_what_comes_nearest(action: str, type_: str, cloud: str, words: str) -> None:
    """To the same kind where something does, else the same action on what has it."""
    assert words in cannot(action, type_, cloud)


def test_every_refusal_is_one_line_and_never_names_an_operation_of_a_cloud() -> None:
    """Whatever is asked of whatever there is a word for."""
    ids = tuple(capabilities())
    for row in resource_types():
        for action in Action:
            said = cannot(action.value, row.type, row.cloud.value)
            assert "\n" not in said
            assert len(said) <= 1000
            assert not any(one in said for one in ids)
