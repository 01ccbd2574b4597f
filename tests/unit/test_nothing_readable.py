"""What lies in the data directory tells nothing to whoever copies it while the runner works."""

import base64
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.storage.database import Database
from engine.storage.journal import JournalEvent
from engine.storage.master import FileKey
from engine.storage.record import Record, open_record

NOW = datetime(2031, 3, 1, tzinfo=UTC)
ACCOUNT = "918273645546"
NAME = "payroll-database-primary"
USER = "slack:T0NEEDLE:U0NEEDLE"
CHANNEL = "C0NEEDLECHANNEL"
TEXT = "please stop the payroll machine before the audit"
TOKEN = "xoxb-needle-token-0123456789"
NEEDLES = (ACCOUNT, NAME, USER, "U0NEEDLE", CHANNEL, TEXT, TOKEN)
ARN = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{NAME}"
EVERYTHING = " ".join(NEEDLES).encode()


@pytest.fixture
def master(tmp_path: Path) -> FileKey:
    """A master key outside the data directory."""
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    key.create()
    return key


@pytest.fixture
def record(tmp_path: Path, master: FileKey) -> Iterator[Record]:
    """A record with the needles in every store, still open."""
    made = open_record(Database.in_directory(tmp_path / "data"), master, lambda: NOW)
    write_needles(made)
    yield made
    made.close()


def write_needles(record: Record) -> None:
    """Put every needle where it would come to lie."""
    thread = f"slack:{CHANNEL}:1700000000.000100"
    record.inbox.accept(f"{USER} {TEXT}", EVERYTHING, surface="slack")
    record.outbox.enqueue(EVERYTHING, surface="slack", channel=CHANNEL, kind="post", coalesce=f"{CHANNEL} {NAME}")
    (item,) = record.outbox.due()
    record.outbox.sent(item, EVERYTHING)
    record.threads.append(thread, EVERYTHING)
    record.threads.keep_results(thread, "set-1", ARN.encode())
    record.cards.add(f"alert:{ARN}", EVERYTHING)
    record.plans.insert(
        "p-00000001",
        state="proposed",
        digest="d" * 64,
        payload=EVERYTHING,
        requester=USER,
        thread=thread,
        not_after=NOW + timedelta(hours=1),
    )
    record.plans.decide("p-00000001", principal=USER, payload=EVERYTHING, settle=lambda _p, _d: "approved")
    record.executions.claim("p-00000001", "x-1", owner="runner-1", lease_until=NOW)
    record.journal.append("x-1", step_id="s1", target=ARN, event=JournalEvent.INTENT, detail=EVERYTHING)
    record.schedule_runs.claim(f"stop {NAME}", NOW)
    record.reports.put("r-1", kind="morning", body=EVERYTHING)
    record.settings.set(f"aws.accounts.{ACCOUNT}", EVERYTHING.decode(), changed_by=USER)
    record.playbooks.add(
        NAME, "1.0.0", state="draft", strategy="local_only", author=USER, package=EVERYTHING, note=TEXT
    )
    record.playbooks.move(NAME, "1.0.0", before=("draft",), state="ready", note=TEXT)
    record.playbook_runs.ended("p-00000001", f"{NAME}@1.0.0", succeeded=True)
    record.habits.again(f"stop {NAME}")
    log = AuditLog(record.database, record.keys, lambda: NOW, every=1)
    log.append(
        AuditEvent(tag=Tag.PLAN_PROPOSED, principal=USER, plan_id="p-00000001", detail={"text": TEXT, "arn": ARN})
    )


def readable(folder: Path, needles: tuple[bytes, ...]) -> list[str]:
    """Return `file: needle` for each needle in any byte of any file."""
    return [
        f"{path.name}: {needle!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for needle in needles
        if needle in path.read_bytes()
    ]


def spellings(text: str) -> tuple[bytes, ...]:
    """A needle as it might have been written."""
    return (text.encode(), text.encode("utf-16-le"), base64.b64encode(text.encode())[:-4], text.encode().hex().encode())


def test_no_needle_is_in_any_byte_of_a_copy_taken_while_it_is_open(record, tmp_path):
    """Account ids, names, people, messages and tokens; write-ahead log included, and in other spellings."""
    del record
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "data", copy)
    assert {path.name for path in copy.iterdir()} >= {"escher.db", "escher.db-wal"}
    assert (copy / "escher.db-wal").stat().st_size > 10_000
    assert readable(copy, tuple(spelled for needle in NEEDLES for spelled in spellings(needle))) == []


def test_the_search_would_find_what_is_there(record, tmp_path):
    """The same search finds a plan id, which may be read."""
    del record
    assert readable(tmp_path / "data", (b"p-00000001",)) != []


def test_no_key_is_in_the_data_directory(record, master, tmp_path):
    """Neither the master key nor any root, raw, in hex or in base64; also after a change of keys."""
    for _ in range(2):
        secrets = [*master.held(), *(root for held in record.keys._roots.values() for root in (held.data, held.audit))]
        written = tuple(
            form
            for secret in secrets
            for form in (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="))
        )
        assert len(written) >= 9
        assert readable(tmp_path / "data", written) == []
        record.rotation.rotate()


def test_what_is_replaced_or_removed_is_gone_from_the_file(record, tmp_path):
    """An old envelope does not stay behind in a free page."""
    with record.database.read() as connection:
        body = bytes(connection.exec_driver_sql("SELECT body FROM inbox").scalar())
    record.database.scrub()
    assert readable(tmp_path / "data", (body,)) != []
    record.inbox.done(f"{USER} {TEXT}")
    assert record.inbox.prune(NOW + timedelta(days=1)) == 1
    record.database.scrub()
    assert readable(tmp_path / "data", (body,)) == []


def test_the_directory_and_its_files_are_private(record, tmp_path):
    """Nobody else on the machine can list the folder."""
    del record
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
