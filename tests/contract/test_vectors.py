"""Every implementation of the index keeps the same promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import pytest

from agent_server.embedding.port import DIMENSIONS
from engine.estate.edge import EdgeIndex
from engine.estate.server import ServerIndex
from engine.estate.vectors import Point, StoreInUse, VectorIndex, Where

pytestmark = [  # the client's local mode says that it indexes nothing and searches exactly anyway
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]
SPACE = UUID("5e5cbe6e-9d5a-4b44-a0f4-0f5fb7d6b5b2")


@pytest.fixture(params=["edge", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    """Return an empty index of each kind."""
    if request.param == "edge":
        made: VectorIndex = EdgeIndex(tmp_path / "shard")
    else:
        from qdrant_client import QdrantClient  # noqa: PLC0415 - only where it is the subject

        made = ServerIndex(QdrantClient(":memory:"))
    yield made
    made.close()


def point(n: int, *tokens: str, version: int = 1, text: str = "") -> Point:
    """Return a point that only its number and tokens tell apart."""
    return Point(id=uuid5(SPACE, str(n)), version=version, sealed=bytes([n % 256]) * 40, tokens=tokens, text=text)


def unit(axis: int) -> np.ndarray:
    """Return one row that points along an axis."""
    row = np.zeros((1, DIMENSIONS), dtype=np.float32)
    row[0, axis] = 1.0
    return row


def ids(points: list[Point]) -> set[UUID]:
    """Return the ids, order forgotten."""
    return {each.id for each in points}


def test_what_is_put_comes_back_whole(index: VectorIndex) -> None:
    """Every field of a point survives storing; its tokens are for filtering and are not read back."""
    one = point(1, "a", "b", version=7)
    index.put([one])
    assert index.get([one.id]) == index.select(Where()) == [replace(one, tokens=())]


def test_a_selection_is_complete_beyond_any_page_size(index: VectorIndex) -> None:
    """A filter returns every match, also thousands."""
    index.put([point(n, "even" if n % 2 == 0 else "odd", "all") for n in range(4500)])
    assert len(index.select(Where(tokens=(frozenset({"all"}),)))) == 4500
    assert ids(index.select(Where(tokens=(frozenset({"even"}),)))) == {uuid5(SPACE, str(n)) for n in range(0, 4500, 2)}


def test_groups_are_joined_by_and_their_members_by_or(index: VectorIndex) -> None:
    """Of every group one token must be there."""
    index.put([point(1, "x", "p"), point(2, "y", "p"), point(3, "z", "p"), point(4, "x")])
    found = index.select(Where(tokens=(frozenset({"x", "y"}), frozenset({"p"}))))
    assert ids(found) == {point(1).id, point(2).id}


def test_ids_bound_a_selection_and_an_empty_set_of_ids_selects_nothing(index: VectorIndex) -> None:
    """Ids and tokens hold together; no ids is not the same as any id."""
    index.put([point(1, "x"), point(2, "x"), point(3, "y")])
    assert ids(index.select(Where(tokens=(frozenset({"x"}),), ids=frozenset({point(2).id, point(3).id})))) == {
        point(2).id
    }
    assert index.select(Where(ids=frozenset())) == []


def test_a_second_put_replaces_the_first(index: VectorIndex) -> None:
    """Tokens of an earlier version no longer match."""
    index.put([point(1, "old")])
    index.put([point(1, "new", version=2)])
    assert index.select(Where(tokens=(frozenset({"old"}),))) == []
    assert [each.version for each in index.select(Where(tokens=(frozenset({"new"}),)))] == [2]


def test_deleted_points_are_gone_and_deleting_twice_is_no_error(index: VectorIndex) -> None:
    """Ids that are not there are passed over."""
    index.put([point(1, "x"), point(2, "x")])
    index.delete([point(1).id, point(9).id])
    index.delete([point(1).id])
    assert ids(index.select(Where())) == {point(2).id}


def test_a_point_without_a_vector_is_found_by_filters_and_not_by_meaning(index: VectorIndex) -> None:
    """Exact data is searchable before anything is embedded."""
    index.put([point(1, "x"), point(2, "x")])
    index.place([point(2).id], unit(0), ["t"])
    assert len(index.select(Where(tokens=(frozenset({"x"}),)))) == 2
    near = index.nearest(unit(0)[0].tolist(), Where(tokens=(frozenset({"x"}),)), 5)
    assert [(each.point.id, each.point.text, round(each.score, 4)) for each in near] == [(point(2).id, "t", 1.0)]


def test_nearest_is_ordered_and_obeys_the_filter(index: VectorIndex) -> None:
    """The best match comes first, and nothing from outside the filter comes at all."""
    index.put([point(1, "x"), point(2, "x"), point(3, "y")])
    index.place(
        [point(1).id, point(2).id, point(3).id], np.vstack([unit(0), unit(0) + unit(1), unit(0)]), ["a", "b", "c"]
    )
    near = index.nearest(unit(0)[0].tolist(), Where(tokens=(frozenset({"x"}),)), 5)
    assert [each.point.id for each in near] == [point(1).id, point(2).id]
    assert near[0].score > near[1].score


def test_a_rewrite_keeps_the_vector(index: VectorIndex) -> None:
    """New facts about a thing whose meaning did not change cost no embedding."""
    index.put([point(1, "x")])
    index.place([point(1).id], unit(3), ["t"])
    index.rewrite([point(1, "y", version=2, text="t")])
    near = index.nearest(unit(3)[0].tolist(), Where(tokens=(frozenset({"y"}),)), 1)
    assert [(each.point.version, each.point.text) for each in near] == [(2, "t")]
    assert index.vectors([point(1).id])[point(1).id][3] == pytest.approx(1.0)


def test_the_embedded_index_survives_closing_and_refuses_a_second_opener(tmp_path: Path) -> None:
    """One writer at a time; what was written is there after opening again."""
    first = EdgeIndex(tmp_path / "shard")
    first.put([point(1, "x")])
    with pytest.raises(StoreInUse):
        EdgeIndex(tmp_path / "shard")
    first.close()
    second = EdgeIndex(tmp_path / "shard")
    assert ids(second.select(Where())) == {point(1).id}
    second.close()
