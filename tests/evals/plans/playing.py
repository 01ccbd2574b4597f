"""Each request of the gold played on the real way: parsed, resolved in a real estate store, planned over HTTP, admitted. No cloud is called."""

import asyncio
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from agent_server.app import create_app
from agent_server.settings import Settings
from engine.core import Engine, Parts, open_engine
from engine.execution.executor import no_point
from engine.planning.planner import HttpPlanner
from engine.playbooks.server import HttpPlaybooks
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import PlanView, Question, Reply, Said
from engine.storage.master import FileKey
from tests.evals.plans.frozen import HERE, NOW, POLICY, accounts, keys
from tests.fakes.estate import WordEmbedder

ADA = Principal(id="local:ada")
_URL = "http://agent.test"
_TAG_KEYS = ("env", "team", "tier", "data-class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """One request and what it should come to.

    Attributes:
        id: Its name.
        text: What is said.
        reply: `plan`, `question` or `refusal`.
        touched: For a plan: every operation with everything it acts on.
        before: What was said in the thread before.
    """

    id: str
    text: str
    reply: str
    touched: frozenset[tuple[str, str]] = frozenset()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a request came to; `words` is what a person would read when it is no plan."""

    reply: str
    touched: frozenset[tuple[str, str]] = frozenset()
    words: str = ""
    order: tuple[tuple[str, ...], ...] = field(default=())


def gold() -> tuple[Gold, ...]:
    """Return the requests."""
    lines = (HERE / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_gold(json.loads(line)) for line in lines)


def play(requests: Iterable[Gold]) -> dict[str, Outcome]:
    """Return what each request comes to, each in a thread of its own, by its id."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_played(Path(folder), tuple(requests)))


async def _played(folder: Path, requests: Sequence[Gold]) -> dict[str, Outcome]:
    master = FileKey(path=folder / "keys" / "master", data_dir=folder / "data")
    master.create()
    server = create_app(Settings(model="offline", rate_per_minute=1_000_000, burst=1_000_000), log=_forget)
    transport = httpx.ASGITransport(app=server)
    engine = open_engine(
        Parts(
            data_dir=folder / "data",
            database_url="",
            master=master,
            accounts=accounts(),
            planner=HttpPlanner(_URL, transport=transport),
            playbooks=HttpPlaybooks(_URL, transport=transport),
            policy=lambda: POLICY,
            embedder=WordEmbedder(),
            tag_keys=_TAG_KEYS,
            clock=lambda: NOW,
            point=no_point,
        )
    )
    try:
        engine.sync.run(embed=False)
        return {one.id: await _outcome(engine, one) for one in requests}
    finally:
        await engine.planner.close()
        engine.close()


async def _outcome(engine: Engine, wanted: Gold) -> Outcome:
    thread = f"local|{ADA.id}|{wanted.id}|"
    for number, text in enumerate(wanted.before):
        await engine.workflow.hear(_request(thread, f"{wanted.id}-{number}"), text)
    return outcome(await engine.workflow.hear(_request(thread, wanted.id), wanted.text))


def outcome(reply: Reply) -> Outcome:
    """Return what a reply comes to."""
    match reply:
        case PlanView():
            called = keys()
            steps = reply.kept.admitted.plan.steps
            done = frozenset((step.operation, called[id_]) for step in steps for id_ in step.targets)
            return Outcome(reply="plan", touched=done, order=tuple((step.operation, *step.targets) for step in steps))
        case Question():
            return Outcome(reply="question", words=reply.text)
        case Refusal():
            return Outcome(reply="refusal", words=reply.message)
        case Said():
            return Outcome(reply="refusal", words=" ".join(reply.paragraphs))
        case _:
            return Outcome(reply=type(reply).__name__.lower(), words=repr(reply)[:200])


def _request(thread: str, name: str) -> Request:
    return Request(principal=ADA, thread=thread, request_id=name)


def _gold(line: dict[str, Any]) -> Gold:
    touched = frozenset((operation, name) for operation, names in line.get("touched", {}).items() for name in names)
    return Gold(
        id=line["id"],
        text=line["text"],
        reply=line["reply"],
        touched=touched,
        before=tuple(line.get("before", ())),
    )


def _forget(_record: object) -> None:
    """Keep no log."""
