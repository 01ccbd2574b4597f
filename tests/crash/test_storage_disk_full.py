"""When the record cannot be made durable, whoever asked learns it and does not act."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.storage.database import Database, StorageUnavailable
from engine.storage.master import FileKey
from engine.storage.record import open_record

NOW = datetime(2031, 3, 1, tzinfo=UTC)

WRITER = """
    import resource, signal, sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    from engine.storage.database import Database, StorageUnavailable
    from engine.storage.journal import JournalEvent
    from engine.storage.master import FileKey
    from engine.storage.record import open_record

    home = Path(sys.argv[1])
    now = datetime(2031, 3, 1, tzinfo=UTC)
    key = FileKey(path=home / "master", data_dir=home / "data")
    key.create()
    record = open_record(Database.in_directory(home / "data"), key, lambda: now)
    record.plans.insert("p-1", state="approved", digest="", payload=b"", requester="local:ada", not_after=now)
    record.executions.claim("p-1", "x-1", owner="r", lease_until=now)
"""


def start(home: Path, body: str) -> subprocess.Popen[str]:
    """Start a writer of its own."""
    program = textwrap.dedent(WRITER) + textwrap.dedent(body)
    return subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)


def entries(home: Path) -> int:
    """How many journal entries a later start finds, all of them readable."""
    key = FileKey(path=home / "master", data_dir=home / "data")
    record = open_record(Database.in_directory(home / "data"), key, lambda: NOW)
    found = len(record.journal.entries("x-1"))
    record.close()
    return found


def test_a_full_disk_is_told_before_anything_is_called(tmp_path):
    """The operating system refuses the write in the middle; every intent that was promised is there, no other."""
    writer = start(
        tmp_path,
        """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        grown = max(path.stat().st_size for path in (home / "data").iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (grown + 200_000, grown + 200_000))
        promised = 0
        try:
            while promised < 10_000:
                record.journal.append("x-1", step_id="s1", target="i-1", event=JournalEvent.INTENT, detail=bytes(500))
                promised += 1
        except StorageUnavailable:
            print("refused", promised)
        """,
    )
    said, _ = writer.communicate(timeout=60)
    word, promised = said.split()
    assert word == "refused"
    assert int(promised) > 3
    assert entries(tmp_path) == int(promised)


def test_a_killed_writer_loses_no_entry_it_was_promised(tmp_path):
    """SIGKILL in the middle of appending: what was reported as durable is there."""
    writer = start(
        tmp_path,
        """
        while True:
            print(record.journal.append("x-1", step_id="s1", target="i-1", event=JournalEvent.INTENT), flush=True)
        """,
    )
    promised = 0
    for line in writer.stdout:
        promised = int(line)
        if promised >= 30:
            break
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate(timeout=30)
    promised = max([promised, *(int(line) for line in rest.splitlines()[:-1])])
    assert entries(tmp_path) in (promised, promised + 1, promised + 2)


def test_a_damaged_file_is_an_error_and_not_an_empty_record(tmp_path):
    """Bytes overwritten in the middle of the database are never read as "nothing to do"."""
    home = tmp_path
    key = FileKey(path=home / "master", data_dir=home / "data")
    key.create()
    record = open_record(Database.in_directory(home / "data"), key, lambda: NOW)
    for n in range(50):
        record.inbox.accept(f"Ev{n}", os.urandom(400), surface="slack")
    record.database.scrub()
    record.close()
    path = home / "data" / "escher.db"
    damaged = bytearray(path.read_bytes())
    for place in range(8192, len(damaged), 4096):
        damaged[place : place + 64] = bytes(64)
    path.write_bytes(damaged)
    broken = Database.in_directory(home / "data")
    with pytest.raises(StorageUnavailable):
        open_record(broken, key, lambda: NOW).inbox.accept("Ev-new", b"", surface="slack")
    broken.close()
