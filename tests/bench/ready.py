"""How long `escher demo` takes until it answers: `python -m tests.bench.ready [--scales 300 10000]`.

From the start of the command to its line `console: …`: three local clouds, the agent server, a runner, and one whole sync.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import psutil

from tests.bench._measuring import load, say, table, times

GOAL_SECONDS = 120.0


def ready(scale: int) -> tuple[float, float]:
    """Return the seconds until the try-out answers, and the CPU seconds that all its processes used for it."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bot.cli",
                "demo",
                "--port",
                "0",
                "--no-browser",
                "--scale",
                str(scale),
                "--data-dir",
                folder,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            if process.stdout is None or not process.stdout.readline().startswith("console: http"):
                raise SystemExit("the try-out did not start")
            waited = time.perf_counter() - began
            demo = psutil.Process(process.pid)
            used = [each.cpu_times() for each in (demo, *demo.children(recursive=True))]
            return waited, sum(each.user + each.system for each in used)
        finally:
            process.terminate()
            process.wait(60)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=int, nargs="+", default=[300, 10_000])
    options = parser.parse_args(arguments)
    say(f"{load()}\n")
    found: list[tuple[float, float]] = []
    with table("resources", "ready s", "CPU s of all its processes") as lines:
        for scale in options.scales:
            found.append(ready(scale))
            lines.row(f"{scale:,}", f"{found[-1][0]:.1f}", f"{found[-1][1]:.1f}")
    if len(found) > 1:
        say(f"{options.scales[-1]:,} against {options.scales[0]:,}: {times(found[-1][1], found[0][1])} the CPU")
    say(f"{options.scales[-1]:,} resources: {found[-1][0] / GOAL_SECONDS:.2f} of the goal of {GOAL_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
