"""What operators say for an operation: a table that people keep, and a search that finds an operation by it."""

import numpy as np
import pytest

from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge.commands import reference
from agent_server.knowledge.library import CLOUDS
from agent_server.knowledge.question import question
from agent_server.knowledge.sayings import Sayings, sayings
from agent_server.knowledge.vectors import Shelf, vectors_of
from agent_server.knowledge.words import tokens


def found(text: str, cloud: str, *, meaning: bool) -> list[tuple[str, float]]:
    """Return the operations that the sayings point to, nearest first, with how near."""
    ids = [command.id for command in reference(cloud)]
    vector = MiniLm().embed([text])[0] if meaning else None
    scores = Sayings(cloud, {one: at for at, one in enumerate(ids)}).score(question(text, cloud, vector))
    return [(ids[at], float(scores[at])) for at in np.argsort(-scores, kind="stable") if scores[at] > 0]


@pytest.mark.parametrize("cloud", CLOUDS)
class TestTable:
    def test_it_names_operations_that_exist(self, cloud: str) -> None:
        """A row that the SDKs have outgrown is noticed."""
        known = {command.id for command in reference(cloud)}
        assert {id_ for one in sayings(cloud) for id_ in one.operations} <= known
        assert all(one.operations for one in sayings(cloud))

    def test_each_saying_says_something_and_stands_for_one_need(self, cloud: str) -> None:
        """Words that the search would not hear are no saying, and the same row says nothing twice."""
        assert all(tokens(one.said) for one in sayings(cloud))
        pairs = [(one.said, id_) for one in sayings(cloud) for id_ in one.operations]
        assert len(set(pairs)) == len(pairs)

    def test_each_saying_has_its_vector(self, cloud: str) -> None:
        """All of them are shipped."""
        texts = [one.said for one in sayings(cloud)]
        assert vectors_of(texts, Shelf.SAYINGS).any(axis=1).all(), "run python -m agent_server.knowledge.generate"


class TestSearch:
    @pytest.mark.parametrize("meaning", [False, True])
    def test_a_need_finds_what_meets_it(self, *, meaning: bool) -> None:
        """With the model and without."""
        id_, near = found("stop paying for a vm", "azure", meaning=meaning)[0]
        assert id_ == "azure.compute.virtual_machines_deallocate"
        assert (0.5 if meaning else 0.2) < near <= 1

    def test_of_several_operations_the_likeliest_comes_first(self) -> None:
        """In the order of the row, each a little behind the one before it."""
        (first, near), (second, less) = found("wake up the database", "aws", meaning=False)[:2]
        assert (first, second) == ("aws.rds.start_db_instance", "aws.rds.start_db_cluster")
        assert 0 < less < near

    @pytest.mark.parametrize("meaning", [False, True])
    def test_what_has_nothing_to_do_with_a_cloud_comes_near_to_nothing(self, *, meaning: bool) -> None:
        """What unlike things have in common by chance does not count."""
        assert all(near < 0.35 for _, near in found("bake seven muffins", "gcp", meaning=meaning))
