"""What the benchmarks share: who used how much CPU, and lines and tables written at once."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
import structlog

from tests.fakes.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """CPU seconds (user and system), by who used them.

    Attributes:
        runner: This process, in which the runner is; the benchmark's own client is in it too.
        planner: The agent server.
        clouds: The three local clouds.
    """

    runner: float
    planner: float
    clouds: float

    def since(self, before: "Cpu") -> "Cpu":
        """Return what was used since `before`."""
        return Cpu(
            runner=self.runner - before.runner,
            planner=self.planner - before.planner,
            clouds=self.clouds - before.clouds,
        )


def cpu(home: House) -> Cpu:
    """Return who used how much CPU until now; the clouds tell it themselves (`/_escher/cpu`)."""
    planner = 0.0
    for child in psutil.Process().children():
        if "agent_server" in child.cmdline():
            used = child.cpu_times()
            planner += used.user + used.system
    clouds = sum(
        httpx.get(f"{url}/_escher/cpu", trust_env=False, timeout=30).json()["cpu_seconds"]
        for url in (home.aws.cloud.url, home.azure.url, home.gcp.url)
    )
    own = os.times()
    return Cpu(runner=own.user + own.system, planner=planner, clouds=clouds)


def quiet() -> None:
    """Let only warnings of the runner be told, so that they do not stand between the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def load() -> str:
    """Return how busy the machine is, in words."""
    return f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes at work on average in the last minute"


def say(line: str) -> None:
    """Write a line at once."""
    print(line, flush=True)  # noqa: T201 - the benchmarks' whole purpose


@contextmanager
def table(*heads: str) -> Iterator["Table"]:
    """Write a table's head; the rows follow as they are measured."""
    say(f"| {' | '.join(heads)} |")
    say(f"|{'|'.join('---' if not number else '---:' for number in range(len(heads)))}|")
    yield Table()
    say("")


class Table:
    """A table that is being written."""

    def row(self, *cells: str) -> None:
        """Write a row."""
        say(f"| {' | '.join(cells)} |")


def times(large: float, small: float) -> str:
    """Return how many times as large one figure is as another."""
    return f"{large / small:.1f} times" if small > 0 else "unmeasurably more than"
