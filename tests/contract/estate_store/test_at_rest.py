"""What lies on disk: it is there after opening again, what was tampered with shows, and nothing of it can be read."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from engine.estate.edge import EdgeIndex
from engine.estate.resource import CellStatus
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.estate.vectors import Point, VectorIndex
from engine.storage.envelope import EnvelopeError
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock, WordEmbedder, cell, machine, scan
from tests.fakes.estate_places import LOCAL_MODE, Place, everything, names

pytestmark = LOCAL_MODE


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
    kept = {point.id: point for point in index.select(everything())}
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
    points: list[Point] = index.select(everything())
    return all(base64.b64encode(point.sealed) in written for point in points)
