"""The surfaces as stages: the same stories are played on each, by people who say things and press buttons.

A stage drives the real way in of its surface and reads what the surface's own side holds (the fake Slack's messages, the
console's rooms, the terminal's answers). `ASKER` asks, `REVIEWER` is a second person.
"""

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from bot import people
from bot.terminal.asked import Caller
from tests.fakes.house import Open
from tests.fakes.patience import PATIENCE
from tests.fakes.slack.server import FakeSlack

ASKER, REVIEWER, THIRD = "asker", "reviewer", "third"
_UNDONE = re.compile(r"undo p-[0-9a-z]{8}", re.IGNORECASE)
_PLAN = re.compile(r"p-[0-9a-hjkmnp-tv-z]{8}")


@dataclass(slots=True)
class Seen:
    """One card as somebody sees it now."""

    text: str
    buttons: list[str]
    handle: Any

    @property
    def plan_id(self) -> str:
        """The plan it is about."""
        found = _PLAN.search(_UNDONE.sub("", self.text))
        assert found, self.text
        return found[0]


class Stage(Protocol):
    """One surface, with people on it."""

    name: str
    open: Open

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        """Say something and return the card that answers."""
        ...

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        """Press a button, filling in what it asks for."""
        ...

    async def sees(self, *words: str, seconds: float = PATIENCE, thread: str = "main", who: str = ASKER) -> Seen:
        """Wait until some card shows all the words; return it."""
        ...

    async def count(self, *words: str, thread: str = "main") -> int:
        """Return how many cards show all the words now."""
        ...


async def until(
    look: Callable[[], Awaitable[Seen | None]],
    told: Callable[[], Awaitable[str]],
    seconds: float,
    *,
    pause: float = 0.05,
) -> Seen:
    """Look again and again, with a pause in seconds between."""
    end = time.monotonic() + seconds
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not seen within {seconds} s; what is there:\n{await told()}")
        await asyncio.sleep(pause)


def has(text: str, words: tuple[str, ...]) -> bool:
    """Say whether a text has all the words, whatever their case."""
    folded = text.casefold()
    return all(word.casefold() in folded for word in words)


class WebStage:
    """The web console, over HTTP as its page speaks."""

    name = "web"

    def __init__(self, opened_runner: Open, http: httpx.AsyncClient, platform: Any) -> None:
        self.open = opened_runner
        self._http = http
        self._platform = platform
        own = people.own().id
        self._people = {ASKER: own, REVIEWER: "local:reviewer", THIRD: "local:third"}

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        before = {one.id: one.revision for one in await self._messages(thread, who)}
        answer = await self._http.post(
            "/api/say", json={"id": str(uuid.uuid4()), "room": thread, "persona": self._people[who], "text": text}
        )
        assert answer.status_code == 202, answer.text

        async def look() -> Seen | None:
            fresh = [one for one in await self._messages(thread, who) if before.get(one.id) != one.revision]
            return self._seen(fresh[-1], thread) if fresh else None

        return await until(look, lambda: self._told(thread, who), 20.0)

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        entry, thread = card.handle
        data = action_of(entry.card, button)
        body = {
            "id": str(uuid.uuid4()),
            "room": thread,
            "persona": self._people[who],
            "message": entry.id,
            "action": data["action"],
            "value": data["value"],
            "inputs": inputs,
        }
        answer = await self._http.post("/api/press", json=body)
        assert answer.status_code == 202, answer.text

    async def sees(self, *words: str, seconds: float = PATIENCE, thread: str = "main", who: str = ASKER) -> Seen:
        async def look() -> Seen | None:
            found = [one for one in await self._messages(thread, who) if has(one.text, words)]
            return self._seen(found[-1], thread) if found else None

        return await until(look, lambda: self._told(thread, who), seconds)

    async def count(self, *words: str, thread: str = "main") -> int:
        return sum(has(one.text, words) for one in await self._messages(thread, ASKER))

    async def _messages(self, thread: str, who: str) -> list[Any]:
        every = await self._platform.messages(thread, self._people[who])
        return [one for one in every if not one.by]

    async def _told(self, thread: str, who: str) -> str:
        return "\n---\n".join(one.text for one in await self._messages(thread, who))

    @staticmethod
    def _seen(entry: Any, thread: str) -> Seen:
        return Seen(text=entry.text, buttons=_titles(entry.card), handle=(entry, thread))


class TerminalStage:
    """The terminal: the methods behind `escher ask`, `approve` and their siblings."""

    name = "terminal"

    def __init__(self, opened_runner: Open, *, said: list[str] | None = None) -> None:
        self.open = opened_runner
        own = people.own()
        self._people = {ASKER: own, REVIEWER: people.persona("local:reviewer"), THIRD: people.persona("local:third")}
        self._said = [] if said is None else said

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        answer = await self._call("ask", {"text": text, "thread": thread}, who)
        return self._keep(answer["text"])

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        verb = button.split(maxsplit=1)[0].lower().rstrip("…:")
        if verb in {"approve", "reject"}:
            params = {"plan_id": card.plan_id, "approve": verb == "approve", "thread": "main", **inputs}
            params["confirm"] = inputs.get("count") or inputs.get("name") or inputs.get("confirm", "")
            answer = await self._call("decide", params, who)
        elif verb in {"undo", "cancel", "details", "log"}:
            answer = await self._call("command", {"text": f"{verb} {card.plan_id}", "thread": "main"}, who)
        else:
            answer = await self._call("ask", {"text": button, "thread": "main"}, who)
        self._keep(answer["text"])

    async def sees(self, *words: str, seconds: float = PATIENCE, thread: str = "main", who: str = ASKER) -> Seen:
        del who

        async def look() -> Seen | None:
            for text in reversed(self._said):
                if has(text, words):
                    return Seen(text=text, buttons=[], handle=None)
            ids = [plan for text in self._said for plan in _PLAN.findall(text)]
            for plan_id in dict.fromkeys(reversed(ids)):
                answer = await self._call("command", {"text": f"status {plan_id}", "thread": thread}, ASKER)
                if has(answer["text"], words):
                    return self._keep(answer["text"])
            return None

        return await until(look, self._told, seconds)

    async def count(self, *words: str, thread: str = "main") -> int:
        del thread
        return sum(has(text, words) for text in self._said)

    async def _call(self, name: str, params: dict[str, Any], who: str) -> dict[str, Any]:
        async def say(_words: str) -> None:
            """Let progress pass."""

        return await self.open.methods.call(name, params, Caller(principal=self._people[who], say=say))

    def _keep(self, text: str) -> Seen:
        """Keep each card by itself; an answer of several has blank lines between them."""
        cards = text.split("\n\n")
        self._said += cards
        return Seen(text=cards[-1], buttons=[], handle=None)

    async def _told(self) -> str:
        return "\n---\n".join(self._said)


class SlackStage:
    """Slack, through the real slack-bolt against the strict local Slack."""

    name = "slack"

    def __init__(self, opened_runner: Open, slack: FakeSlack, *, roots: dict[str, str] | None = None) -> None:
        self.open = opened_runner
        self.slack = slack
        self._people = {ASKER: "U0ALICE", REVIEWER: "U0BOB", THIRD: "U0OWNER"}
        self._roots = {} if roots is None else roots

    async def say(self, text: str, *, who: str = ASKER, thread: str = "main") -> Seen:
        before = {one.ts: len(one.history) for one in self._visible(who)}
        said = await self.slack.says(self._people[who], f"@escher {text}", "C0OPS", self._roots.get(thread))
        self._roots.setdefault(thread, said.ts)

        async def look() -> Seen | None:
            fresh = [one for one in self._visible(who) if before.get(one.ts) != len(one.history)]
            return self._seen(fresh[-1]) if fresh else None

        return await until(look, lambda: self._told(who), 20.0)

    async def press(self, card: Seen, button: str, *, who: str = ASKER, **inputs: str) -> None:
        message = card.handle
        label = next(one for one in message.buttons() if one.lower().startswith(button.lower().rstrip("…")))
        await self.slack.clicks(self._people[who], message, label)
        if inputs:
            view = await self.slack.sees_modal(self._people[who])
            await self.slack.submits(self._people[who], view, inputs)

    async def sees(self, *words: str, seconds: float = PATIENCE, thread: str = "main", who: str = ASKER) -> Seen:
        del thread

        async def look() -> Seen | None:
            found = [one for one in self._visible(who) if has(one.plain, words) or has(one.text, words)]
            return self._seen(found[-1]) if found else None

        return await until(look, lambda: self._told(who), seconds)

    async def count(self, *words: str, thread: str = "main") -> int:
        del thread
        return sum(has(one.plain, words) for one in self._visible(ASKER))

    def _visible(self, who: str) -> list[Any]:
        return self.slack.messages("C0OPS", seen_by=self._people[who])

    async def _told(self, who: str) -> str:
        return "\n---\n".join(one.text for one in self._visible(who))

    @staticmethod
    def _seen(message: Any) -> Seen:
        return Seen(text=f"{message.text}\n{message.plain}", buttons=message.buttons(), handle=message)


@asynccontextmanager
async def console(runner: Open) -> AsyncIterator[WebStage]:
    """Open the console's door as a browser does."""
    surface = next(one for one in runner.surfaces if one.name == "Web console")
    link = surface.listener.new_link()
    base = link.split("/?")[0]
    async with httpx.AsyncClient(base_url=base, headers={"Origin": base}, trust_env=False) as http:
        opened_page = await http.get(link)
        assert opened_page.status_code in {200, 303}
        yield WebStage(runner, http, surface.platform)


def _titles(card: Any) -> list[str]:
    return [action["title"] for action in actions_of(card)]


def actions_of(value: Any) -> list[dict[str, Any]]:
    """Return every action of an Adaptive Card, those behind a ShowCard too."""
    found: list[dict[str, Any]] = []
    if isinstance(value, dict):
        if str(value.get("type", "")).startswith("Action."):
            found.append(value)
        for item in value.values():
            found += actions_of(item)
    elif isinstance(value, list):
        for item in value:
            found += actions_of(item)
    return found


def action_of(card: Any, button: str) -> dict[str, Any]:
    """Return what pressing a button carries: of a ShowCard, that of the button inside."""
    wanted = button.lower().rstrip("…")
    for action in actions_of(card):
        if action.get("title", "").lower().startswith(wanted):
            inner = actions_of(action.get("card")) if action["type"] == "Action.ShowCard" else [action]
            return _carried(next(one for one in inner if one["type"] in {"Action.Execute", "Action.Submit"}))
    raise AssertionError(f"no button {button!r} among {_titles(card)}")


def _carried(action: dict[str, Any]) -> dict[str, Any]:
    data = dict(action.get("data") or {})
    return {"action": action.get("verb") or data.get("action"), "value": data.get("value") or {}, "raw": data}
