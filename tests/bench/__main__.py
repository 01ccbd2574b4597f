"""Runs the benchmarks of this folder: `python -m tests.bench [NAME …] [--write] [-- OPTIONS]`; all without a name, `--list` names them.

With `--write` what they print is put into `docs/benchmarks.md`, each with the command that makes it again; the parts of
benchmarks that were not run stay as they are.
"""

import argparse
import ast
import io
import os
import platform
import re
import runpy
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TextIO

from engine.clock import system_clock

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "benchmarks.md"
_INTRODUCTION = """# Benchmarks

Every figure on this page was printed by the command above it (`python -m tests.bench --write` writes the page anew). Wall time says as
much about the machine and its neighbours as about Escher, so each part says how busy the machine was, tells CPU time beside it where it
can, and ends in ratios within the same run. Compare ratios, not seconds.
"""


class Tee(io.TextIOBase):
    """Writes to a stream and keeps what was written.

    Args:
        stream: Where it also goes.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._kept: list[str] = []

    def write(self, text: str) -> int:
        """Write and keep."""
        self._kept.append(text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Write through."""
        self._stream.flush()

    def text(self) -> str:
        """Return what was written so far."""
        return "".join(self._kept)


def names() -> tuple[str, ...]:
    """Return the benchmarks: every script of this folder."""
    return tuple(sorted(path.stem for path in FOLDER.glob("[!_]*.py")))


def about(name: str) -> str:
    """Return the first line of what a benchmark says of itself, without running it."""
    told = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return told.partition("\n")[0]


def say(line: str) -> None:
    """Write a line at once."""
    print(line, flush=True)  # noqa: T201 - this script's whole purpose


def run(name: str, options: Sequence[str]) -> str:
    """Run one benchmark as if alone, with its own options; return what it printed."""
    say(f"== {name} {' '.join(options)}".rstrip())
    began = time.perf_counter()
    sys.argv = [f"tests.bench.{name}", *options]
    with redirect_stdout(Tee(sys.stdout)) as told:
        runpy.run_module(f"tests.bench.{name}", run_name="__main__")
    say(f"== {name} took {time.perf_counter() - began:.1f} s")
    return told.text()


def part(name: str, options: Sequence[str], told: str) -> str:
    """Return a benchmark's part of the page."""
    said = about(name).partition(":")[0]
    day = system_clock().date().isoformat()
    command = f"python -m tests.bench {name}" + (f" -- {' '.join(options)}" if options else "")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {day}"
    body = told.strip() if "|---" in told else f"```\n{told.strip()}\n```"
    return f"## {name}\n\n{said}.\n\n    {command}\n\n{machine}\n\n{body}\n"


def written(page: str, parts: dict[str, str]) -> str:
    """Return the page with some parts replaced or added, in order of their names."""
    old = {found[1]: found[0].strip() + "\n" for found in re.finditer(r"(?ms)^## (\w+)\n.*?(?=^## |\Z)", page)}
    every = {name: text for name, text in {**old, **parts}.items() if name in names()}
    return "\n".join([_INTRODUCTION, *(every[name] for name in sorted(every))])


def main(arguments: Sequence[str]) -> int:
    """Run what was chosen, one after the other; the first that fails ends the run with its exit code."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Run benchmarks, one after the other.")
    parser.add_argument("name", nargs="*", help=f"one or more of {', '.join(names())}; all when not said")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.parent.name}/{PAGE.name}")
    wanted = parser.parse_args(arguments[:at])
    chosen = wanted.name or names()
    if unknown := sorted(set(chosen) - set(names())):
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(names())}")
    if wanted.list:
        for name in chosen:
            say(f"{name}: {about(name)}")
        return 0
    options = arguments[at + 1 :]
    for name in chosen:
        told = run(name, options)
        if wanted.write:
            page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            PAGE.write_text(written(page, {name: part(name, options, told)}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
