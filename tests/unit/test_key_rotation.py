"""A change of keys may stop anywhere and loses nothing."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.storage.database import Database, StorageUnavailable
from engine.storage.envelope import EnvelopeError
from engine.storage.key_epochs import open_key_ring
from engine.storage.master import EnvironmentKey, FileKey, MasterKeyError, encode_key
from engine.storage.record import Record, open_record
from engine.storage.tables import key_epochs, sealed_tables
from tests.fakes.patience import PATIENCE

NOW = datetime(2031, 3, 1, tzinfo=UTC)


def clock() -> datetime:
    """A fixed time."""
    return NOW


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


@pytest.fixture
def master(tmp_path: Path) -> FileKey:
    """A master key outside the data directory."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    return key


@pytest.fixture
def record(tmp_path: Path, master: FileKey) -> Iterator[Record]:
    """A record with a little of everything."""
    made = open_record(Database.in_directory(tmp_path / "data"), master, clock)
    fill(made)
    yield made
    made.close()


def fill(record: Record) -> None:
    """Write to every store."""
    for n in range(12):
        record.inbox.accept(f"Ev{n}", b"hello", surface="slack")
        record.threads.append("slack:C1:1.0", b"said")
        record.outbox.enqueue(b"card", surface="slack", channel="C1", kind="post", coalesce=f"card {n}")
        record.plans.insert(
            f"p-{n}",
            state="proposed",
            digest="d",
            payload=b"plan",
            requester="local:ada",
            not_after=NOW + timedelta(hours=1),
        )
        record.plans.decide(f"p-{n}", principal="local:ada", payload=b"yes", settle=lambda _p, _d: "approved")
    record.executions.claim("p-0", "x-0", owner="r", lease_until=NOW)
    record.journal.append("x-0", step_id="s1", target="i-1", event="intent")
    record.threads.keep_results("slack:C1:1.0", "set-1", b"i-1")
    record.cards.add("plan:p-0", b"C1/1.0")
    record.schedule_runs.claim("morning", NOW)
    record.reports.put("r-1", kind="morning", body=b"report")
    record.settings.set("sync.every", "30m", changed_by="local:ada")
    record.playbooks.add("tidy-up", "1.0.0", state="draft", strategy="local_only", author="local:ada", package=b"steps")
    record.playbooks.move("tidy-up", "1.0.0", before=("draft",), state="ready", note="looks good")
    record.playbook_runs.ended("p-0", "tidy-up@1.0.0", succeeded=True)
    record.habits.again("stop dev")
    AuditLog(record.database, record.keys, clock, every=2).append(AuditEvent(tag=Tag.PLAN_PROPOSED, plan_id="p-0"))


def check(record: Record) -> None:
    """Everything is there, readable, found by its keyed hash, and still unique."""
    assert len(record.inbox.pending()) == 12
    assert not record.inbox.accept("Ev3", b"hello", surface="slack")
    assert len(record.threads.history("slack:C1:1.0", 99)) == 12
    assert record.threads.results("slack:C1:1.0", "set-1").body == b"i-1"
    assert len(record.outbox.due()) == 12
    assert len(record.plans.of_requester("local:ada", "approved")) == 12
    again = record.plans.decide("p-3", principal="local:ada", payload=b"yes", settle=lambda _p, _d: None)
    assert not again.recorded
    assert [entry.target for entry in record.journal.entries("x-0")] == ["i-1"]
    assert record.executions.of_plan("p-0").state == "pending"
    assert record.cards.refs("plan:p-0") == [b"C1/1.0"]
    assert not record.schedule_runs.claim("morning", NOW)
    assert record.reports.get("r-1").body == b"report"
    assert record.settings.get("sync.every").value == "30m"
    kept = record.playbooks.get("tidy-up", "1.0.0")
    assert (kept.package, kept.state, kept.note, kept.author) == (b"steps", "ready", "looks good", "local:ada")
    assert not record.playbooks.add("tidy-up", "1.0.0", state="draft", strategy="local_only", author="", package=b"")
    assert record.playbook_runs.count("tidy-up@1.0.0").executions == 1
    log = AuditLog(record.database, record.keys, clock)
    assert [found.event.plan_id for found in log.of_plan("p-0")] == ["p-0"]
    assert verify(record.database, record.keys).ok


def epochs_in_use(record: Record) -> set[int]:
    """The epochs that any row still names."""
    with record.database.read() as connection:
        return {epoch for table in sealed_tables() for epoch in connection.execute(select(table.c.epoch)).scalars()}


def test_a_rotation_seals_everything_anew_and_makes_the_old_key_useless(record, master, tmp_path):
    """After it the old master key opens nothing, and no old wrapped key is in any byte on disk."""
    old_master = master.held()[0]
    with record.database.read() as connection:
        old_wraps = [bytes(wrap) for wrap in connection.execute(select(key_epochs.c.wrapped)).scalars()]
    assert record.rotation.rotate() > 40
    check(record)
    assert epochs_in_use(record) == {2}
    assert master.held()[0] != old_master
    old = EnvironmentKey(name="OLD", environment={"OLD": encode_key(old_master)})
    with pytest.raises(MasterKeyError, match="does not open"):
        open_key_ring(record.database, old, clock)
    on_disk = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert not [wrap for wrap in old_wraps if wrap[-32:] in on_disk]
    check(open_record(record.database, master, clock))


def test_a_rotation_stopped_at_any_write_loses_nothing(tmp_path, record):
    """Killed before each of its commits and each change of the master key, then started again."""
    record.database.scrub()
    stops = 0
    while True:
        home = tmp_path / f"run{stops}"
        shutil.copytree(tmp_path / "data", home / "data")
        shutil.copytree(tmp_path / "keys", home / "keys")
        key = FileKey(path=home / "keys" / "master", data_dir=home / "data")
        if not rotate_until(home, key, stops):
            break
        resumed = open_record(Database.in_directory(home / "data"), key, clock)
        check(resumed)
        resumed.rotation.resume()
        check(resumed)
        assert epochs_in_use(resumed) in ({1}, {2})
        resumed.rotation.rotate()
        check(resumed)
        assert len(resumed.keys.live) == 1
        resumed.close()
        stops += 1
    assert stops > 20


def rotate_until(home: Path, key: FileKey, writes: int) -> bool:
    """Rotate and die before write number `writes`; False when it finished before."""
    record = open_record(Database.in_directory(home / "data"), key, clock)
    left = iter(range(writes))

    def die(*_: object) -> None:
        if next(left, None) is None:
            raise Killed

    class MortalKey:
        def held(self) -> tuple[bytes, ...]:
            return key.held()

        def stage(self) -> bytes:
            die()
            return key.stage()

        def promote(self) -> None:
            die()
            key.promote()

    from sqlalchemy import event  # noqa: PLC0415 - the commit is where a process can die

    event.listen(record.database.engine, "commit", die)
    record.rotation._master = MortalKey()
    try:
        record.rotation.rotate()
    except Killed:
        return True
    finally:
        event.remove(record.database.engine, "commit", die)
        record.close()
    return False


def test_a_rotation_under_load_loses_no_record(record, master):
    """Writers go on while the keys change; every row they were promised is readable afterwards."""
    stop = threading.Event()
    promised: list[str] = []
    failures: list[BaseException] = []

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            name = f"load-{threading.get_ident()}-{n}"
            try:
                assert record.inbox.accept(name, name.encode(), surface="web")
                promised.append(name)
            except (EnvelopeError, StorageUnavailable, AssertionError) as error:
                failures.append(error)
                return

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(2):
        record.rotation.rotate()
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)
    assert not failures
    assert len(promised) > 10
    found = {item.key for item in record.inbox.pending(limit=100_000)}
    assert set(promised) <= found
    fresh = open_record(Database(record.database.url), master, clock)
    assert set(promised) <= {item.key for item in fresh.inbox.pending(limit=100_000)}
    fresh.close()


def test_another_process_follows_a_rotation(record, master):
    """A runner that opened its keys before still reads, and writes under the new epoch."""
    other = open_record(Database(record.database.url), master, clock)
    record.rotation.rotate()
    check(other)
    other.inbox.accept("late", b"", surface="slack")
    assert epochs_in_use(record) == {2}
    other.close()


def test_what_is_sealed_elsewhere_is_asked_before_the_old_key_goes(record):
    """A search collection is sealed anew while both keys are held; when it fails, the old key stays."""
    sealed = record.keys.seal("estate", "r-1", 1, b"resource")
    seen: list[bytes] = []

    def reseal(keys) -> None:
        if not seen:
            seen.append(b"")
            raise ConnectionError
        seen.append(keys.open("estate", "r-1", 1, sealed))
        assert keys.epoch == 2

    record.rotation.also(reseal)
    with pytest.raises(ConnectionError):
        record.rotation.rotate()
    with record.database.read() as connection:
        kept = connection.execute(select(func.count()).where(key_epochs.c.kind == "data")).scalar()
    assert kept == 2
    record.rotation.resume()
    assert seen == [b"", b"resource"]


def test_a_damaged_row_stops_the_rotation_and_keeps_the_old_key(record):
    """What cannot be opened now might be mended later; nothing is dropped over it."""
    with record.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE turns SET body = x'00' WHERE seq = 3")
    with pytest.raises(EnvelopeError, match=":3"):
        record.rotation.rotate()
    assert record.keys.live == (2, 1)


def test_a_rotation_is_due_after_ninety_days(record):
    """Old keys are noticed."""
    assert not record.rotation.due()
    record.rotation._clock = lambda: NOW + timedelta(days=90)
    assert record.rotation.due()


def test_a_key_in_the_environment_is_changed_by_its_owner(tmp_path):
    """With the next key set beside it the rotation runs, and afterwards the next key alone is enough."""
    environment = {"K": encode_key(bytes(range(32)))}
    key = EnvironmentKey(name="K", environment=environment)
    record = open_record(Database.in_directory(tmp_path / "data"), key, clock)
    fill(record)
    with pytest.raises(MasterKeyError, match="K_NEXT"):
        record.rotation.rotate()
    environment["K_NEXT"] = encode_key(bytes(range(1, 33)))
    record.rotation.rotate()
    check(record)
    environment["K"] = environment.pop("K_NEXT")
    check(open_record(Database(record.database.url), key, clock))
    record.close()
