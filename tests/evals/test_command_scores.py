"""The right operation is found well enough, by words and meaning, and well enough without a model. The figures come from `python -m tests.evals.commands`."""

import pytest

from agent_server.knowledge.commands import reference
from tests.evals.commands import HALVES, answered, rows, share

FLOORS = {"fresh_4_tuned": (0.45, 0.82), "fresh_4_held": (0.45, 0.77)}
WORDS = {
    "fresh_3_tuned": (0.45, 0.65),
    "fresh_3_held": (0.45, 0.65),
    "fresh_4_tuned": (0.33, 0.62),
    "fresh_4_held": (0.28, 0.5),
}


@pytest.mark.parametrize("half", HALVES)
def test_the_right_operation_is_among_the_first(half: str) -> None:
    """The floors promised, of plain questions and of roundabout ones; those of a forum's titles are what is reached there, with some slack."""
    found = answered(half)
    first, among = FLOORS.get(half, (0.62, 0.88))
    assert share(found, 5) >= among
    assert share(found, 1) >= first


@pytest.mark.parametrize("half", HALVES)
def test_words_alone_do_when_there_is_no_model(half: str) -> None:
    """Less well, and still useful."""
    found = answered(half, meaning=False)
    first, among = WORDS.get(half, (0.5, 0.72))
    assert share(found, 5) >= among
    assert share(found, 1) >= first


@pytest.mark.parametrize("half", HALVES)
def test_labels_name_operations_that_exist(half: str) -> None:
    """Ids and texts do not repeat, also not over the halves."""
    known = {command.id for cloud in ("aws", "azure", "gcp") for command in reference(cloud)}
    every = [row for one in HALVES for row in rows(one)]
    assert len({row["id"] for row in every}) == len({(row["cloud"], row["text"]) for row in every}) == len(every)
    for row in rows(half):
        assert row["operations"]
        assert set(row["operations"]) <= known
        assert all(one.startswith(f"{row['cloud']}.") for one in row["operations"])
