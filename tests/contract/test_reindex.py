"""Making the index anew: found as before, at any point of it, and ended the same however often it is begun."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime

import pytest

from engine.estate.edge import EdgeIndex
from engine.estate.reindexing import reindex
from engine.estate.selector import Selector
from engine.estate.server import ServerIndex
from engine.estate.store import EstateStore
from engine.storage.database import Database
from engine.storage.keys import KeyRing
from engine.storage.master import FileKey
from engine.storage.record import open_record
from tests.fakes.estate import MovableClock, WordEmbedder, machine, scan

NOW = datetime(2031, 3, 1, tzinfo=UTC)
KILLS = int(os.environ.get("ESCHER_KILLS", "4"))  # noqa: TID251 - how long the test runs, not a setting
pytestmark = [  # the client's local mode says that it indexes nothing and searches exactly anyway
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]


@pytest.fixture(params=["edge", "server"])
def index(request, tmp_path):
    """An index of each kind."""
    if request.param == "edge":
        made = EdgeIndex(tmp_path / "estate")
    else:
        from qdrant_client import QdrantClient  # noqa: PLC0415 - only where it is the subject

        made = ServerIndex(QdrantClient(":memory:"))
    yield made
    made.close()


@pytest.fixture
def store(index):
    """An estate of 600 machines with vectors."""
    made = EstateStore(index, KeyRing.ephemeral(), MovableClock())
    made.upsert(scan(NOW, *(machine(f"web-{number}") for number in range(600))))
    embed(made)
    return made


def embed(store):
    """Give every resource its vector."""
    while texts := store.to_embed(256):
        store.embed(texts, WordEmbedder().embed([text for _, _, text in texts]))


def found(store):
    """Return everything, and how near the nearest to a name are; of equally near ones any may come first."""
    vector = WordEmbedder().embed(["web-7"])
    everything = [one.id for one in store.select(Selector()).resources]
    nearest = store.nearest(vector, Selector(), 5)
    return sorted(everything), [round(hit.score, 3) for hit in nearest]


def test_everything_is_found_as_before_and_told_on_the_way(store):
    """With progress to the end; a second time is the same."""
    before, told = found(store), []
    for _ in range(2):
        done = reindex(store, WordEmbedder(), progress=lambda *numbers: told.append(numbers))
        assert (done.resources, done.rehashed, done.embedded) == (600, 600, 600)
        assert found(store) == before
    assert told[:3] == [(256, 600), (512, 600), (600, 600)]


def test_vectors_that_were_spoilt_are_mended(store):
    """As after a change of the model, or a hand in the files."""
    before = found(store)
    ids = store.point_ids()
    spoilt = WordEmbedder().embed(["something else"] * len(ids))
    store.embed([(id_, version, "x") for id_, version, _ in store.texts(ids)], spoilt)
    assert found(store) != before
    reindex(store, WordEmbedder())
    assert found(store) == before


def test_a_run_that_is_stopped_leaves_an_estate_that_works(store):
    """It ends at a piece's end; what was not reached has its old vector."""
    before, stop = found(store), threading.Event()
    done = reindex(store, WordEmbedder(), stop=stop, progress=lambda *_: stop.set())
    assert done.embedded == 256
    assert found(store) == before


def test_what_is_read_meanwhile_is_neither_lost_nor_spoilt(store):
    """A machine that comes, one that goes and one that changes while the index is made anew."""

    def meanwhile(done, _total):
        if done == 256:
            machines = [machine(f"web-{number}") for number in range(1, 599)]
            store.upsert(scan(NOW, machine("web-0", owner="payroll"), machine("new-one"), *machines))

    reindex(store, WordEmbedder(), progress=meanwhile)
    embed(store)
    after = found(store)
    machines = {one.name: one for one in store.select(Selector()).resources}
    assert machines["web-0"].tags == {"owner": "payroll"}
    assert "new-one" in machines
    assert "web-599" not in machines
    reindex(store, WordEmbedder())
    assert found(store) == after


RUNNER = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from engine.estate.edge import EdgeIndex
    from engine.estate.reindexing import reindex
    from engine.estate.store import EstateStore
    from engine.storage.database import Database
    from engine.storage.master import FileKey
    from engine.storage.record import open_record
    from tests.fakes.estate import WordEmbedder

    home = Path(sys.argv[1])
    clock = lambda: datetime(2031, 3, 1, tzinfo=UTC)
    key = FileKey(path=home / "keys" / "master", data_dir=home / "data")
    record = open_record(Database.in_directory(home / "data"), key, clock)
    store = EstateStore(EdgeIndex(home / "data" / "estate"), record.keys, clock)
    print("begins", flush=True)
    while True:
        reindex(store, WordEmbedder())
"""


def test_a_killed_run_leaves_every_record(tmp_path):
    """Whenever it dies, everything is found at the next start, by filters and by meaning."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    record = open_record(Database.in_directory(tmp_path / "data"), key, lambda: NOW)

    def opened():
        return EstateStore(
            EdgeIndex(tmp_path / "data" / "estate"), record.keys, lambda: datetime(2031, 3, 1, tzinfo=UTC)
        )

    store = opened()
    store.upsert(scan(NOW, *(machine(f"web-{number}") for number in range(600))))
    embed(store)
    before = found(store)
    for kill in range(KILLS):
        store.close()
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(RUNNER), str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as runner:
            assert runner.stdout.readline() == "begins\n"
            time.sleep(random.Random(kill).uniform(0.0, 1.0))  # noqa: S311 - a repeatable delay
            runner.send_signal(signal.SIGKILL)
        store = opened()
        assert store.unembedded() == 0
        assert found(store) == before
    store.close()
    record.close()
