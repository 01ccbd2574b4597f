"""What the library says it does with Escher's operations, Escher does: from the playbook to a plan that waits for approval."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import find
from hypothesis import strategies as st

from agent_server.agents.operations import propose
from agent_server.contract.patterns import matches
from agent_server.contract.plan import PlaybookUse
from agent_server.contract.playbook import Parameter, Playbook
from agent_server.knowledge import library
from engine.estate.resource import Resource
from engine.planning.admission import Admitted, admit
from engine.planning.context import facts, handles
from engine.planning.following import Following, following
from engine.planning.hindrances import hindrances
from engine.refusal import Refusal
from tests import library_runs
from tests.fakes.plan_requests import intent, plan_request
from tests.fakes.requests import CATALOG, POLICY, asked, fitting

PLAYBOOKS = tuple(library.playbooks().values())
KNOWN = frozenset(CATALOG.ids())
OURS = [one for one in PLAYBOOKS if one.steps and all(step.operation in KNOWN for step in one.steps)]
RUN = [one for one in PLAYBOOKS if not hindrances(one, CATALOG)]
LEAST = {"aws": 29, "azure": 19, "gcp": 18}
"""How many ran when this was written; fewer means that somebody took an operation, or a playbook, away."""
VALUES = {"integer": 5, "boolean": True, "resource": "name-1"}


def name_of(playbook: Playbook) -> str:
    """Its id, as tests are called."""
    return playbook.id


@pytest.mark.parametrize("playbook", OURS, ids=name_of)
def test_a_playbook_of_nothing_but_eschers_own_operations_can_be_run(playbook: Playbook) -> None:
    """Each gives every operation what it takes, and says truly what it does; there are no exceptions."""
    assert hindrances(playbook, CATALOG) == ()


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=name_of)
def test_a_composite_is_never_only_shown(playbook: Playbook) -> None:
    """Nobody else has them: a step that names one the catalogue does not have could not be followed even by hand."""
    assert [step.operation for step in playbook.steps if step.operation.startswith("escher.")] == [
        step.operation for step in playbook.steps if step.operation in CATALOG.composites
    ]


@pytest.mark.parametrize("cloud", library.CLOUDS)
def test_no_fewer_of_a_cloud_can_be_run_than_before(cloud: str) -> None:
    """And the counts that are printed and documented are of the same judgement."""
    running = [one for one in RUN if cloud in one.clouds]
    assert len(running) >= LEAST[cloud]
    printed = {row[0]: row for row in library_runs.counts()}
    assert printed[cloud][2] == str(len(running))
    assert sum(map(int, printed[cloud][2:])) == int(printed[cloud][1])


@pytest.mark.parametrize("playbook", RUN, ids=name_of)
def test_what_can_be_run_becomes_an_admitted_plan(playbook: Playbook) -> None:
    """The agent server makes its steps of it, with its values, and the runner's door takes exactly these."""
    values = {parameter.name: tries(parameter) for parameter in playbook.parameters}
    held = following(playbook, values, CATALOG)
    assert not isinstance(held, Refusal), held.message
    targets = handles([[resource] for resource in targets_of(held)])
    request = plan_request(
        intent("playbook_run", intent="playbook"), [facts(one, lambda text: text) for one in targets], *CATALOG.ids()
    )
    reply = propose(request.model_copy(update={"follow": PlaybookUse(playbook=playbook, parameters=values)}))
    assert reply.plan is not None, reply.summary
    assert [(one.operation, one.params) for one in reply.plan.steps] == [
        (one.found.id, dict(one.params)) for one in held.steps
    ]
    wanted = replace(
        asked(*((playbook.action.value, {}, [one.resource]) for one in targets)), targets=targets, follow=held
    )
    admitted = admit(reply.plan, wanted, CATALOG, POLICY)
    assert isinstance(admitted, Admitted), admitted


def targets_of(held: Following) -> list[Resource]:
    """One of each kind it acts on, in the state its first step takes, with the tags its steps would take off."""
    found: list[Resource] = []
    for kind in held.kinds:
        steps = [one for one in held.steps if (one.found.type, one.found.cloud) == kind]
        made = fitting(steps[0].found, f"thing-{len(found)}")
        unwanted = {str(key): "1" for step in steps for key in _keys(step.params)}
        found.append(replace(made, tags={**made.tags, **unwanted}))
    return found


def _keys(params: Any) -> list[str]:
    return list(params.get("keys", ()))


def tries(parameter: Parameter) -> Any:
    """A value that fits a parameter of the library."""
    if parameter.default is not None:
        return parameter.default
    if parameter.choices:
        return parameter.choices[0]
    if parameter.kind == "string":
        return find(
            st.from_regex(parameter.pattern, fullmatch=True), lambda text: matches(parameter.pattern, text) is True
        )
    return max(VALUES["integer"], parameter.minimum or 0) if parameter.kind == "integer" else VALUES[parameter.kind]
