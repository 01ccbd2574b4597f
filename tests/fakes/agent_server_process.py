"""The agent server as a child process."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tests.fakes.patience import PATIENCE

ROOT = Path(__file__).parents[2]
_OURS = ("ESCHER_", "ANTHROPIC_")


@dataclass(slots=True)
class Running:
    """A running server.

    Attributes:
        url: Where it listens.
        process: The child.
        log: Lines of its standard error so far.
    """

    url: str
    process: "subprocess.Popen[str]"
    log: list[str]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which only the given settings of ours are set."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}  # noqa: TID251 - a child's
    return {**plain, "PYTHONPATH": str(ROOT), **settings}


def _collect(lines: Iterable[str], into: list[str]) -> None:
    for line in lines:
        into.append(line)  # noqa: PERF402 - line by line, so that it can be looked at meanwhile


@contextlib.contextmanager
def agent_server(
    settings: Mapping[str, str] | None = None, *, program: Sequence[str] = ("-m", "agent_server")
) -> Iterator[Running]:
    """Start it on a free port of loopback; end it by closing its standard input."""
    command = [sys.executable, "-B", "-W", "error", *program, "--port", "0", "--exit-with-parent"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment(settings or {}), cwd=ROOT
    )
    log: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    reader = Thread(target=_collect, args=(process.stderr, log), daemon=True)
    reader.start()
    try:
        first = process.stdout.readline()
        if not first.startswith("agent server: "):
            reader.join(timeout=PATIENCE)
            raise AssertionError(f"the agent server did not start: {''.join(log)}")
        yield Running(url=first.removeprefix("agent server: ").strip(), process=process, log=log)
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(timeout=PATIENCE)
        process.stdout.close()
        process.stderr.close()
