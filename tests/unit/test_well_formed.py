"""Half characters in what clouds answer."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from engine.clock import system_clock
from engine.clouds.reading import read_cell, read_one
from engine.estate.resource import CellStatus, Cloud, Resource, ScanCell
from engine.estate.well_formed import well_formed
from tests.fakes.requests import thing

HALF = "web\ud800"
CELL = ScanCell(cloud=Cloud.AWS, account="1", region="us-east-1", service="ec2")


def machine(**changes: object) -> Resource:
    """Return a machine with something changed."""
    return replace(thing("ec2::instance", Cloud.AWS, "web-1", state="running", env="dev"), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": HALF},
        {"tags": {HALF: "x"}},
        {"tags": {"team": HALF}},
        {"facts": {"owner": {"name": [HALF, 1]}}},
        {"facts": {HALF: True}},
    ],
    ids=["name", "tag key", "tag value", "deep fact", "fact key"],
)
def test_a_half_character_becomes_a_question_mark_wherever_it_stands(changes: dict[str, object]) -> None:
    """What comes out can be written down, and says that something was there."""
    found = well_formed(machine(**changes))
    assert "web?" in str(found).encode().decode()


def test_what_is_whole_stays_the_very_same() -> None:
    """Nothing is copied where nothing is to be mended; letters of any language are whole."""
    whole = machine(name="café-☕-サーバ", facts={"size_gb": 8, "list": ["é"], "none": None})
    assert well_formed(whole) is whole


def test_one_hostile_name_does_not_keep_its_neighbours_from_being_read() -> None:
    """The cell is read whole, and a second look sees the same name."""
    there = [machine(), machine(id="i-2", name=HALF)]
    outcome = read_cell(
        CELL,
        [lambda: there],
        until=float("inf"),
        timed_out=frozenset(),
        clock=system_clock,
        translated=lambda _what: nullcontext(),
    )
    assert outcome.status is CellStatus.OK
    assert [one.name for one in outcome.resources] == ["web-1", "web?"]
    assert read_one(there[1]) == outcome.resources[1]
    assert read_one(None) is None
