"""A runner that dies by SIGKILL at a journal point, as a process of its own.

`python -m tests.crash.killed_runner --config F --kill POINT:N` serves F and dies at the N-th passing of the point. A file `kill`
beside F with the same words arms a runner that is already up; it is used up by that.

`python -m tests.crash.killed_runner --nursery` imports everything once, then forks such a runner for each line of standard
input (a settings file), says `{"pid"}`, later `{"pid", "code"}` when it ended, and kills what is left at the end of its input.
Each runner writes what it prints to a file `out` beside its settings.
"""

import argparse
import importlib
import json
import os
import selectors
import signal
import sys
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bot.serving import serve
from bot.settings import load
from engine.execution.executor import JournalPoint

_EVERYTHING = (
    "agent_server.contract",
    "boto3",
    "azure.mgmt.compute",
    "azure.mgmt.resourcegraph",
    "google.cloud.compute_v1",
    "engine.clouds.aws.account",
    "engine.clouds.azure.account",
    "engine.clouds.gcp.account",
    "engine.clouds.catalog",
    "agent_server.embedding.minilm",
    "bot.web.client",
    "bot.web.listener",
    "uvicorn",
)


def killing_at(spec: str, armed: Path) -> JournalPoint:
    """Return a function that kills this process at the point of `spec`, or of the file `armed` once it is there."""
    passed: Counter[str] = Counter()
    wanted = [spec]

    def point(name: str) -> None:
        if armed.exists():
            wanted[0] = armed.read_text(encoding="utf-8").strip()
            armed.unlink()
            passed.clear()
        passed[name] += 1
        if wanted[0] == f"{name}:{passed[name]}":
            os.kill(os.getpid(), signal.SIGKILL)

    return point


def run(config: Path, spec: str) -> int:
    """Serve until told to stop, or until the point; return the exit code."""
    return serve(load(config), point=killing_at(spec, config.parent / "kill"))


def nursery() -> None:
    """Fork a runner for each line of standard input, and tell how each ends."""
    for name in _EVERYTHING:
        importlib.import_module(name)
    _say({"warm": True})
    children: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd != 0:
                    selector.unregister(key.fd)
                    _tell_end(children.pop(key.fd), key.fd)
                elif line := os.read(0, 4096).decode():
                    for config in line.splitlines():
                        pid = _fork(Path(config))
                        children[fd := os.pidfd_open(pid)] = pid
                        selector.register(fd, selectors.EVENT_READ)
                else:
                    for pid in children.values():
                        with suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    return


def _fork(config: Path) -> int:
    pid = os.fork()
    if pid:
        _say({"pid": pid})
        return pid
    code = 1
    try:
        out = os.open(config.parent / "out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = run(config, "")
    except BaseException:  # noqa: BLE001 - the child must not go on as the nursery, whatever broke
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _tell_end(pid: int, fd: int) -> None:
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    _say({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _say(words: dict[str, object]) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def main() -> None:
    """Do what the command line says."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--nursery", action="store_true")
    arguments.add_argument("--config", type=Path)
    arguments.add_argument("--kill", default="", metavar="POINT:N")
    chosen = arguments.parse_args()
    if chosen.nursery:
        nursery()
    else:
        sys.exit(run(chosen.config, chosen.kill))


if __name__ == "__main__":
    main()
