"""Runs the benchmarks of this folder: `python -m tests.bench [NAME …] [-- OPTIONS]`; all without a name, `--list` names them."""

import argparse
import ast
import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent


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


def run(name: str, options: Sequence[str]) -> None:
    """Run one benchmark as if alone, with its own options."""
    say(f"== {name} {' '.join(options)}".rstrip())
    began = time.perf_counter()
    sys.argv = [f"tests.bench.{name}", *options]
    runpy.run_module(f"tests.bench.{name}", run_name="__main__")
    say(f"== {name} took {time.perf_counter() - began:.1f} s")


def main(arguments: Sequence[str]) -> int:
    """Run what was chosen, one after the other; the first that fails ends the run with its exit code."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Run benchmarks, one after the other.")
    parser.add_argument("name", nargs="*", help=f"one or more of {', '.join(names())}; all when not said")
    parser.add_argument("--list", action="store_true", help="say which there are")
    wanted = parser.parse_args(arguments[:at])
    chosen = wanted.name or names()
    if unknown := sorted(set(chosen) - set(names())):
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(names())}")
    for name in chosen:
        if wanted.list:
            say(f"{name}: {about(name)}")
        else:
            run(name, arguments[at + 1 :])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
