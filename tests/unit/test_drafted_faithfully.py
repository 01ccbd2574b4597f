"""A draft that comes from outside is kept only when it does what was done."""

import pytest

from agent_server.agents.drafting import draft
from agent_server.contract.intent import Action, Intent, IntentKind
from agent_server.contract.playbook import DraftRequest, PlaybookStep
from engine.playbooks.drafted import faithful

DONE = [
    PlaybookStep(operation="aws.ec2.stop_instances", description="Stop", params={}),
    PlaybookStep(
        operation="aws.ec2.create_tags",
        description="Tag",
        params={"tags": {"owner": "web", "{{odd}}": "{{x}}"}, "count": 3, "on": True, "keys": ["a", "vol-0abc"]},
        depends_on=[0],
    ),
]


def made():
    """The honest server's draft."""
    asked = Intent(intent=IntentKind.EXECUTE, action=Action.STOP)
    return draft(DraftRequest(request_id="t", intent=asked, steps=DONE)).playbook


def with_params(**params):
    """The draft with other values in its second step."""
    first, second = made().steps
    return made().model_copy(update={"steps": [first, second.model_copy(update={"params": second.params | params})]})


def test_what_the_rules_draft_is_what_was_done():
    """Literals became parameters with their defaults, and what looks like one in a literal became none."""
    assert "{{" in made().model_dump_json()
    assert faithful(DONE, made())


@pytest.mark.parametrize(
    "params",
    [
        {"count": 4},
        {"count": "{{nobody_asks}}"},
        {"on": 1},
        {"keys": ["a", "vol-0abc", "b"]},
        {"keys": ["b", "vol-0abc"]},
        {"tags": {"owner": "other"}},
        {"cidr": "0.0.0.0/0"},
    ],
)
def test_a_value_that_nobody_chose_is_seen(params):
    """Another one, one more, one of another type, or a name without a parameter."""
    assert not faithful(DONE, with_params(**params))


def test_another_default_another_order_or_other_steps_are_seen():
    """A default is a value, too."""
    draft_ = made()
    changed = [one.model_copy(update={"default": 9}) if one.kind == "integer" else one for one in draft_.parameters]
    assert changed != draft_.parameters
    assert not faithful(DONE, draft_.model_copy(update={"parameters": changed}))
    first, second = draft_.steps
    assert not faithful(
        DONE, draft_.model_copy(update={"steps": [first, second.model_copy(update={"depends_on": []})]})
    )
    assert not faithful(DONE, draft_.model_copy(update={"steps": [first]}))
    other = first.model_copy(update={"operation": "aws.ec2.terminate_instances"})
    assert not faithful(DONE, draft_.model_copy(update={"steps": [other, second]}))
