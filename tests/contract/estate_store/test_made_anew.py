"""New keys, and other tags for the environment: records are made anew, and nothing is lost, doubled or done twice."""

import contextlib
from typing import Any

from engine.estate.resource import CellStatus
from engine.estate.search import EstateSearch
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.estate.vectors import VectorIndex
from engine.storage.keys import KeyRing, new_root
from tests.fakes.estate import MovableClock, WordEmbedder, machine, scan
from tests.fakes.estate_places import LOCAL_MODE, Place, everything, names

pytestmark = LOCAL_MODE


def test_new_keys_take_over_everything_and_the_old_ones_are_not_needed(place: Place, clock: MovableClock) -> None:
    """After resealing, all that was there opens with the new key alone, found by filters and by meaning."""
    first = new_root()
    old = KeyRing({1: first})
    begun = clock.now
    one = EstateStore(place.index(), old, clock)
    one.upsert(scan(clock.now, machine("a", env="dev"), machine("b", env="prod")))
    one.upsert(scan(clock.forward(hours=1), machine("a", env="dev"), machine("b", env="prod", team="x")))
    embedder = WordEmbedder()
    texts = one.to_embed(10)
    one.embed(texts, embedder.embed([text for _, _, text in texts]))
    second = new_root()
    both = KeyRing({1: first, 2: second})
    two = EstateStore(place.index(), both, clock)
    assert two.unembedded() == 0
    three = EstateStore(place.index(), KeyRing({2: second}), clock)
    assert names(three, Selector(envs=frozenset({"dev"}))) == ["a"]
    assert [hit.resource.name for hit in EstateSearch(three, embedder).by_meaning("prod x", limit=1).hits] == ["b"]
    assert [change.name for change in three.changes(begun)] == ["b"]
    assert three.coverage()[0].status is CellStatus.OK


def test_between_new_keys_and_resealing_every_question_is_answered_in_full(place: Place, clock: MovableClock) -> None:
    """Records of both epochs are found by filters, and an update moves a record over without leaving a double."""
    first, second = new_root(), new_root()
    ring = KeyRing({1: first})
    live = EstateStore(place.index(), ring, clock)
    live.upsert(scan(clock.now, machine("a", env="dev"), machine("b", env="dev")))
    ring.adopt({1: first, 2: second})
    live.upsert(scan(clock.forward(hours=1), machine("a", env="dev", team="x"), machine("b", env="dev")))
    assert names(live, Selector(envs=frozenset({"dev"}))) == ["a", "b"]
    assert live.reseal() > 0
    assert live.reseal() == 0
    assert names(live, Selector(envs=frozenset({"dev"}))) == ["a", "b"]


def test_resealing_may_be_cut_short_anywhere(place: Place, clock: MovableClock) -> None:
    """Whatever had been written when it stopped, opening again loses nothing and doubles nothing."""
    for stop_after in range(1, 8):
        first, second = new_root(), new_root()
        index = _Stopping(place.index())
        for point in index.select(everything()):
            index.delete([point.id])
        store = EstateStore(index, KeyRing({1: first}), clock)
        store.upsert(scan(clock.now, machine("a", env="dev"), machine("b", env="dev")))
        index.left = stop_after
        with contextlib.suppress(InterruptedError):
            EstateStore(index, KeyRing({1: first, 2: second}), clock)
        index.left = None
        EstateStore(index, KeyRing({1: first, 2: second}), clock)
        again = EstateStore(index, KeyRing({2: second}), clock)
        assert names(again, Selector(envs=frozenset({"dev"}))) == ["a", "b"]
        assert len(again) == 2


class _Stopping:
    """An index that stops working after so many writings."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index
        self.left: int | None = None

    def __getattr__(self, name: str) -> Any:
        if name in {"put", "rewrite", "place", "delete"} and self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise InterruptedError
        return getattr(self._index, name)


def test_other_tags_for_the_environment_hold_for_what_was_read_before(
    place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """After the policy names another tag, selections go by it at once, and opening again does no work twice."""
    store = EstateStore(place.index(), ring, clock)
    store.upsert(scan(clock.now, machine("a", env="dev", stage="prod"), machine("b", env="prod", stage="dev")))
    texts = store.to_embed(10)
    store.embed(texts, WordEmbedder().embed([text for _, _, text in texts]))
    assert names(store, Selector(envs=frozenset({"dev"}))) == ["a"]
    keys = ("stage",)
    for _ in range(2):
        index = place.index()
        store = EstateStore(index, ring, clock, env_keys=keys)
        assert names(store, Selector(envs=frozenset({"dev"}), env_keys=keys)) == ["b"]
        assert store.unembedded() == 0
        assert store.coverage()[0].status is CellStatus.OK
    writing = _Stopping(index)
    writing.left = 0
    assert names(
        EstateStore(writing, ring, clock, env_keys=keys), Selector(envs=frozenset({"dev"}), env_keys=keys)
    ) == ["b"]
