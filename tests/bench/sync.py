"""How long reading three clouds takes: `python -m tests.bench.sync [--scales 300 10000] [--no-meaning]`.

The first sync stores everything, the second finds nothing new. "Searchable" is when all exact data can be asked for; "done" is
when everything is found by meaning too. The clouds' CPU is told beside it: on this machine they are part of the wait.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.estate.sync import SyncReport
from tests.bench._measuring import Cpu, Table, cpu, load, quiet, say, table, times
from tests.fakes.house import House, Open, house, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One sync."""

    report: SyncReport
    cpu: Cpu


async def one(home: House, runner: Open, *, meaning: bool) -> Measured:
    """Sync once."""
    before = await asyncio.to_thread(cpu, home)
    report = await asyncio.to_thread(runner.runner.engine.sync.run, embed=meaning)
    return Measured(report=report, cpu=(await asyncio.to_thread(cpu, home)).since(before))


async def at_scale(home: House, folder: Path, *, meaning: bool, lines: Table) -> Measured:
    """Sync twice; return the first."""
    async with opened(home.settings(folder), sync=False) as runner:
        first = await one(home, runner, meaning=meaning)
        lines.row(*cells("first", first))
        lines.row(*cells("second, nothing changed", await one(home, runner, meaning=meaning)))
    return first


def cells(which: str, found: Measured) -> tuple[str, ...]:
    """Return a row of the table."""
    report, used = found.report, found.cpu
    return (
        which,
        f"{report.resources:,}",
        f"{len(report.cells)}",
        f"{report.searchable_seconds:.1f}",
        f"{report.seconds:.1f}",
        f"{used.runner:.1f}",
        f"{used.clouds:.1f}",
        f"{report.resources / used.runner:,.0f}" if used.runner else "",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=int, nargs="+", default=[300, 10_000])
    parser.add_argument("--meaning", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args(arguments)
    quiet()
    say(f"{load()}\n")
    heads = (
        "sync",
        "resources",
        "cells",
        "searchable s",
        "done s",
        "CPU s: runner",
        "clouds",
        "resources a runner CPU s",
    )
    found: list[Measured] = []
    with table(*heads) as lines:
        for scale in options.scales:
            with house(scale=scale) as home, tempfile.TemporaryDirectory() as folder:
                found.append(asyncio.run(at_scale(home, Path(folder), meaning=options.meaning, lines=lines)))
    small, large = found[0], found[-1]
    if len(found) > 1:
        grew = times(large.report.resources, small.report.resources)
        slower = times(large.cpu.runner, small.cpu.runner)
        say(f"{grew} the resources cost the runner {slower} the CPU")


if __name__ == "__main__":
    main()
