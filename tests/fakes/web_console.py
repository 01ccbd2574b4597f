"""A running web console with its record on disk, a conversation of a few lines, and pages that look at it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect

from blocks.components import ChatMessage, ExecutionPlanCard, Person, Risk, State, line, plan_actions
from blocks.components.vocabulary import RiskLevel
from bot.inbox import Inbox
from bot.messages import Click, Mention, Surface
from bot.outbox import Outbox
from bot.web.client import WebPlatform
from bot.web.listener import WebListener
from bot.web.rooms import thread_of
from engine.clock import system_clock
from engine.principal import Principal
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from engine.tasks import spawn
from tests.fakes.patience import PATIENCE

PLAN = "p-7f3a9k2m"
DIGEST = "d" * 64
ADA = Principal(id="local:ada", display="ada")
REVIEWER = Principal(id="local:reviewer", display="reviewer")
OPS = thread_of("ops")


def words(text):
    """Return a plain message."""
    return ChatMessage(paragraphs=(line(text),))


def plan_card(state=State.WAITING, headline="Stop 5 dev EC2 instances"):
    """Return a plan as the conversation would show it."""
    return ExecutionPlanCard(
        headline=line(headline),
        state=state,
        plan_id=PLAN,
        digest=DIGEST,
        requester=Person(principal=ADA.id, name="ada"),
        risk=Risk(level=RiskLevel.LOW, reasons=("dev only",)),
        actions=plan_actions(PLAN, DIGEST) if state is State.WAITING else (),
    )


class Echo:
    """A conversation of a few lines: a word gets an answer, a press edits the plan's card."""

    def __init__(self, outbox):
        self.outbox = outbox
        self.heard: list[Mention | Click] = []
        self.news = asyncio.Condition()

    async def __call__(self, event):
        """Handle one event."""
        async with self.news:
            self.heard.append(event)
            self.news.notify_all()
        if isinstance(event, Click):
            await self.outbox.show(event.thread, plan_card(State.RUNNING), card=PLAN)
        elif event.text.startswith("whisper"):
            await self.outbox.whisper(event.principal, event.thread, words("between us"))
        elif "plan" in event.text:
            await self.outbox.show(event.thread, plan_card(), card=PLAN)
        else:
            await self.outbox.show(event.thread, words(f"you said {len(event.text)} characters: {event.text[:40]}"))


class Rig:
    """A running console with its record on disk."""

    def __init__(self, record, platform, listener, echo, url):
        self.record, self.platform, self.listener, self.echo, self.url = record, platform, listener, echo, url
        self.port = listener.port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.cookie = ""

    async def hears(self, count, seconds=PATIENCE):
        """Wait until the conversation heard `count` events; return them."""
        async with asyncio.timeout(seconds), self.echo.news:
            await self.echo.news.wait_for(lambda: len(self.echo.heard) >= count)
        return self.echo.heard

    async def enters(self):
        """Open the console with its link, as a browser would."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(self.listener.new_link())
        assert answer.status_code == 303
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    async def asks(self, method, path, *, headers=None, **rest):
        """Send a request as the console's own page would, with other headers where they are given."""
        own = {"Origin": self.origin, "Cookie": self.cookie} | (headers or {})
        async with httpx.AsyncClient() as browser:
            request = browser.build_request(
                method, self.origin + path, headers={name: value for name, value in own.items() if value}, **rest
            )
            return await browser.send(request)

    async def says(self, text, *, room="ops", persona=ADA.id, id_=None, headers=None):
        """Say something."""
        body = {"id": id_ or str(uuid4()), "room": room, "persona": persona, "text": text}
        return await self.asks("POST", "/api/say", json=body, headers=headers)

    async def presses(self, message, *, action="approve", id_=None, room="ops", persona=ADA.id, **more):
        """Press a button."""
        value = {"plan_id": PLAN, "digest": DIGEST}
        body = {"id": id_ or str(uuid4()), "room": room, "persona": persona, "message": message, "action": action}
        return await self.asks("POST", "/api/press", json=body | {"value": value} | more)

    @asynccontextmanager
    async def looks(self, persona=ADA.id, *, origin=None, host=None, cookie=None) -> AsyncIterator["Page"]:
        """Open a page's line."""
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        if host:
            headers["Host"] = host
        async with connect(
            f"ws://127.0.0.1:{self.port}/api/events?persona={persona}",
            origin=self.origin if origin is None else origin or None,
            additional_headers=headers,
            proxy=None,
        ) as socket:
            page = Page(socket)
            page.hello = await page.next("hello")
            yield page


class Page:
    """One open page."""

    def __init__(self, socket):
        self.socket = socket
        self.hello = {}

    async def next(self, kind, seconds=PATIENCE):
        """Return the next event of a kind."""
        async with asyncio.timeout(seconds):
            while True:
                event = json.loads(await self.socket.recv())
                if event["type"] == kind:
                    return event

    async def message(self, op):
        """Return the next message of a kind."""
        while True:
            event = await self.next("message")
            if event["message"]["op"] == op:
                return event["message"]

    async def log(self, room="ops"):
        """Return what a room shows."""
        await self.socket.send(room)
        return (await self.next("room_log"))["messages"]


@asynccontextmanager
async def running(tmp_path, *, personas=(REVIEWER,), demo_open=True, clock=system_clock, port=0) -> AsyncIterator[Rig]:
    """Run the console over the record in `tmp_path`."""
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    if not (tmp_path / "keys" / "master").exists():
        master.create()
    record = open_record(Database.in_directory(tmp_path / "data"), master, system_clock)
    platform = WebPlatform(threads=record.threads, clock=system_clock)
    inbox = Inbox(record.inbox)
    outbox = Outbox(record.outbox, record.cards, {Surface.WEB: platform}, system_clock)
    echo = Echo(outbox)
    listener = WebListener(
        port=port,
        platform=platform,
        inbox=inbox,
        principal=ADA,
        personas=personas,
        clock=clock,
        demo_open=demo_open,
    )
    inbox.start(echo)
    sending = spawn(outbox.run(), name="outbox")
    url = await listener.start()
    try:
        yield Rig(record, platform, listener, echo, url)
    finally:
        await listener.stop()
        inbox.stop()
        sending.cancel()
        await asyncio.wait([sending])
        record.close()
