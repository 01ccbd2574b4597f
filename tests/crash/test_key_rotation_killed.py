"""SIGKILL in the middle of a change of keys, with writers at work.

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

from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record

KILLS = int(os.environ.get("ESCHER_KILLS", "4"))  # noqa: TID251 - how long the test runs, not a setting
NOW = datetime(2031, 3, 1, tzinfo=UTC)

RUNNER = """
    import sys, threading
    from datetime import UTC, datetime
    from pathlib import Path
    from engine.storage.database import Database
    from engine.storage.master import FileKey
    from engine.storage.record import open_record

    home, name = Path(sys.argv[1]), sys.argv[2]
    key = FileKey(path=home / "keys" / "master", data_dir=home / "data")
    key.create()
    record = open_record(Database.in_directory(home / "data"), key, lambda: datetime(2031, 3, 1, tzinfo=UTC))

    def write():
        n = 0
        while True:
            n += 1
            record.inbox.accept(f"{name}-{n}", b"x", surface="web")
            print(f"{name}-{n}", flush=True)

    threading.Thread(target=write, daemon=True).start()
    record.rotation.resume()
    while True:
        record.rotation.rotate()
"""


def test_a_killed_rotation_loses_no_record(tmp_path: Path):
    """Whenever it dies, every row that was promised opens at the next start, and one key is left at the end."""
    promised: set[str] = set()
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(RUNNER), str(tmp_path), f"run{kill}"],
            stdout=subprocess.PIPE,
            text=True,
        ) as runner:
            runner.stdout.readline()
            time.sleep(random.Random(kill).uniform(0.0, 0.4))  # noqa: S311 - a repeatable delay
            runner.send_signal(signal.SIGKILL)
            rest = runner.stdout.read()
        promised |= {f"run{kill}-1", *rest.splitlines()[:-1]}
        key = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
        record = open_record(Database.in_directory(tmp_path / "data"), key, lambda: NOW)
        assert promised <= {item.key for item in record.inbox.pending(limit=1_000_000)}
        record.rotation.resume()
        assert promised <= {item.key for item in record.inbox.pending(limit=1_000_000)}
        assert len(record.keys.live) == 1
        record.close()
    assert len(promised) > KILLS
