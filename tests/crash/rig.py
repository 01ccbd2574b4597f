"""Runners that are killed and started again over one data directory, and what a person and the record see of it."""

import itertools
import json
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from bot import people
from bot.commands.link import _through
from bot.commands.telling import CommandFailed
from bot.settings import load
from bot.terminal.address import socket_of
from engine.audit.events import RecordedEvent
from engine.audit.log import AuditLog
from engine.clock import system_clock
from engine.plans import execution_id
from engine.storage.database import Database
from engine.storage.journal import JournalEntry
from engine.storage.master import FileKey
from engine.storage.record import open_record
from tests.fakes.patience import PATIENCE

ROOT = Path(__file__).parents[2]
KILLED = -9
_ROOMS = itertools.count(1)


def call(config: Path, method: str, params: dict[str, Any], *, principal: str = "") -> dict[str, Any]:
    """Ask the runner that is up; unlike a command, never be one for a moment.

    Raises:
        CommandFailed: None is up, or it died before it answered.
    """
    path = socket_of(config.parent / "data")
    if path is None:
        raise CommandFailed("no runner is up", 3)
    return _through(path, {"method": method, "params": params, "as": principal}, lambda _words: None)


class Nursery:
    """A process that has imported everything and forks runners."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.killed_runner", "--nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._births: queue.Queue[int] = queue.Queue()
        self._ends: dict[int, int] = {}
        self._ended = threading.Condition()
        assert json.loads(self._process.stdout.readline())["warm"]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def fork(self, config: Path) -> int:
        """Fork a runner; return its process id."""
        (config.parent / "out").unlink(missing_ok=True)
        self._process.stdin.write(f"{config}\n")
        self._process.stdin.flush()
        return self._births.get(timeout=PATIENCE)

    def end_of(self, pid: int, seconds: float) -> int | None:
        """Wait until a runner has ended and return its exit code, negative for a signal; None when it lives on."""
        with self._ended:
            self._ended.wait_for(lambda: pid in self._ends, timeout=seconds)
            return self._ends.get(pid)

    def close(self) -> None:
        """End the nursery and whatever it still has."""
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            told = json.loads(line)
            if "code" not in told:
                self._births.put(told["pid"])
                continue
            with self._ended:
                self._ends[told["pid"]] = told["code"]
                self._ended.notify_all()


class Console:
    """The web console of the runner that is up, as its page speaks with it."""

    def __init__(self, config: Path) -> None:
        link = call(config, "console", {})["shape"]["url"]
        base = link.split("/?")[0]
        self._http = httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False, timeout=30)
        self._http.get(link)
        cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        own = people.own().id
        self._open = ExitStack()
        self._line: ClientConnection = self._open.enter_context(
            connect(
                f"{base.replace('http', 'ws', 1)}/api/events?persona={own}",
                origin=base,
                additional_headers={"Cookie": cookie},
                proxy=None,
            )
        )

    def say(self, room: str, text: str) -> None:
        """Say something in a room."""
        body = {"id": str(uuid.uuid4()), "room": room, "persona": people.own().id, "text": text}
        answer = self._http.post("/api/say", json=body)
        assert answer.status_code == 202, answer.text

    def cards(self, room: str) -> list[dict[str, Any]]:
        """Return what Escher shows in a room, oldest first."""
        self._line.send(room)
        while True:
            event = json.loads(self._line.recv(timeout=PATIENCE))
            if event["type"] == "room_log" and event["room"] == room:
                return [one for one in event["messages"] if not one.get("by")]

    def close(self) -> None:
        """Leave."""
        self._open.close()
        self._http.close()


@dataclass(slots=True)
class Crashing:
    """One data directory and the runners over it, one after the other."""

    config: Path
    nursery: Nursery
    pid: int = 0
    ready_at: float = 0.0
    console: Console | None = field(default=None)

    def up(self, *, kill: str = "") -> bool:
        """Start a runner, armed with a kill when one is given; False when it died before it was ready."""
        (self.config.parent / "kill").unlink(missing_ok=True)
        if kill:
            self.arm(kill)
        self.pid = self.nursery.fork(self.config)
        out = self.config.parent / "out"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if out.exists() and "\nready\n" in "\n" + out.read_text(encoding="utf-8"):
                self.ready_at = time.monotonic()
                return True
            if (code := self.nursery.end_of(self.pid, 0.02)) is not None:
                assert code == KILLED, out.read_text(encoding="utf-8")[-3000:]
                return False
        raise AssertionError("no runner within 60 s")

    def open_console(self) -> Console:
        """Return the console of the runner that is up."""
        if self.console is not None:
            self.console.close()
            self.console = None
        self.console = Console(self.config)
        return self.console

    def arm(self, kill: str) -> None:
        """Let the runner that is up, or the next one, die at `POINT:N`."""
        scratch = self.config.parent / "kill.new"
        scratch.write_text(kill, encoding="utf-8")
        scratch.rename(self.config.parent / "kill")

    def died(self, seconds: float = PATIENCE) -> bool:
        """Wait for the death by SIGKILL; False when the runner lives on."""
        code = self.nursery.end_of(self.pid, seconds)
        assert code in {None, KILLED}, (code, self.said())
        return code == KILLED

    def stop(self, seconds: float = PATIENCE) -> None:
        """End the runner as an operator does."""
        subprocess.run(["kill", "-TERM", str(self.pid)], check=True)
        assert self.nursery.end_of(self.pid, seconds) == 0, self.said()

    def said(self) -> str:
        """Return the end of what the runner wrote."""
        return (self.config.parent / "out").read_text(encoding="utf-8")[-3000:]

    def plan(self, text: str) -> tuple[str, str]:
        """Ask on the console for a change; return the room and the plan's id."""
        room = f"kill-{next(_ROOMS)}"
        console = self.console or self.open_console()
        console.say(room, text)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for card in console.cards(room):
                if (found := _plan_in(card["text"])) is not None:
                    return room, found
            time.sleep(0.05)
        raise AssertionError(f"no plan for {text!r}: {console.cards(room)}")

    def approve(self, plan_id: str, *, who: str = "") -> dict[str, Any] | None:
        """Approve in a terminal without waiting for the end; None when the runner died before it answered."""
        params = {"plan_id": plan_id, "approve": True, "thread": "kills", "wait": False}
        try:
            return call(self.config, "decide", params, principal=who)["shape"]
        except (CommandFailed, ConnectionError):
            return None

    def ask(self, text: str) -> dict[str, Any]:
        """Say something in a terminal."""
        return call(self.config, "command", {"text": text, "thread": "kills"})

    def state(self, plan_id: str) -> tuple[str, str]:
        """Return how the execution of a plan stands, and the text of its card, as a terminal is told."""
        told = self.ask(f"status {plan_id}")
        return told["shape"].get("execution", {}).get("state", ""), told["text"]

    def record_of(self, plan_id: str) -> "Written":
        """Read journal and trail of a plan beside the runner."""
        home = self.config.parent
        loaded = load(self.config)
        master = FileKey(path=home / "keys" / "master", data_dir=home / "data")
        record = open_record(Database.in_directory(loaded.settings.data.path), master, system_clock)
        try:
            audit = AuditLog(record.database, record.keys, system_clock).of_plan(plan_id)
            return Written(journal=record.journal.entries(execution_id(plan_id)), audit=audit)
        finally:
            record.close()


@dataclass(frozen=True, slots=True)
class Written:
    """What the record holds of one plan."""

    journal: list[JournalEntry]
    audit: list[RecordedEvent]


@contextmanager
def crashing(config: Path) -> Iterator[Crashing]:
    """Give a data directory whose runners can be killed; all of them are gone afterwards."""
    nursery = Nursery()
    rig = Crashing(config, nursery)
    try:
        yield rig
    finally:
        if rig.console is not None:
            rig.console.close()
        nursery.close()


def _plan_in(text: str) -> str | None:
    found = [word.strip(".,:()`*") for word in text.split() if word.strip(".,:()`*").startswith("p-")]
    return next((word for word in found if len(word) == 10), None)
