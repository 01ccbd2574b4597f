"""Search by meaning: what was described is found, texts are embedded once, and stored vectors are turned."""

import numpy as np

from engine.estate.search import EstateSearch
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock, WordEmbedder, machine, scan
from tests.fakes.estate_places import LOCAL_MODE, Place

pytestmark = LOCAL_MODE


def test_search_by_meaning_finds_what_was_described(store: EstateStore, clock: MovableClock) -> None:
    """The closest comes first, a filter holds, and what has no vector yet is said."""
    embedder = WordEmbedder()
    search = EstateSearch(store, embedder)
    payroll = machine("hr-box-7", env="prod", purpose="payroll")
    store.upsert(scan(clock.now, payroll, machine("web-1", env="dev", purpose="shop")))
    assert search.by_meaning("payroll").unembedded == 2
    texts = store.to_embed(10)
    assert store.embed(texts, embedder.embed([text for _, _, text in texts])) == 2
    assert search.by_meaning("the box behind payroll").hits[0].resource == payroll
    assert [hit.resource.name for hit in search.by_meaning("shop", Selector(envs=frozenset({"dev"}))).hits] == ["web-1"]
    assert search.near_names("web-l") == ("web-1",)
    assert [store.is_name(word) for word in ("WEB-1", payroll.short_id, "web-2")] == [True, True, False]


def test_an_unchanged_text_is_never_embedded_again(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """State may change and the runner may restart; only a new name or tag asks the model again."""
    store.upsert(scan(clock.now, machine("a", team="x"), machine("b", team="x")))
    texts = store.to_embed(10)
    store.embed(texts, WordEmbedder().embed([text for _, _, text in texts]))
    store.upsert(scan(clock.forward(hours=1), machine("a", state="stopped", team="x"), machine("b", team="y")))
    assert store.unembedded() == 1
    pending = store.to_embed(10)
    again = EstateStore(place.index(), ring, clock)
    assert (again.unembedded(), again.to_embed(10)) == (1, pending)


def test_a_vector_for_a_text_that_changed_meanwhile_is_not_stored(store: EstateStore, clock: MovableClock) -> None:
    """Embedding runs beside syncs; a late vector of an old text is dropped."""
    store.upsert(scan(clock.now, machine("a", team="x")))
    texts = store.to_embed(10)
    store.upsert(scan(clock.forward(hours=1), machine("a", team="y")))
    assert store.embed(texts, WordEmbedder().embed([text for _, _, text in texts])) == 0
    assert store.unembedded() == 1


def test_stored_vectors_keep_their_cosines_and_are_not_the_models_own(store: EstateStore, clock: MovableClock) -> None:
    """The secret turn changes every number and no angle."""
    embedder = WordEmbedder()
    store.upsert(scan(clock.now, machine("a", team="x"), machine("b", team="y")))
    texts = store.to_embed(10)
    plain = embedder.embed([text for _, _, text in texts])
    store.embed(texts, plain)
    stored = store._sealed.index.vectors([id_ for id_, _, _ in texts])
    turned = np.array([stored[id_] for id_, _, _ in texts])
    assert np.allclose(turned @ turned.T, plain @ plain.T, atol=1e-5)
    assert abs(float(np.sum(turned[0] * plain[0]))) < 0.4
