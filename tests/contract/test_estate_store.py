"""The estate over both kinds of index: exact, complete, sealed, and honest about what it has not read."""

import base64
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.estate.changes import ChangeKind
from engine.estate.criteria import decided_by_hashes
from engine.estate.edge import EdgeIndex
from engine.estate.environment import ENVIRONMENT_TAGS
from engine.estate.resource import CellStatus, Cloud, Resource
from engine.estate.search import EstateSearch
from engine.estate.selector import Bound, Comparator, Selector
from engine.estate.server import ServerIndex
from engine.estate.store import EstateStore
from engine.estate.vectors import Point, VectorIndex
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing, new_root
from tests.fakes.estate import MovableClock, WordEmbedder, cell, machine, scan

pytestmark = [  # the client's local mode says that it indexes nothing and searches exactly anyway
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

Reopen = Callable[[], VectorIndex]


class Place:
    """Somewhere an index rests, that can be left and opened again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind, self._folder = kind, folder
        self._client: Any = None
        self._open: VectorIndex | None = None

    def index(self) -> VectorIndex:
        """Return the index, closed before if it was open."""
        if self._kind == "edge":
            if self._open is not None:
                self._open.close()
            self._open = EdgeIndex(self._folder / "estate")
        else:
            if self._client is None:
                from qdrant_client import QdrantClient  # noqa: PLC0415 - only where it is the subject

                self._client = QdrantClient(":memory:")
            self._open = ServerIndex(self._client)
        return self._open

    def close(self) -> None:
        """Let go."""
        if self._open is not None:
            self._open.close()


@pytest.fixture(params=["edge", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place of each kind."""
    made = Place(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture
def clock() -> MovableClock:
    """Return a clock that stands."""
    return MovableClock()


@pytest.fixture
def ring() -> KeyRing:
    """Return fresh keys."""
    return KeyRing.ephemeral()


@pytest.fixture
def store(place: Place, ring: KeyRing, clock: MovableClock) -> EstateStore:
    """Return an empty estate."""
    return EstateStore(place.index(), ring, clock)


def names(store: EstateStore, selector: Selector | None = None) -> list[str]:
    """Return the names that a selector finds, all without one."""
    return [resource.name for resource in store.select(selector or Selector()).resources]


def test_a_resource_comes_back_as_it_was_read(store: EstateStore, clock: MovableClock) -> None:
    """Every field survives sealing and storing."""
    web = replace(
        machine("web-1", env="dev"), public=True, encrypted=False, zone="us-east-1a", facts={"nested": {"a": [1, None]}}
    )
    store.upsert(scan(clock.now, web))
    assert store.get(web.id) == web
    assert store.get("arn:aws:ec2:us-east-1:111122223333:instance/i-none") is None


def test_a_selection_is_complete_and_says_when_each_cell_was_read(store: EstateStore, clock: MovableClock) -> None:
    """All of many matches come, never the first so many; the cells it rests on carry their times."""
    first = clock.now
    store.upsert(scan(first, *(machine(f"dev-{n:04d}", env="dev") for n in range(2500)), machine("prod-1", env="prod")))
    later = clock.forward(minutes=5)
    store.upsert(scan(later, where=cell(service="rds")))
    found = store.select(Selector(envs=frozenset({"dev"}), types=frozenset({"ec2::instance"})))
    assert [resource.name for resource in found.resources] == [f"dev-{n:04d}" for n in range(2500)]
    assert [(state.cell.service, state.read_at, state.count) for state in found.cells] == [("ec2", first, 2501)]


def test_ranges_and_patterns_are_answered_from_the_columns(store: EstateStore, clock: MovableClock) -> None:
    """Age, size and name patterns are exact too."""
    old = replace(machine("db-old"), created_at=clock.now - timedelta(days=400), facts={"size_gb": 500})
    store.upsert(
        scan(
            clock.now, machine("web-1"), machine("web-2"), old, replace(machine("db-unsaid"), facts={}, created_at=None)
        )
    )
    assert names(store, Selector(age_days=Bound(op=Comparator.MORE, value=365))) == ["db-old"]
    assert names(store, Selector(size_gb=Bound(op=Comparator.AT_LEAST, value=500))) == ["db-old"]
    assert names(store, Selector(names=frozenset({"web-*"}))) == ["web-1", "web-2"]
    assert names(store, Selector(names=frozenset({"web-*", old.short_id}))) == ["db-old", "web-1", "web-2"]


def test_the_members_of_an_earlier_answer_are_meant_and_of_an_empty_one_nothing(
    store: EstateStore, clock: MovableClock
) -> None:
    """What "those" of an empty list means must never become everything."""
    store.upsert(scan(clock.now, machine("a", env="dev"), machine("b", env="dev")))
    assert names(store, Selector(ids=frozenset({machine("a").id}))) == ["a"]
    assert names(store, Selector(ids=frozenset())) == []
    assert names(store, Selector(exclude=Selector(ids=frozenset({machine("a").id})))) == ["b"]
    assert store.nearest(np.ones(384, dtype=np.float32), Selector(ids=frozenset()), 3) == []


def test_what_could_not_be_decided_is_counted(store: EstateStore, clock: MovableClock) -> None:
    """A fact that was not read makes a resource neither a match nor silently nothing."""
    store.upsert(
        scan(
            clock.now,
            replace(machine("a"), encrypted=False),
            replace(machine("b"), encrypted=None),
            replace(machine("c"), encrypted=True),
        )
    )
    found = store.select(Selector(encrypted=False))
    assert ([resource.name for resource in found.resources], found.undecided) == (["a"], 1)


RESOURCES = st.lists(
    st.builds(
        lambda name, region, state, env, team, public, age: replace(
            machine(
                name,
                region=region,
                state=state,
                **{key: value for key, value in (("env", env), ("Team", team)) if value},
            ),
            public=public,
            created_at=MovableClock().now - timedelta(days=age),
        ),
        name=st.sampled_from([f"{kind}-{n}" for kind in ("web", "db") for n in range(6)]),
        region=st.sampled_from(["us-east-1", "eu-west-1"]),
        state=st.sampled_from(["running", "stopped"]),
        env=st.sampled_from(["dev", "Production", "qa", ""]),
        team=st.sampled_from(["search", "Payments", ""]),
        public=st.sampled_from([True, False, None]),
        age=st.integers(0, 60),
    ),
    max_size=16,
    unique_by=lambda resource: resource.id,
)
SELECTORS = st.builds(
    Selector,
    regions=st.sampled_from([frozenset(), frozenset({"us-east-1"})]),
    states=st.sampled_from([frozenset(), frozenset({"running"})]),
    envs=st.sampled_from([frozenset(), frozenset({"dev"}), frozenset({"prod", "qa"})]),
    names=st.sampled_from([frozenset(), frozenset({"web-1", "db-2"}), frozenset({"web-*"})]),
    tags=st.sampled_from([(), (("team", frozenset({"payments"})),)]),
    tags_present=st.sampled_from([frozenset(), frozenset({"team"})]),
    missing_tags=st.sampled_from([frozenset(), frozenset({"team"})]),
    public=st.sampled_from([None, True, False]),
    age_days=st.none() | st.builds(Bound, op=st.sampled_from(Comparator), value=st.integers(0, 60).map(float)),
    exclude=st.sampled_from(
        [None, Selector(envs=frozenset({"prod"})), Selector(names=frozenset({"web-1"}), public=True)]
    ),
)


@pytest.mark.parametrize("kind", ["edge", "server"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(resources=RESOURCES, selectors=st.lists(SELECTORS, min_size=4, max_size=8))
def test_the_store_selects_exactly_what_the_selector_means(
    kind: str, resources: list[Resource], selectors: list[Selector], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hashes and columns only narrow: the result is that of asking the selector about every resource."""
    clock = MovableClock()
    place = Place(kind, tmp_path_factory.mktemp("estate"))
    store = EstateStore(place.index(), KeyRing.ephemeral(), clock)
    for region in ("us-east-1", "eu-west-1"):
        here = [resource for resource in resources if resource.region == region]
        store.upsert(scan(clock.now, *here, where=cell(region)))
    for selector in selectors:
        found = store.select(selector)
        verdicts = {resource.id: selector.verdict(resource, clock.now) for resource in resources}
        assert {resource.id for resource in found.resources} == {id_ for id_, verdict in verdicts.items() if verdict}
        assert found.undecided == sum(verdict is None for verdict in verdicts.values())
        if decided_by_hashes(selector, ENVIRONMENT_TAGS):
            assert len(store._candidates(selector, clock.now)) == len(found.resources)
    store.close()


def test_only_a_full_reading_makes_resources_vanish(store: EstateStore, clock: MovableClock) -> None:
    """Denied, throttled, partial and unanswered readings remove nothing and leave standing when the last full one was."""
    first = clock.now
    store.upsert(scan(first, machine("a"), machine("b")))
    for status in (
        CellStatus.PARTIAL,
        CellStatus.DENIED,
        CellStatus.THROTTLED,
        CellStatus.TIMEOUT,
        CellStatus.UNREACHABLE,
    ):
        tried = clock.forward(hours=1)
        shown = (machine("a"),) if status is CellStatus.PARTIAL else ()
        written = store.upsert(scan(tried, *shown, status=status))
        state = store.coverage()[0]
        assert (written.removed, names(store)) == (0, ["a", "b"])
        assert (state.status, state.tried_at, state.read_at, state.count) == (status, tried, first, 2)
        assert state.age(clock.now) == clock.now - first
    written = store.upsert(scan(clock.forward(hours=1), machine("a")))
    assert (written.removed, names(store)) == (1, ["a"])


def test_a_full_reading_of_one_cell_touches_no_other(store: EstateStore, clock: MovableClock) -> None:
    """Vanishing stays inside the cell."""
    store.upsert(scan(clock.now, machine("east")))
    store.upsert(scan(clock.now, machine("west", region="eu-west-1"), where=cell("eu-west-1")))
    store.upsert(scan(clock.forward(hours=1), where=cell("eu-west-1")))
    assert names(store) == ["east"]


def test_a_mass_drop_waits_for_a_second_run(store: EstateStore, clock: MovableClock) -> None:
    """More than half and more than twenty gone at once stay until a second run agrees; a quick re-reading is none."""
    fleet = [machine(f"m-{n:02d}") for n in range(40)]
    store.upsert(scan(clock.now, *fleet))
    held = store.upsert(scan(clock.forward(hours=1), *fleet[:5]))
    assert (held.removed, held.held, len(store)) == (0, 35, 40)
    assert store.coverage()[0].status is CellStatus.PARTIAL
    assert "35" in store.coverage()[0].reason
    assert store.upsert(scan(clock.forward(minutes=1), *fleet[:5]), confirms=False).removed == 0
    confirmed = store.upsert(scan(clock.forward(hours=1), *fleet[:5]))
    assert (confirmed.removed, confirmed.held, len(store)) == (35, 0, 5)
    assert store.coverage()[0].status is CellStatus.OK


def test_a_mass_drop_that_was_a_mistake_is_forgotten(store: EstateStore, clock: MovableClock) -> None:
    """When the next run shows them again nothing was lost and nothing is held."""
    fleet = [machine(f"m-{n:02d}") for n in range(40)]
    store.upsert(scan(clock.now, *fleet))
    store.upsert(scan(clock.forward(hours=1)))
    back = store.upsert(scan(clock.forward(hours=1), *fleet))
    assert (back.upserted, back.removed, back.held, len(store)) == (0, 0, 0, 40)
    assert store.coverage()[0].status is CellStatus.OK


def test_a_mass_drop_is_still_held_after_opening_again(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """What waits is remembered on disk."""
    store.upsert(scan(clock.now, *(machine(f"m-{n:02d}") for n in range(40))))
    store.upsert(scan(clock.forward(hours=1)))
    again = EstateStore(place.index(), ring, clock)
    assert len(again.coverage()[0].held) == 40
    assert again.upsert(scan(clock.forward(hours=1))).removed == 40


def test_half_of_a_small_cell_may_go_at_once(store: EstateStore, clock: MovableClock) -> None:
    """Twenty or fewer are no mass drop."""
    store.upsert(scan(clock.now, *(machine(f"m-{n:02d}") for n in range(20))))
    assert store.upsert(scan(clock.forward(hours=1))).removed == 20


def test_a_broad_reading_does_not_take_over_what_a_deep_one_owns(store: EstateStore, clock: MovableClock) -> None:
    """A pass over everything, such as Resource Graph, adds what no deep scanner knows and leaves the rest alone."""
    deep = machine("web-1", env="dev")
    store.upsert(scan(clock.now, deep))
    broad = cell(service="everything")
    store.upsert(
        scan(clock.now, replace(deep, facts={}, state=""), replace(machine("odd"), type="sqs::queue"), where=broad)
    )
    assert store.get(deep.id) == deep
    assert names(store) == ["odd", "web-1"]
    store.upsert(scan(clock.forward(hours=1), where=broad))
    assert names(store) == ["web-1"]


def test_changes_since_yesterday_say_which_fields(store: EstateStore, clock: MovableClock) -> None:
    """Added, removed and changed, with before and after; a first reading is no news."""
    store.upsert(scan(clock.now, machine("keeps"), machine("stops", env="dev"), machine("goes")))
    yesterday = clock.forward(hours=1)
    store.upsert(
        scan(clock.forward(hours=1), machine("keeps"), machine("stops", state="stopped", env="qa"), machine("comes"))
    )
    news = {change.name: change for change in store.changes(yesterday)}
    assert {name: change.kind for name, change in news.items()} == {
        "stops": ChangeKind.CHANGED,
        "goes": ChangeKind.REMOVED,
        "comes": ChangeKind.ADDED,
    }
    fields = [(field.field, field.before, field.after) for field in news["stops"].fields]
    assert fields == [("state", "running", "stopped"), ("tags.env", "dev", "qa")]
    assert store.changes(clock.forward(hours=1)) == ()


def test_changes_are_kept_for_five_weeks(store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock) -> None:
    """Old news is removed when the estate is opened."""
    start = clock.now
    store.upsert(scan(clock.now))
    store.upsert(scan(clock.forward(hours=1), machine("early")))
    clock.forward(days=34)
    assert [change.name for change in EstateStore(place.index(), ring, clock).changes(start)] == ["early"]
    clock.forward(days=3)
    assert EstateStore(place.index(), ring, clock).changes(start) == ()


def test_a_single_reading_after_a_change_is_taken_in(store: EstateStore, clock: MovableClock) -> None:
    """What was just stopped is shown stopped; what was just deleted is gone; the cell's own time stays."""
    read_at = clock.now
    web, old = machine("web-1"), machine("old")
    store.upsert(scan(read_at, web, old))
    clock.forward(minutes=1)
    store.put(replace(web, state="stopped"))
    store.drop(old.id)
    assert [(resource.name, resource.state) for resource in store.select(Selector()).resources] == [
        ("web-1", "stopped")
    ]
    assert (store.coverage()[0].read_at, store.coverage()[0].count) == (read_at, 1)
    assert {change.kind for change in store.changes(read_at)} == {ChangeKind.CHANGED, ChangeKind.REMOVED}


def test_everything_is_there_after_opening_again(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """Resources, counts, names and coverage are read back."""
    store.upsert(scan(clock.now, machine("a", env="dev"), machine("b", region="us-east-1")))
    before = (store.select(Selector()), store.coverage(), store.tally(), store.names(), store.checkpoint())
    again = EstateStore(place.index(), ring, clock)
    assert (again.select(Selector()), again.coverage(), again.tally(), again.names(), again.checkpoint()) == before
    assert again.upsert(scan(clock.now, machine("a", env="dev"), machine("b"))).upserted == 0


def test_a_record_put_back_from_an_older_copy_makes_its_cell_count_as_unread(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """An old envelope opens, but its cell's mark does not fit: the next reading mends it."""
    store.upsert(scan(clock.now, machine("a", env="prod")))
    index = place.index()
    (id_,) = store._sealed.ids("resource", machine("a").id)
    (resource,) = index.get([id_])
    store = EstateStore(index, ring, clock)
    store.upsert(scan(clock.forward(hours=1), machine("a", env="dev")))
    kept = {point.id: point for point in index.select(_everything())}
    assert kept[resource.id].version > resource.version
    index.put([replace(resource, tokens=tuple(store._sealed.group("kind", ["resource"])))])
    again = EstateStore(place.index(), ring, clock)
    state = again.coverage()[0]
    assert (state.status, state.read_at) == (CellStatus.PARTIAL, None)
    again.upsert(scan(clock.forward(hours=1), machine("a", env="dev")))
    assert again.coverage()[0].status is CellStatus.OK
    assert names(again, Selector(envs=frozenset({"dev"}))) == ["a"]


def test_swapped_or_edited_records_are_detected(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """An envelope opens only at its own id and version; a list that would miss it is not given as complete."""
    store.upsert(scan(clock.now, machine("a"), machine("b")))
    index = place.index()
    store = EstateStore(index, ring, clock)
    groups = [("kind", frozenset({"resource"}))]
    first, second = store._sealed.select(groups)
    tokens = tuple(store._sealed.group(*groups[0]))
    index.put([replace(first, sealed=second.sealed, tokens=tokens)])
    with pytest.raises(EnvelopeError):
        store.select(Selector())
    again = EstateStore(place.index(), ring, clock)
    assert (len(again), again.coverage()[0].read_at) == (1, None)
    again.upsert(scan(clock.forward(hours=1), machine("a"), machine("b")))
    assert names(again) == ["a", "b"]


def _everything() -> Any:
    from engine.estate.vectors import Where  # noqa: PLC0415 - reads better beside its only use

    return Where()


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
        for point in index.select(_everything()):
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


def test_a_reader_beside_a_writer_sees_every_resource_once(tmp_path: Path, ring: KeyRing, clock: MovableClock) -> None:
    """Selections run while cells are written, without errors; the client's in-memory mode is not made for threads."""
    store = EstateStore(EdgeIndex(tmp_path / "estate"), ring, clock)
    fleet = [machine(f"m-{n:02d}", env="dev") for n in range(30)]
    store.upsert(scan(clock.now, *fleet))
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                found = store.select(Selector(names=frozenset({"m-*"}))).resources
                assert len({resource.id for resource in found}) == len(found) == 30
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(15):
        store.upsert(scan(clock.now, *(replace(each, state=("running", "stopped")[n % 2]) for each in fleet)))
    stop.set()
    reader.join()
    store.close()
    assert failures == []


def test_a_column_row_takes_at_most_150_bytes(store: EstateStore, clock: MovableClock) -> None:
    """The memory that every resource costs while the runner is up."""
    store.upsert(scan(clock.now, *(machine(f"a-rather-long-name-of-a-machine-{n:05d}") for n in range(500))))
    assert store.bytes_each() <= 150


NEEDLES = {
    "account": "111122223333",
    "name": "needle-orders-db",
    "tag": "needle-team-payments",
    "fact": "10.99.88.77",
    "type": "ec2::instance",
    "region": "ap-needle-1",
}


def test_nothing_readable_is_on_disk_while_the_estate_is_open(
    tmp_path: Path, ring: KeyRing, clock: MovableClock
) -> None:
    """Every byte of every file, logs included, is searched for what was stored, plain and in base64."""
    store = EstateStore(EdgeIndex(tmp_path / "estate"), ring, clock)
    secret = replace(
        machine(NEEDLES["name"], region=NEEDLES["region"], team=NEEDLES["tag"]), facts={"private_ip": NEEDLES["fact"]}
    )
    where = cell(NEEDLES["region"])
    store.upsert(scan(clock.now, secret, where=where))
    store.upsert(scan(clock.forward(hours=1), replace(secret, state="stopped"), where=where))
    texts = store.to_embed(10)
    store.embed(texts, WordEmbedder().embed([text for _, _, text in texts]))
    assert store.select(Selector(names=frozenset({NEEDLES["name"]}))).resources
    written = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
    assert len(written) > 10_000
    for needle in (*NEEDLES.values(), secret.id, secret.short_id):
        for shape in (needle.encode(), *_base64_shapes(needle), needle.encode("utf-16-le")):
            assert shape not in written, needle
    assert _sealed_is_there(store._sealed.index, written)
    store.close()


def _base64_shapes(needle: str) -> list[bytes]:
    """Return the middles of the three ways a text may lie in base64."""
    return [base64.b64encode(b"\x00" * offset + needle.encode() + b"\x00" * 3)[4:-6] for offset in range(3)]


def _sealed_is_there(index: VectorIndex, written: bytes) -> bool:
    """Say whether what was searched really holds the records, so that finding nothing means something."""
    points: list[Point] = index.select(_everything())
    return all(base64.b64encode(point.sealed) in written for point in points)


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


def test_a_disconnected_account_leaves_nothing_behind(
    store: EstateStore, place: Place, ring: KeyRing, clock: MovableClock
) -> None:
    """Its cells go with their resources and their state; others stay."""
    store.upsert(scan(clock.now, machine("a"), machine("b")))
    store.upsert(scan(clock.now, machine("eu", region="eu-west-1"), where=cell("eu-west-1")))
    assert store.forget(cell()) == 2
    for estate in (store, EstateStore(place.index(), ring, clock)):
        assert [state.cell for state in estate.coverage()] == [cell("eu-west-1")]
    assert len(estate) == 1


def test_clouds_and_accounts_are_counted(store: EstateStore, clock: MovableClock) -> None:
    """The tally is what summaries are made of."""
    store.upsert(scan(clock.now, machine("a"), machine("b", state="stopped")))
    assert {(group.cloud, group.state): count for group, count in store.tally().items()} == {
        (Cloud.AWS, "running"): 1,
        (Cloud.AWS, "stopped"): 1,
    }
    assert store.count(Selector()) == 2
    assert store.count(Selector(states=frozenset({"stopped"}))) == 1
