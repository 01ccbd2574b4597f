"""What a command costs before it does anything: `python -m tests.bench.cli [--times 7]`.

Each figure is the least of several runs, beside an empty Python in the same run. The runner answers in its own process, so what
`ask` shows here is only the way to it and back.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench._measuring import load, say, table, times
from tests.fakes.house import house

HELP_GOAL_SECONDS = 0.5
ASK_GOAL_SECONDS = 0.3
_ESCHER = (sys.executable, "-m", "bot.cli")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The least seconds of several runs."""

    cpu: float
    wall: float


def cost(command: Sequence[str], count: int) -> Cost:
    """Run a command several times."""
    cpu, wall = [], []
    for _ in range(count):
        before, began = os.times(), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = os.times()
        wall.append(time.perf_counter() - began)
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return Cost(cpu=min(cpu), wall=min(wall))


@contextmanager
def running(config: Path) -> Iterator[None]:
    """Have a runner at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.serving", "--config", str(config), "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise SystemExit("the runner did not start")
        subprocess.run([*_ESCHER, "sync", "--config", str(config)], check=True, capture_output=True)
        yield
    finally:
        process.terminate()
        process.wait(30)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--scale", type=int, default=300)
    options = parser.parse_args(arguments)
    say(f"{load()}\n")
    with table("command", "CPU s", "wall s", "CPU against an empty Python") as lines:
        nothing = cost((sys.executable, "-c", "pass"), options.times)
        lines.row("python -c pass", f"{nothing.cpu:.2f}", f"{nothing.wall:.2f}", "1.0 times")

        def show(name: str, command: Sequence[str]) -> Cost:
            found = cost(command, options.times)
            lines.row(name, f"{found.cpu:.2f}", f"{found.wall:.2f}", times(found.cpu, nothing.cpu))
            return found

        help_ = show("escher --help", (*_ESCHER, "--help"))
        with house(scale=options.scale) as home, tempfile.TemporaryDirectory() as folder:
            config = home.settings(Path(folder))
            with running(config):
                beside = ("--config", str(config))
                show("escher status, beside a runner", (*_ESCHER, "status", *beside))
                ask = show(
                    "escher ask (a question), beside a runner", (*_ESCHER, "ask", "list dev EC2 instances", *beside)
                )
            show("escher ask (a question), alone", (*_ESCHER, "ask", "list dev EC2 instances", *beside))
    say(f"escher --help: {help_.cpu / HELP_GOAL_SECONDS:.2f} of the goal of {HELP_GOAL_SECONDS} s of CPU")
    say(f"escher ask beside a runner: {ask.cpu / ASK_GOAL_SECONDS:.2f} of the goal of {ASK_GOAL_SECONDS} s of CPU")


if __name__ == "__main__":
    main()
