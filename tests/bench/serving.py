"""How many requests the agent server answers, load generator on the same cores: `python -m tests.bench.serving [--seconds 8]`.

Intents are labelled messages of `tests/evals`, one in five of them a question for help, which is looked up by meaning and so needs an
embedding (each with a number, so that none is remembered); plans have forty targets. Each is asked for at a fixed rate above its goal,
measured from when a request was due, and then as fast as four connections go. The first requests, among them each question for help once,
are told by themselves: some wait for what is loaded when it is first asked for. CPU is told beside wall time, since on a shared machine
only it can be compared between runs.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice

import psutil

from agent_server.contract.intent import IntentKind, IntentRequest
from agent_server.models.offline import parse
from tests.bench._measuring import Table, load, say, table
from tests.bench._posting import Load, posted, written
from tests.evals.intent import SETS, path_of
from tests.evals.score import read
from tests.fakes.agent_server_process import Running, agent_server
from tests.fakes.plan_requests import intent, plan_request, targets

INTENT_RATE, INTENT_MS = 100.0, 60.0
PLAN_RATE, PLAN_MS = 30.0, 150.0
START_SECONDS = 3.0
_ABOVE = 1.1
_HELP_IN = 5
_SETS = (*SETS, *(f"fresh_{number}" for number in range(1, 7)), "unseen_tuned")
_HEADS = (
    "what",
    "asked for a second",
    "answered a second",
    "p50 ms",
    "p95 ms",
    "failed",
    "server CPU ms each",
    "generator CPU ms each",
)
_MEGA = 1e6
_TARGETS = 40
_LONGEST_SETTLING, _RESTING = 20.0, 0.5


def messages(count: int) -> tuple[list[str], float]:
    """Return messages, and which share of them needs an embedding."""
    mixed = list(islice(_mixed(*_said()), count))
    return mixed, sum(map(_asks, mixed)) / count


@cache
def _said() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the questions for help of the labelled messages, and all others."""
    texts = dict.fromkeys(row["text"] for name in _SETS for row in read(path_of(name)))
    return tuple(filter(_asks, texts)), tuple(text for text in texts if not _asks(text))


def _mixed(asking: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Yield one question for help among five, each with a number, so that none is remembered from before."""
    helping, rest = cycle(asking), cycle(others)
    for number in range(10**9):
        yield f"{next(helping)} ({number})" if number % _HELP_IN == 0 else next(rest)


def _asks(text: str) -> bool:
    return parse(IntentRequest(request_id="bench", text=text)).intent is IntentKind.HELP


def intents(count: int) -> tuple[list[bytes], float]:
    """Return requests to understand, and the share that needs an embedding."""
    texts, share = messages(count)
    return [written("/v1/intent", {"request_id": "bench", "text": text}) for text in texts], share


def plans(count: int) -> list[bytes]:
    """Return requests for plans."""
    body = plan_request(intent(), targets(_TARGETS), "aws.ec2.stop_instances").model_dump(mode="json")
    return [written("/v1/plan", body)] * count


def measured(
    running: Running, requests: Sequence[bytes], *, rate: float, connections: int
) -> tuple[Load, float, float]:
    """Return the load and the CPU milliseconds of server and generator for each request."""
    server = psutil.Process(running.process.pid)
    before, own = sum(server.cpu_times()[:2]), time.process_time()
    found = posted(running.url, requests, rate=rate, connections=connections)
    each = 1000 / len(requests)
    return found, (sum(server.cpu_times()[:2]) - before) * each, (time.process_time() - own) * each


def told(rows: Table, what: str, rate: float, measure: tuple[Load, float, float]) -> Load:
    """Write one line."""
    found, server, own = measure
    asked = f"{rate:.0f}" if rate else "as fast as four connections go"
    rows.row(
        what,
        asked,
        f"{found.rate:.0f}",
        f"{found.percentile(0.5):.1f}",
        f"{found.percentile(0.95):.1f}",
        str(found.failed),
        f"{server:.1f}",
        f"{own:.1f}",
    )
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each rate is held")
    seconds = parser.parse_args(arguments).seconds
    wanted, first = int(INTENT_RATE * _ABOVE * seconds), _HELP_IN * len(_said()[0])
    every, share = intents(first + 2 * wanted)
    warming, asked, fresh = every[:first], every[first : first + wanted], every[first + wanted :]
    planned = plans(int(PLAN_RATE * _ABOVE * seconds))
    say(f"{load()}\n")
    began = time.perf_counter()
    with agent_server({"ESCHER_AGENT_SERVER__BURST": "1000000"}) as running:
        started = time.perf_counter() - began
        memory = psutil.Process(running.process.pid).memory_info().rss / _MEGA
        _settle(running)
        with table(*_HEADS) as rows:
            told(rows, "/v1/intent, the first", 0.0, measured(running, warming, rate=0.0, connections=4))
            _settle(running)
            rate = INTENT_RATE * _ABOVE
            understood = told(rows, "/v1/intent", rate, measured(running, asked, rate=rate, connections=16))
            rate = PLAN_RATE * _ABOVE
            proposed = told(rows, "/v1/plan", rate, measured(running, planned, rate=rate, connections=16))
            told(rows, "/v1/intent", 0.0, measured(running, fresh, rate=0.0, connections=4))
            told(rows, "/v1/plan", 0.0, measured(running, planned, rate=0.0, connections=4))
        after = psutil.Process(running.process.pid).memory_info().rss / _MEGA
    say(f"{share:.0%} of the intents need an embedding; a plan has {_TARGETS} targets")
    say(
        f"ready {started:.1f} s after the command, {started / START_SECONDS:.2f} of the goal; {memory:.0f} MB then, {after:.0f} MB at the end"
    )
    for name, found, rate, most in (
        ("/v1/intent", understood, INTENT_RATE, INTENT_MS),
        ("/v1/plan", proposed, PLAN_RATE, PLAN_MS),
    ):
        p95 = found.percentile(0.95)
        say(f"{name}: {found.rate / rate:.2f} of the rate wanted, p95 {p95 / most:.2f} of the {most:.0f} ms allowed")
    say(f"machine load at the end: {os.getloadavg()[0]:.1f}")


def _settle(running: Running) -> None:
    """Wait until the server rests: it loads what it knows once it is ready, and that is told by `tests.bench.knowledge`."""
    server = psutil.Process(running.process.pid)
    deadline = time.perf_counter() + _LONGEST_SETTLING
    while time.perf_counter() < deadline:
        before = sum(server.cpu_times()[:2])
        time.sleep(_RESTING)
        if sum(server.cpu_times()[:2]) - before < _RESTING / 20:
            return


if __name__ == "__main__":
    main()
