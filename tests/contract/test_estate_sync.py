"""Reading accounts into the estate: in parallel, within deadlines, honest about every cell."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.estate.edge import EdgeIndex
from engine.estate.reading import Pace
from engine.estate.resource import CellStatus, Cloud, Resource
from engine.estate.search import EstateSearch
from engine.estate.selector import Selector
from engine.estate.store import EstateStore
from engine.estate.sync import EstateSync, NoSuchCells, Progress
from engine.storage.keys import KeyRing
from tests.fakes.cloud_account import FakeCloudAccount
from tests.fakes.estate import ACCOUNT, MovableClock, WordEmbedder, cell, machine
from tests.fakes.patience import PATIENCE

OTHER = "444455556666"
QUICK = Pace(cell_seconds=0.8, grace=0.1)


@pytest.fixture
def clock() -> MovableClock:
    """Return a clock that stands."""
    return MovableClock()


@pytest.fixture
def store(tmp_path: Path, clock: MovableClock) -> Iterator[EstateStore]:
    """Return an empty estate."""
    made = EstateStore(EdgeIndex(tmp_path / "estate"), KeyRing.ephemeral(), clock)
    yield made
    made.close()


@pytest.fixture
def dev(clock: MovableClock) -> FakeCloudAccount:
    """Return an account with machines in two regions."""
    account = FakeCloudAccount(Cloud.AWS, ACCOUNT, "dev", clock)
    account.add(
        machine("web-1", env="dev"), machine("web-2", env="dev"), machine("eu-1", region="eu-west-1", env="dev")
    )
    return account


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something is true."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def database(name: str) -> Resource:
    """Return an RDS instance."""
    return replace(
        machine(name), id=f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{name}", type="rds::instance", state="available"
    )


def names(store: EstateStore) -> list[str]:
    """Return all names."""
    return [resource.name for resource in store.select(Selector()).resources]


def test_a_sync_reads_every_cell_once_and_reports_as_the_command_line_prints(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """The report has exactly the keys of `escher sync --json`."""
    dev.add(database("orders"))
    seen: list[Progress] = []
    report = EstateSync([dev], store, clock).run(progress=seen.append)
    json = report.as_json()
    assert list(json) == ["schema", "resources", "upserted", "removed", "seconds", "searchable_seconds", "cells"]
    assert (json["schema"], json["resources"], json["upserted"], json["removed"]) == (1, 4, 4, 0)
    assert json["cells"] == [
        {"account": ACCOUNT, "region": region, "service": service, "status": "ok", "count": count, "reason": ""}
        for region, service, count in (("eu-west-1", "ec2", 1), ("us-east-1", "ec2", 2), ("us-east-1", "rds", 1))
    ]
    assert [(each.done, each.total) for each in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[-1].resources == 4
    assert set(dev.reads.values()) == {1}


def test_one_denied_region_is_said_and_the_rest_is_there(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """A cell that failed keeps what was known and carries its status and reason."""
    sync = EstateSync([dev], store, clock)
    sync.run()
    clock.forward(hours=1)
    dev.remove(machine("web-2").id)
    dev.script(cell("eu-west-1"), CellStatus.DENIED)
    report = sync.run()
    assert {(each.region, each.status, each.reason) for each in report.cells} == {
        ("eu-west-1", CellStatus.DENIED, "scripted: denied"),
        ("us-east-1", CellStatus.OK, ""),
    }
    assert (report.removed, names(store)) == (1, ["eu-1", "web-1"])


def test_a_cell_that_hangs_is_given_up_and_its_late_answer_dropped(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """The deadline is hard: a scanner that ignores it costs its own cell only."""
    released = dev.hold(cell("eu-west-1"))
    report = EstateSync([dev], store, clock, pace=QUICK).run()
    assert dev.at_once == 1
    assert {each.region: each.status for each in report.cells} == {
        "eu-west-1": CellStatus.TIMEOUT,
        "us-east-1": CellStatus.OK,
    }
    released.set()
    until(lambda: dev.at_once == 0)
    assert names(store) == ["web-1", "web-2"]


def test_a_throttled_cell_is_tried_again_after_a_pause(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """One "too many" is waited out; when the pause would pass the deadline it is said."""
    dev.script(cell(), CellStatus.THROTTLED)
    report = EstateSync([dev], store, clock, pace=Pace(cell_seconds=5)).run(only="aws/dev/us-east-1")
    assert (report.cells[0].status, dev.reads[cell()]) == (CellStatus.OK, 2)
    dev.script(cell(), CellStatus.THROTTLED)
    report = EstateSync([dev], store, clock, pace=QUICK).run(only="aws/dev/us-east-1")
    assert (report.cells[0].status, dev.reads[cell()]) == (CellStatus.THROTTLED, 3)


def test_cells_are_read_beside_each_other_and_an_account_is_not_overrun(
    store: EstateStore, clock: MovableClock
) -> None:
    """Two accounts are read at once, each with as many of its slow cells as it is allowed and never more."""
    accounts = [FakeCloudAccount(Cloud.AWS, id_, id_, clock) for id_ in (ACCOUNT, OTHER)]
    for account in accounts:
        for n in range(8):
            account.add(machine(f"m-{n}", region=f"r-{n}", account=account.account))
            account.slow_down(cell(f"r-{n}", account=account.account), 0.15)
    EstateSync(accounts, store, clock, pace=Pace(per_account=4)).run()
    assert [account.most_at_once for account in accounts] == [4, 4]
    assert len(store) == 16


@pytest.mark.parametrize(
    ("only", "regions"),
    [
        ("aws", {"us-east-1", "eu-west-1"}),
        ("aws/dev", {"us-east-1", "eu-west-1"}),
        (f"aws/{ACCOUNT}/eu-west-1/ec2", {"eu-west-1"}),
        ("aws/*/us-*", {"us-east-1"}),
    ],
)
def test_only_reads_what_it_names(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount, only: str, regions: set[str]
) -> None:
    """Cloud, account by name or id, region, service: as many as are given."""
    assert {each.region for each in EstateSync([dev], store, clock).run(only=only).cells} == regions


@pytest.mark.parametrize("only", ["gcp", "aws/prod", "aws/dev/us-east-1/ec2/extra"])
def test_only_that_matches_nothing_is_an_error(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount, only: str
) -> None:
    """A mistyped name is not an empty success."""
    with pytest.raises(NoSuchCells):
        EstateSync([dev], store, clock).run(only=only)


def test_a_mass_drop_is_reported_as_partial(store: EstateStore, clock: MovableClock) -> None:
    """The report says how many are held."""
    account = FakeCloudAccount(Cloud.AWS, ACCOUNT, "dev", clock)
    fleet = [machine(f"m-{n}") for n in range(30)]
    account.add(*fleet)
    sync = EstateSync([account], store, clock)
    sync.run()
    account.remove(*(each.id for each in fleet))
    first, second = sync.run(), sync.run()
    assert (first.resources, first.cells[0].status, "30" in first.cells[0].reason) == (30, CellStatus.PARTIAL, True)
    assert (second.resources, second.removed, second.cells[0].status) == (0, 30, CellStatus.OK)


def test_before_a_change_the_machine_launched_just_now_is_found(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """Only the touched cells are read again."""
    sync = EstateSync([dev], store, clock)
    sync.run()
    dev.add(machine("web-3", env="dev"))
    selector = Selector(regions=frozenset({"us-east-1"}), types=frozenset({"ec2::instance"}))
    reread = sync.reread(selector)
    assert (reread.read, reread.stale) == ((cell(),), ())
    assert [resource.name for resource in store.select(selector).resources] == ["web-1", "web-2", "web-3"]
    assert dev.reads[cell("eu-west-1")] == 1


def test_a_cell_that_could_not_be_read_again_is_named_with_its_age(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """Denied and hanging cells are stale, with why and how old; the whole takes no longer than its deadline."""
    dev.add(machine("ap-1", region="ap-south-1"))
    sync = EstateSync([dev], store, clock)
    sync.run(only="aws/dev/us-*")
    sync.run(only="aws/dev/eu-*")
    clock.forward(minutes=90)
    dev.script(cell(), CellStatus.DENIED)
    released = dev.hold(cell("eu-west-1"))
    reread = sync.reread(Selector(), deadline=0.8)
    assert dev.at_once == 1
    released.set()
    assert reread.read == (cell("ap-south-1"),)
    assert [(each.cell.region, each.status, each.age) for each in reread.stale] == [
        ("eu-west-1", CellStatus.TIMEOUT, timedelta(minutes=90)),
        ("us-east-1", CellStatus.DENIED, timedelta(minutes=90)),
    ]


def test_a_cell_never_read_has_no_age(store: EstateStore, clock: MovableClock, dev: FakeCloudAccount) -> None:
    """Never is not "just now"."""
    dev.script(cell(), CellStatus.UNREACHABLE)
    reread = EstateSync([dev], store, clock).reread(Selector(regions=frozenset({"us-east-1"})))
    assert [(each.status, each.age) for each in reread.stale] == [(CellStatus.UNREACHABLE, None)]


def test_exact_data_is_searchable_before_meanings_are(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """A sync may leave embedding for later; then each text is embedded once, and not again for what did not change."""
    embedder = WordEmbedder()
    sync = EstateSync([dev], store, clock, embedder=embedder)
    report = sync.run(embed=False)
    assert report.resources == 3
    assert (embedder.texts, store.unembedded()) == ([], 3)
    assert sync.embed() == 3
    assert sync.run().seconds >= 0
    assert (len(embedder.texts), store.unembedded()) == (2, 0)
    assert EstateSearch(store, embedder).by_meaning("eu").hits[0].resource.name == "eu-1"


def test_embedding_stops_when_told(store: EstateStore, clock: MovableClock, dev: FakeCloudAccount) -> None:
    """A runner that shuts down does not wait for meanings."""
    stop = threading.Event()
    stop.set()
    sync = EstateSync([dev], store, clock, embedder=WordEmbedder())
    sync.run(embed=False)
    assert (sync.embed(stop), store.unembedded()) == (0, 3)


class _Breaks(FakeCloudAccount):
    def scan(self, cell, *, deadline):  # noqa: ARG002 - the port's signature
        raise KeyError("boto")


def test_a_scanner_that_breaks_its_word_costs_its_own_cell_only(
    store: EstateStore, clock: MovableClock, dev: FakeCloudAccount
) -> None:
    """An exception is an outcome of that cell, without the exception's text, which may quote secrets."""
    broken = _Breaks(Cloud.AWS, OTHER, "other", clock, [cell(account=OTHER)])
    report = EstateSync([dev, broken], store, clock).run()
    failed = [each for each in report.cells if each.account == OTHER]
    assert [(each.status, each.reason) for each in failed] == [(CellStatus.UNREACHABLE, "the scanner failed: KeyError")]
    assert report.resources == 3
