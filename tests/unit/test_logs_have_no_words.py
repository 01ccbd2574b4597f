"""What people say, what things are called, and keys never reach the log, whatever breaks."""

import json
import subprocess
import sys
from pathlib import Path

WORDS = (
    "web-payroll-7 of the secret project",
    "Ada Lovelace",
    "zebra-crossing-db",
    "line one\\nline two",
    "{'text': 'stop narwhal'}",
    "alice@corp.example",
    "arn:aws:iam::111122223333:role/Admin",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
)
NEEDLES = (*WORDS, "payroll", "Lovelace", "zebra", "narwhal", "111122223333", "U0ONE", "T0ACME", "C0123", "alice")


def test_nothing_of_what_was_said_is_logged_when_everything_breaks():
    """A broken turn, forgotten tasks, library loggers, warnings, threads and the end of the process: kinds and places only."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fakes.noisy_process"],
        input="\n".join(WORDS),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert [needle for needle in NEEDLES if needle in ran.stderr] == []
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert sum(line.get("event") == "a turn broke" for line in lines) == len(WORDS)
    assert sum(line.get("event") == "background task failed" for line in lines) == len(WORDS)
    assert {"asyncio", "slack_bolt", "uvicorn.error", "httpx", "py.warnings", "uncaught"} <= {
        line.get("logger") for line in lines
    }
    broken = next(line for line in lines if line.get("event") == "a turn broke")
    assert [one["kind"] for one in broken["exception"]] == [
        "builtins.ExceptionGroup",
        "builtins.ValueError",
        "builtins.LookupError",
        "builtins.KeyError",
    ]
    assert any("noisy_process.py" in place for place in broken["exception"][0]["places"])


def test_a_log_on_a_full_disk_keeps_nobody_from_being_answered():
    """What cannot be logged is let go; the work goes on."""
    program = (
        "import structlog, bot.logs as logs; logs.configure_logging(); log = structlog.get_logger();"
        " [log.info('one') for _ in range(3)];"
        " print('answered')"
    )
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, text=True, timeout=60, check=False
        )
    assert ran.stdout == "answered\n"
