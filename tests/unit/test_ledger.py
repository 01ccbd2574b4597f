"""Bills are read once a day: Cost Explorer charges for each page, and what was read is kept and never changes."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.clouds.billing import BY_SERVICE, CostDimension, CostGrouping, CostLine
from engine.clouds.errors import Denied
from engine.estate.resource import Cloud
from engine.reports.ledger import DAYS, LONG_DAYS, Ledger
from engine.storage.database import Database
from engine.storage.keys import KeyRing
from engine.storage.reports import ReportStore, StoredReport
from engine.storage.schema import prepare
from engine.storage.tables import reports as table
from tests.fakes.cloud_account import FakeCloudAccount

NOW = datetime(2031, 3, 15, 9, 30, tzinfo=UTC)
BY_TEAM = CostGrouping(dimensions=(CostDimension.TAG, CostDimension.SERVICE), tag="team")
BY_OWNER = CostGrouping(dimensions=(CostDimension.TAG, CostDimension.SERVICE), tag="owner")


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


class Billed(FakeCloudAccount):
    """An account that costs a dollar a day, remembers what it was asked, and may refuse once."""

    def __init__(self, account: str, watch: Watch, *, refuses: bool = False) -> None:
        super().__init__(Cloud.AWS, account, f"name-{account}", watch)
        self.asked: list[tuple[CostGrouping, int]] = []
        self.refuses = refuses

    def costs(self, *, start: date, end: date, grouping: CostGrouping) -> tuple[CostLine, ...]:
        """Return a line a day."""
        self.asked.append((grouping, (end - start).days))
        if self.refuses:
            self.refuses = False
            raise Denied("AccessDenied", "ce:GetCostAndUsage is not allowed")
        tag = "data" if grouping.tag else ""
        days = (start + timedelta(days=n) for n in range((end - start).days))
        return tuple(CostLine(day=day, account=self.account, service="EC2", tag=tag, amount=1.25) for day in days)


@pytest.fixture
def watch() -> Watch:
    """A clock of the test's own."""
    return Watch()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    made = Database.in_directory(tmp_path / "data")
    prepare(made, lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def reports(database: Database, watch: Watch) -> ReportStore:
    """An empty store."""
    return ReportStore(database, KeyRing.ephemeral(), watch)


@pytest.fixture
def ledger(reports: ReportStore, watch: Watch) -> Ledger:
    """A ledger over it."""
    return Ledger(reports=reports, clock=watch)


async def test_a_bill_is_read_once_a_day_and_the_next_day_again(
    ledger: Ledger, reports: ReportStore, watch: Watch
) -> None:
    """Asked three times, one of them by a runner that just started; then the day turns."""
    account = Billed("111111111111", watch)
    first = await ledger.bill([account], BY_SERVICE)
    assert await ledger.bill([account], BY_SERVICE) == first
    assert await Ledger(reports=reports, clock=watch).bill([account], BY_SERVICE) == first
    assert account.asked == [(BY_SERVICE, DAYS)]
    assert {one.day for one in first.lines} == {NOW.date() - timedelta(days=n) for n in range(1, DAYS + 1)}
    watch.now += timedelta(days=1)
    later = await ledger.bill([account], BY_SERVICE)
    assert max(one.day for one in later.lines) == NOW.date()
    assert len(account.asked) == 2


async def test_two_who_ask_at_once_make_one_request(ledger: Ledger, watch: Watch) -> None:
    """The second waits for the first."""
    account = Billed("111111111111", watch)
    one, two = await asyncio.gather(ledger.bill([account], BY_TEAM), ledger.bill([account], BY_TEAM))
    assert one == two
    assert len(account.asked) == 1


async def test_each_way_of_cutting_is_a_bill_of_its_own(ledger: Ledger, watch: Watch) -> None:
    """By service, by one tag and by another; what is kept tells the same lines as what was read."""
    account = Billed("111111111111", watch)
    for grouping in (BY_SERVICE, BY_TEAM, BY_OWNER, BY_SERVICE, BY_TEAM, BY_OWNER):
        bill = await ledger.bill([account], grouping)
        assert bill.grouping == grouping
        assert {one.tag for one in bill.lines} == {"data" if grouping.tag else ""}
        assert sum(one.amount for one in bill.lines) == DAYS * 1.25
    assert [grouping for grouping, _ in account.asked] == [BY_SERVICE, BY_TEAM, BY_OWNER]


async def test_a_long_look_back_reads_more_once_and_serves_the_short_one(ledger: Ledger, watch: Watch) -> None:
    """A question about the year reads a year; after it no question reads again that day."""
    account = Billed("111111111111", watch)
    assert len((await ledger.bill([account], BY_SERVICE)).lines) == DAYS
    assert len((await ledger.bill([account], BY_SERVICE, days=LONG_DAYS)).lines) == LONG_DAYS
    assert len((await ledger.bill([account], BY_SERVICE, days=30)).lines) == 30
    assert [days for _, days in account.asked] == [DAYS, LONG_DAYS]


async def test_who_refused_is_said_and_asked_again(ledger: Ledger, watch: Watch) -> None:
    """A refusal is not kept, what the others told is."""
    good, bad = Billed("111111111111", watch), Billed("222222222222", watch, refuses=True)
    bill = await ledger.bill([good, bad], BY_SERVICE)
    assert bill.unknown == ("name-222222222222 (ce:GetCostAndUsage is not allowed)",)
    assert {one.account for one in bill.lines} == {"111111111111"}
    again = await ledger.bill([good, bad], BY_SERVICE)
    assert again.unknown == ()
    assert (len(good.asked), len(bad.asked)) == (1, 2)


async def test_a_cloud_that_tells_no_costs_says_why(ledger: Ledger, watch: Watch) -> None:
    """Google Cloud's stand in an export that is not read; that is said with the project's name."""
    project = FakeCloudAccount(Cloud.GCP, "acme-data", "data", watch)
    bill = await ledger.bill([project], BY_SERVICE)
    assert bill.lines == ()
    (why,) = bill.unknown
    assert why.startswith("data (Google Cloud tells costs only in its billing export to BigQuery")


async def test_a_kept_bill_says_nothing_to_who_reads_the_disk(ledger: Ledger, database: Database, watch: Watch) -> None:
    """Neither whose it is nor which tag stands outside the envelope."""
    await ledger.bill([Billed("111111111111", watch)], BY_OWNER)
    with database.read() as connection:
        (row,) = connection.execute(select(table)).mappings().all()
    said = repr(dict(row))
    assert not [word for word in ("111111111111", "owner", "EC2") if word in said]


async def test_kept_bills_are_opened_once_a_question_however_many_accounts_there_are(
    reports: ReportStore, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is sealed: thirty accounts that each looked through all thirty would be nine hundred openings."""
    ledger = Ledger(reports=reports, clock=watch)
    accounts = [Billed(f"{number:012}", watch) for number in range(30)]
    first = await ledger.bill(accounts, BY_SERVICE)
    looked = []
    newest = ReportStore.newest

    def watched(store: ReportStore, kind: str, limit: int = 30) -> list[StoredReport]:
        looked.append(kind)
        return newest(store, kind, limit)

    monkeypatch.setattr(ReportStore, "newest", watched)
    assert await ledger.bill(accounts, BY_SERVICE) == first
    assert len(looked) == 1
