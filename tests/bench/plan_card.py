"""From a message to its plan card on the web console: `python -m tests.bench.plan_card [--scales 300 10000] [--requests 200]`.

The way is the whole one: `POST /api/say` of the console, inbox, agent server, estate, admission, outbox, and the card on an open
page's line (`/api/events`). Every scale is measured with the cells read again before each plan, as in production, and without,
which shows Escher's own part. CPU is told by process, since on a shared machine only it can be compared between runs; the
runner's includes the client of this benchmark.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bot import people
from engine.estate.sync import EstateSync, Reread
from tests.bench._measuring import Cpu, Table, cpu, load, quiet, say, table
from tests.fakes.house import House, Open, house, opened

ONE = ("stop all dev EC2 instances",)
MIX = (
    "stop all dev EC2 instances",
    "stop all staging EC2 instances",
    "stop all dev virtual machines in azure",
    "start the stopped staging GCP instances",
    "stop all running dev instances in us-east-1",
)
GOAL_MS = 1000.0
HEADS = (
    "asked",
    "resources",
    "cells read again",
    "requests",
    "targets",
    "p50 ms",
    "p95 ms",
    "CPU ms each: runner",
    "agent server",
    "clouds",
)
_PER_THREAD = 10
_PLAN = re.compile(r"\bp-[0-9a-hjkmnp-tv-z]{8}\b")
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the table: milliseconds each."""

    scale: int
    reread: bool
    asked: str
    requests: int
    targets: float
    p50: float
    p95: float
    cpu: Cpu


class Page:
    """An open page of the console.

    Args:
        http: Speaks as the page does.
        line: Its line of events.
    """

    def __init__(self, http: httpx.AsyncClient, line: ClientConnection) -> None:
        self._http = http
        self._line = line

    async def ask(self, text: str, room: str) -> tuple[float, str]:
        """Say something; return the seconds until its plan card was there, and the card's text."""
        body = {"id": str(uuid.uuid4()), "room": room, "persona": people.own().id, "text": text}
        began = time.perf_counter()
        answer = await self._http.post("/api/say", json=body)
        answer.raise_for_status()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                event = json.loads(await self._line.recv())
                shown = event.get("message") or {}
                if event.get("room") == room and not shown.get("by"):
                    return time.perf_counter() - began, str(shown.get("text", ""))


@asynccontextmanager
async def page(runner: Open) -> AsyncIterator[Page]:
    """Open the console as a browser does."""
    console = next(one for one in runner.surfaces if one.name == "Web console")
    link: str = console.listener.new_link()
    base = link.split("/?", maxsplit=1)[0]
    async with httpx.AsyncClient(base_url=base, headers={"Origin": base}, trust_env=False) as http:
        await http.get(link)
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        address = f"{base.replace('http', 'ws', 1)}/api/events?persona={people.own().id}"
        async with connect(address, origin=base, additional_headers={"Cookie": cookie}, proxy=None) as line:
            await line.recv()
            yield Page(http, line)


@contextmanager
def without_reread(sync: EstateSync) -> Iterator[None]:
    """Let plans be made from what the last sync saw."""

    def known(_selector: object, *, deadline: float = 0.0) -> Reread:
        del deadline
        return Reread(read=(), stale=())

    sync.reread = known  # type: ignore[assignment]  # a plain function stands in for the method, on this object only
    try:
        yield
    finally:
        del sync.reread


async def measure(
    home: House, runner: Open, asked: str, *, texts: Sequence[str], requests: int, scale: int, reread: bool
) -> Measured:
    """Ask many times and return how long plan cards took."""
    taken: list[float] = []
    targets: list[int] = []
    thread = uuid.uuid4().hex[:8]
    async with page(runner) as shown:
        for text in texts:
            await shown.ask(text, f"warm-{thread}")
        before = await asyncio.to_thread(cpu, home)
        for n in range(requests):
            seconds, card = await shown.ask(texts[n % len(texts)], f"{thread}-{n // _PER_THREAD}")
            taken.append(seconds * 1000)
            targets.append(targets_of(card))
        used = (await asyncio.to_thread(cpu, home)).since(before)
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    return Measured(
        scale=scale,
        reread=reread,
        asked=asked,
        requests=requests,
        targets=statistics.fmean(targets),
        p50=statistics.median(taken),
        p95=cuts[-1],
        cpu=used,
    )


def targets_of(card: str) -> int:
    """Return how many targets a plan card names.

    Raises:
        SystemExit: It is no plan card; its time would mean nothing.
    """
    head = card.partition("\n")[0]
    number = next((word for word in head.replace(",", "").split() if word.isdigit()), "")
    if _PLAN.search(card) is None or not number:
        raise SystemExit(f"not a plan card: {card[:400]}")
    return int(number)


def allow_many(policy: Path) -> None:
    """Lift the caps of a policy, so that a plan over hundreds of machines is shown instead of refused."""
    text = policy.read_text(encoding="utf-8")
    for small, large in (("max_targets = 200", "max_targets = 2000"), ('"<=50"', '"<=2000"'), ('"<=30"', '"<=2000"')):
        text = text.replace(small, large)
    policy.write_text(text, encoding="utf-8")


async def at_scale(home: House, folder: Path, scale: int, options: argparse.Namespace, lines: Table) -> list[Measured]:
    """Measure one size of the estate."""
    found: list[Measured] = []
    config = home.settings(folder, web={"enabled": True, "port": 0})
    allow_many(folder / "policy.toml")
    async with opened(config) as runner:
        sync = runner.runner.engine.sync
        for asked, texts in (("one sentence", ONE), ("mix", MIX)):
            with without_reread(sync):
                found.append(
                    await measure(
                        home, runner, asked, texts=texts, requests=options.requests, scale=scale, reread=False
                    )
                )
                lines.row(*cells(found[-1]))
        if options.reread_requests:
            found.append(
                await measure(
                    home, runner, "mix", texts=MIX, requests=options.reread_requests, scale=scale, reread=True
                )
            )
            lines.row(*cells(found[-1]))
    return found


def cells(one: Measured) -> tuple[str, ...]:
    """Return a row of the table."""
    each = 1000 / one.requests
    return (
        one.asked,
        f"{one.scale:,}",
        "yes" if one.reread else "no",
        f"{one.requests}",
        f"{one.targets:.0f}",
        f"{one.p50:.0f}",
        f"{one.p95:.0f}",
        f"{one.cpu.runner * each:.0f}",
        f"{one.cpu.planner * each:.0f}",
        f"{one.cpu.clouds * each:.0f}",
    )


def compared(found: Sequence[Measured]) -> Iterator[str]:
    """Yield what the figures say to each other and to the goal."""
    small, large = min(one.scale for one in found), max(one.scale for one in found)
    pairs: dict[tuple[str, bool], dict[int, Measured]] = {}
    for one in found:
        pairs.setdefault((one.asked, one.reread), {})[one.scale] = one
    for (asked, reread), by_scale in pairs.items():
        how = "with" if reread else "without"
        if small != large and {small, large} <= by_scale.keys():
            times = by_scale[large].p95 / by_scale[small].p95
            grew = large / small
            yield f"{asked}, {how} re-reading: p95 at {large:,} is {times:.1f} times that at {small:,} ({grew:.0f} times the resources)"
        if not reread:
            worst = by_scale[max(by_scale)]
            met = "met" if worst.p95 <= GOAL_MS else "missed"
            yield f"{asked}, without re-reading, {worst.scale:,} resources: p95 {worst.p95 / GOAL_MS:.2f} of the goal of 1 s ({met})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=int, nargs="+", default=[300, 10_000])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--reread-requests", type=int, default=40, help="fewer: the clouds themselves take most of it")
    options = parser.parse_args(arguments)
    found: list[Measured] = []
    quiet()
    say(f"{load()}\n")
    with table(*HEADS) as lines:
        for scale in options.scales:
            with house(scale=scale) as home, tempfile.TemporaryDirectory() as folder:
                found += asyncio.run(at_scale(home, Path(folder), scale, options, lines))
    for line in compared(found):
        say(line)


if __name__ == "__main__":
    main()
