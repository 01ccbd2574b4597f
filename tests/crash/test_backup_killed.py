"""SIGKILL in the middle of a backup, with writers at work: no half archive is ever taken for whole.

`ESCHER_KILLS=100` runs that many; the default is a sample.
"""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.backup.restoring import drill
from engine.backup.targets import Folder
from engine.storage.master import FileKey

KILLS = int(os.environ.get("ESCHER_KILLS", "6"))  # noqa: TID251 - how long the test runs, not a setting
NOW = datetime(2031, 3, 1, tzinfo=UTC)

RUNNER = """
    import sys, threading
    from datetime import UTC, datetime
    from pathlib import Path
    from engine.audit.log import AuditLog
    from engine.backup.making import BackupMaker
    from engine.backup.targets import Folder
    from engine.storage.database import Database
    from engine.storage.master import FileKey
    from engine.storage.record import open_record

    home = Path(sys.argv[1])
    clock = lambda: datetime(2031, 3, 1, tzinfo=UTC)
    key = FileKey(path=home / "keys" / "master", data_dir=home / "data")
    key.create()
    record = open_record(Database.in_directory(home / "data"), key, clock)
    for n in range(200):
        record.inbox.accept(f"{sys.argv[2]}-{n}", b"x" * 20_000, surface="web")
    audit = AuditLog(record.database, record.keys, clock)
    maker = BackupMaker(record=record, audit=audit, master=key, clock=clock)
    print("begins", flush=True)
    while True:
        print(maker.make(Folder(home / "kept"), keep=1000).name, flush=True)
"""


def test_a_killed_backup_leaves_no_half_archive(tmp_path: Path) -> None:
    """Whenever it dies, every archive under its name opens whole, those that were promised are there, and the next one works."""
    promised: set[str] = set()
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(RUNNER), str(tmp_path), f"run{kill}"],
            stdout=subprocess.PIPE,
            text=True,
        ) as runner:
            assert runner.stdout.readline() == "begins\n"
            time.sleep(random.Random(kill).uniform(0.0, 0.5))  # noqa: S311 - a repeatable delay
            runner.send_signal(signal.SIGKILL)
            promised |= {line.strip() for line in runner.stdout if line.endswith("\n")}
    kept = Folder(tmp_path / "kept")
    key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    assert promised <= set(kept.names())
    for number, name in enumerate(kept.names()):
        drill(kept.path / name, tmp_path / f"drill-{number}", key, lambda: NOW)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(RUNNER).replace("while True", "if True"), str(tmp_path), "last"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split()[-1] in kept.names()
    assert not list(kept.path.glob("*.part"))
    assert not (tmp_path / "data" / "backup.work").exists()
