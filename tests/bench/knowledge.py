"""How soon the agent server answers, and how fast it finds what it knows: `python -m tests.bench.knowledge [--starts 5]`.

A start is from the command to `agent server: http…`. Then the command reference of AWS, the largest list, is loaded and searched in this process:
the steps in their order, with the memory that each leaves behind.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import psutil

from agent_server.embedding.minilm import MiniLm
from agent_server.knowledge import library
from agent_server.knowledge.commands import reference
from agent_server.knowledge.operations import operations
from agent_server.knowledge.question import question
from agent_server.knowledge.store import Knowledge
from tests.bench._measuring import load, say, table

START_SECONDS = 3.0
LOAD_SECONDS = 1.0
_QUESTIONS = (
    "stop an ec2 machine",
    "who deleted that bucket",
    "list unattached volumes",
    "rotate the access keys",
    "raise the memory of a lambda",
)
_MEGA = 1e6


def start() -> tuple[float, float]:
    """Return the seconds until the server is ready, and its memory then in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "agent_server", "--port", "0", "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None or not process.stdout.readline().startswith("agent server: http"):
            raise SystemExit("the agent server did not start")
        return time.perf_counter() - began, psutil.Process(process.pid).memory_info().rss / _MEGA
    finally:
        process.terminate()
        process.wait(60)


def step(did: Callable[[], object]) -> tuple[float, float, float]:
    """Do something; return wall seconds, CPU seconds, and this process's memory afterwards in megabytes."""
    wall, cpu = time.perf_counter(), time.process_time()
    did()
    return (
        time.perf_counter() - wall,
        time.process_time() - cpu,
        psutil.Process().memory_info().rss / _MEGA,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args(arguments)
    say(f"{load()}\n")
    starts = [start() for _ in range(options.starts)]
    seconds, memory = (statistics.median(one) for one in zip(*starts, strict=True))
    say(f"ready after {seconds:.2f} s (median of {len(starts)}; goal {START_SECONDS:.0f} s), {memory:.0f} MB then\n")
    model, knowledge = MiniLm(), Knowledge()
    known = library.playbooks()
    with table("step", "wall s", "CPU s", "MB afterwards") as lines:
        steps: dict[str, Callable[[], object]] = {
            f"{len(known)} playbooks indexed": lambda: knowledge.playbooks("x"),
            "AWS: the reference unpacked": lambda: reference("aws"),
            "AWS: indexed, with vectors": lambda: operations("aws"),
            "Azure and Google Cloud": lambda: (operations("azure"), operations("gcp")),
            "the embedding model": lambda: model.embed(["ready"]),
        }
        for name, did in steps.items():
            wall, cpu, after = step(did)
            lines.row(name, f"{wall:.2f}", f"{cpu:.2f}", f"{after:.0f}")
    say(f"{len(reference('aws')):,} AWS operations; goal for them with their vectors {LOAD_SECONDS:.0f} s\n")
    vectors = {text: model.embed([text])[0] for text in _QUESTIONS}
    with table("a question", "ms, median") as lines:
        lines.row("embedded", _median(lambda text: model.embed([text])))
        lines.row("to AWS operations, by words", _median(lambda text: knowledge.commands(text, "aws")))
        lines.row(
            "to AWS operations, by words and meaning",
            _median(lambda text: operations("aws").search(question(text, "aws", vectors[text]), 5)),
        )
        lines.row("to playbooks, by words", _median(lambda text: knowledge.playbooks(text, ["aws"])))


def _median(ask: Callable[[str], object]) -> str:
    return f"{1000 * statistics.median(step(lambda text=text: ask(text))[0] for text in _QUESTIONS * 10):.1f}"


if __name__ == "__main__":
    main()
