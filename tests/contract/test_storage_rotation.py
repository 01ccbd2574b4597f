import threading
from collections.abc import Iterator

import pytest

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.audit.verify import verify
from engine.storage.database import Database
from engine.storage.record import Record, open_record
from tests.fakes.patience import PATIENCE


@pytest.fixture
def runners(database, master, ticking) -> Iterator[tuple[Record, Record]]:
    """Two runners on one database, each with connections and keys of its own."""
    other = Database(database.url)
    yield open_record(database, master, ticking), open_record(other, master, ticking)
    other.close()


def test_two_runners_write_through_a_rotation_and_lose_nothing(runners, master, ticking):
    """While one changes the keys, both write; every promised row and the whole trail are readable afterwards."""
    one, two = runners
    stop = threading.Event()
    promised: list[str] = []
    failures: list[Exception] = []

    def write(record: Record, name: str) -> None:
        log = AuditLog(record.database, record.keys, ticking, every=7)
        n = 0
        try:
            while not stop.is_set():
                n += 1
                with record.database.transaction():
                    assert record.inbox.accept(f"{name}-{n}", b"x", surface="web")
                    log.append(AuditEvent(tag=Tag.MESSAGE_RECEIVED, detail={"n": n}))
                promised.append(f"{name}-{n}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must name it
            failures.append(error)

    writers = [threading.Thread(target=write, args=(runner, name)) for runner, name in ((one, "one"), (two, "two"))]
    for writer in writers:
        writer.start()
    for _ in range(3):
        one.rotation.rotate()
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)
    assert failures == []
    assert {name.partition("-")[0] for name in promised} == {"one", "two"}
    fresh = open_record(Database(one.database.url), master, ticking)
    assert set(promised) <= {item.key for item in fresh.inbox.pending(limit=100_000)}
    found = verify(fresh.database, fresh.keys)
    assert (found.ok, found.first_broken, found.entries) == (True, "", len(promised))
    assert len(fresh.keys.live) == 1
    fresh.close()


def test_the_other_runner_knows_a_repeated_event_after_a_rotation(runners):
    """Keyed hashes change with the epoch; what is the same event does not."""
    one, two = runners
    assert one.inbox.accept("Ev1", b"", surface="slack")
    one.rotation.rotate()
    assert not two.inbox.accept("Ev1", b"", surface="slack")
    assert two.inbox.done("Ev1")
