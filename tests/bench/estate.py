"""How fast the estate is, at 10,000 resources by default: `python -m tests.bench.estate [--count N] [--no-meaning]`.

Writes one line a figure, with its goal where there is one. Runs alone, on the embedded index, with the real keys and model.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent_server.embedding.minilm import MiniLm
from engine.estate.edge import EdgeIndex
from engine.estate.resource import CellScan, CellStatus, Cloud, Resource, ScanCell
from engine.estate.search import EstateSearch
from engine.estate.selector import Bound, Comparator, Selector
from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TYPES = {Cloud.AWS: "ec2::instance", Cloud.AZURE: "compute::virtualmachine", Cloud.GCP: "compute::instance"}
SELECTORS = {
    "one by name": Selector(names=frozenset({"web-00042"})),
    "running dev on AWS": Selector(
        clouds=frozenset({Cloud.AWS}), envs=frozenset({"dev"}), states=frozenset({"running"})
    ),
    "team, but not prod": Selector(tags=(("team", frozenset({"team-1"})),), exclude=Selector(envs=frozenset({"prod"}))),
    "older than 350 days": Selector(age_days=Bound(op=Comparator.MORE, value=350.0), clouds=frozenset({Cloud.GCP})),
    "name pattern": Selector(names=frozenset({"web-001*"})),
}


def fleet(count: int) -> Iterator[Resource]:
    """Yield machines over three clouds, nine accounts and five regions; the same at every run."""
    dice = random.Random(7)  # noqa: S311 - figures of a benchmark, not secrets
    for n in range(count):
        cloud = tuple(Cloud)[n % 3]
        account, region = f"account-{n % 9}", f"region-{n % 5}"
        yield Resource(
            id=f"{cloud}:{account}:{region}:machine/{n:06d}",
            type=TYPES[cloud],
            cloud=cloud,
            account=account,
            region=region,
            name=f"web-{n:05d}",
            state=dice.choice(["running", "stopped"]),
            size="m5.large",
            tags={"env": dice.choice(["dev", "staging", "prod"]), "team": f"team-{n % 24}", "Name": f"web-{n:05d}"},
            created_at=NOW - timedelta(days=n % 400),
            public=False,
            encrypted=True,
            facts={
                "private_ip": f"10.0.{n % 256}.7",
                "vpc": "vpc-0a1b2c",
                "image": "ami-0123456789",
                "size_gb": n % 500,
            },
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--meaning", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.count, meaning=asked.meaning)


def measure(folder: Path, count: int, *, meaning: bool) -> None:
    """Measure an estate of `count` resources in `folder`."""
    ring = KeyRing.ephemeral()
    store = EstateStore(EdgeIndex(folder / "estate"), ring, lambda: NOW)
    scans = readings(count)
    with timed(f"first sync of {count} (storing only)"):
        take_in(store, scans)
    with timed("second sync, nothing changed"):
        take_in(store, scans)
    say(f"{'memory for columns':45} {store.bytes_each():8.0f} B a resource (goal: 150)")
    store.close()
    with timed("opening", goal="2 s at 10,000"):
        store = EstateStore(EdgeIndex(folder / "estate"), ring, lambda: NOW)
    for name, selector in SELECTORS.items():
        found = len(store.select(selector).resources)
        spread(
            f"filter: {name} ({found})", lambda selector=selector: store.select(selector), goal="p95 50 ms at 10,000"
        )
    if meaning:
        by_meaning(store)
    store.close()


def by_meaning(store: EstateStore) -> None:
    """Measure embedding and searching by meaning."""
    model = MiniLm()
    model.embed(["warm"])
    texts = store.to_embed(512)
    begun = time.perf_counter()
    vectors = model.embed([text for _, _, text in texts])
    say(f"{'embedding':45} {len(texts) / (time.perf_counter() - begun):8.0f} texts/s")
    store.embed(texts, vectors)
    search = EstateSearch(store, model)
    spread(
        "by meaning, filtered",
        lambda: search.by_meaning("the billing machines", Selector(envs=frozenset({"dev"}))),
        times=10,
    )


def readings(count: int) -> list[CellScan]:
    """Return the fleet as readings of its cells."""
    cells: dict[ScanCell, list[Resource]] = {}
    for resource in fleet(count):
        cell = ScanCell(
            cloud=resource.cloud, account=resource.account, region=resource.region, service=resource.service
        )
        cells.setdefault(cell, []).append(resource)
    return [
        CellScan(cell=cell, status=CellStatus.OK, read_at=NOW, resources=tuple(found)) for cell, found in cells.items()
    ]


def take_in(store: EstateStore, scans: list[CellScan]) -> None:
    """Store all readings."""
    for scan in scans:
        store.upsert(scan)


def say(line: str) -> None:
    """Write a line."""
    print(line.rstrip())  # noqa: T201 - this script's whole purpose


@contextmanager
def timed(name: str, goal: str = "") -> Iterator[None]:
    """Print how long the block took."""
    begun = time.perf_counter()
    yield
    say(f"{name:45} {time.perf_counter() - begun:8.2f} s {f'(goal: {goal})' if goal else ''}".rstrip())


def spread(name: str, ask: Callable[[], object], *, goal: str = "", times: int = 40) -> None:
    """Print the median and the 95th percentile of asking."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    p95 = statistics.quantiles(taken, n=20)[-1]
    say(
        f"{name:45} {statistics.median(taken):8.1f} ms median, {p95:.1f} ms p95 {f'(goal: {goal})' if goal else ''}".rstrip()
    )


if __name__ == "__main__":
    main()
