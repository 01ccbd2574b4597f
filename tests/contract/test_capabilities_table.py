"""The agent server's table of operations says what the runner's catalogue says."""

from pathlib import Path

import pytest

from agent_server.agents.capabilities import capabilities, known
from engine.clouds.catalog import catalog
from engine.clouds.operation import Composite, Operation, Verdict
from engine.estate.resource import Resource

CATALOG = catalog()
EVERY: dict[str, Operation | Composite] = {**CATALOG.composites, **CATALOG.operations}
TABLE = Path(__file__).parents[2] / "agent_server" / "agents" / "capabilities.tsv"
STATES = ("available", "deallocated", "running", "stopped", "suspended")
WEAKENING = frozenset({"make_public", "disable", "allow_access", "grant"})
LASTING = frozenset({"snapshot", "delete", "restart", "failover"})
FILTER_OF = {"tags": "set_tags", "keys": "remove_tags"}


def wanted_params(found: Operation | Composite) -> dict[str, tuple[str, ...]]:
    """The parameters that a planner must give: required ones, and those without which the verb means nothing."""
    return {
        param.name: param.choices
        for param in found.params
        if found.action and not param.from_plan and (param.required or FILTER_OF.get(param.name) == "set_tags")
    }


def row_of(found: Operation | Composite) -> str:
    """The row that the table should have."""
    params = ", ".join(
        f"{name}={FILTER_OF.get(name, name)}{'(' + '|'.join(choices) + ')' if choices else ''}"
        for name, choices in wanted_params(found).items()
    )
    if isinstance(found, Operation):
        effect, states = found.effect.value, sorted(found.from_states)
        exposes, undo = found.exposes, found.inverse is not None
    else:
        effect, states = "write", []
        exposes, undo = found.action in WEAKENING, found.action not in LASTING
    columns = (
        *(found.id, found.action, found.cloud.value, found.type, effect, "yes" if exposes else ""),
        *(", ".join(states), ", ".join(done_states(found)), "yes" if undo else "", params),
    )
    return "\t".join(columns)


def done_states(found: Operation | Composite) -> list[str]:
    """The states in which a start or stop has nothing left to do."""
    if not isinstance(found, Operation) or found.action not in {"start", "stop"}:
        return []
    return [state for state in STATES if found.verdict(in_state(found, state), {}) is Verdict.DONE]


def in_state(found: Operation, state: str) -> Resource:
    """A resource of the operation's kind."""
    return Resource(id="x", type=found.type, cloud=found.cloud, account="1", region="r", name="x", state=state)


@pytest.mark.parametrize("found", EVERY.values(), ids=EVERY.keys())
def test_an_operation_has_its_row(found: Operation | Composite) -> None:
    """What is not in the table, or differs there, would never be planned, or planned and refused."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert row_of(found) in lines, f"agent_server/agents/capabilities.tsv should have\n{row_of(found)}"


def test_every_row_is_an_operation() -> None:
    """A row of something that does not exist would be planned and refused."""
    assert not set(known()) - set(EVERY)


def test_what_is_only_a_part_of_others_serves_no_verb() -> None:
    """Nobody's order is planned with it; a playbook may name it."""
    assert {id_ for id_ in known() if id_ not in capabilities()} == {
        id_ for id_, found in EVERY.items() if not found.action
    }


def test_composites_stand_first() -> None:
    """Where a composite and a single call serve the same, the composite is found first, as in the catalogue."""
    kinds = [operation.startswith("escher.") for operation in known()]
    assert kinds == sorted(kinds, reverse=True)


def test_what_starts_and_stops_knows_when_it_is_done() -> None:
    """Starting a running machine is never planned."""
    rows = [row for row in capabilities().values() if row.action in {"start", "stop"}]
    assert rows
    assert all(row.done_states for row in rows)
