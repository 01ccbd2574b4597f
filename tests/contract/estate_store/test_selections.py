"""What is selected: exactly what the selector means, all of it, and what it rests on."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.estate.criteria import decided_by_hashes
from engine.estate.edge import EdgeIndex
from engine.estate.environment import ENVIRONMENT_TAGS
from engine.estate.resource import Cloud, Resource
from engine.estate.selector import Bound, Comparator, Selector
from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock, cell, machine, scan
from tests.fakes.estate_places import LOCAL_MODE, Place, names

pytestmark = LOCAL_MODE


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


def test_clouds_and_accounts_are_counted(store: EstateStore, clock: MovableClock) -> None:
    """The tally is what summaries are made of."""
    store.upsert(scan(clock.now, machine("a"), machine("b", state="stopped")))
    assert {(group.cloud, group.state): count for group, count in store.tally().items()} == {
        (Cloud.AWS, "running"): 1,
        (Cloud.AWS, "stopped"): 1,
    }
    assert store.count(Selector()) == 2
    assert store.count(Selector(states=frozenset({"stopped"}))) == 1
