"""Escher's Teams surface with its record on disk and a few lines for a conversation, against a connector on loopback."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from botframework.connector.auth import AppCredentials

from blocks.components import (
    ChatMessage,
    Confirmation,
    DecisionLine,
    ExecutionPlanCard,
    Person,
    Risk,
    State,
    line,
    plan_actions,
)
from blocks.components.vocabulary import RiskLevel, Verdict
from bot.inbox import Inbox
from bot.messages import Click, Mention, Surface
from bot.outbox import Outbox
from bot.teams.addresses import Addresses
from bot.teams.client import TeamsClient
from bot.teams.connector import Connector
from bot.teams.listener import TeamsListener
from bot.teams.options import TeamsOptions
from engine.clock import system_clock
from engine.principal import Standing
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from engine.tasks import spawn
from tests.fakes.bot_connector import APP, BOT, TENANT, BotConnector
from tests.fakes.patience import PATIENCE

PLAN = "p-7f3a9k2m"
DIGEST = "d" * 64
NOTHING_TO_TYPE = Confirmation()


def plan_card(*, state=State.WAITING, by="", reason="", confirm=NOTHING_TO_TYPE):
    """Return a plan as the conversation would show it."""
    verdict = Verdict.REJECTED if state is State.REJECTED else Verdict.APPROVED
    decided = ()
    if by:
        person = Person(principal=by, name="someone")
        decided = (DecisionLine(person=person, verdict=verdict, at=system_clock(), reason=reason),)
    return ExecutionPlanCard(
        headline=line("Stop 5 dev EC2 instances"),
        state=state,
        plan_id=PLAN,
        digest=DIGEST,
        requester=Person(principal=f"teams:{TENANT}:ada", name="Ada"),
        risk=Risk(level=RiskLevel.LOW, reasons=("dev only",)),
        decisions=decided,
        confirm=confirm,
        actions=plan_actions(PLAN, DIGEST, confirmation=confirm) if state is State.WAITING else (),
    )


def words(text):
    """Return a plain message."""
    return ChatMessage(paragraphs=(line(text),))


class Echo:
    """A conversation of a dozen lines: a mention gets a plan card, a press edits it; everything is noted."""

    def __init__(self, outbox):
        self.outbox = outbox
        self.heard: list[Mention | Click] = []
        self.news = asyncio.Condition()

    async def __call__(self, event):
        """Handle one event."""
        async with self.news:
            self.heard.append(event)
            self.news.notify_all()
        if event.principal.standing is not Standing.MEMBER:
            await self.outbox.whisper(event.principal, event.thread, words(f"not for a {event.principal.standing}"))
        elif isinstance(event, Click):
            state = State.REJECTED if event.action == "reject" else State.RUNNING
            decided = plan_card(state=state, by=event.principal.id, reason=event.inputs.get("reason", ""))
            await self.outbox.show(event.thread, decided, card=PLAN)
        elif "whisper" in event.text:
            await self.outbox.whisper(event.principal, event.thread, words("only for you"))
        elif "plan" in event.text:
            await self.outbox.show(event.thread, plan_card(), card=PLAN)
        else:
            await self.outbox.show(event.thread, words(f"you said: {event.text}"))


class FixedToken(AppCredentials):
    """A token that is there already."""

    def __init__(self, token):
        super().__init__(app_id=APP)
        self.token = token

    def get_access_token(self, force_refresh=False):
        """Return it."""
        del force_refresh
        return self.token


class Rig:
    """A running Teams surface with its record on disk, and a person's hands."""

    def __init__(self, connector, listener, client, echo, record):
        self.connector, self.listener, self.client = connector, listener, client
        self.echo, self.outbox, self.record = echo, echo.outbox, record
        self.web = httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.port}", timeout=10)
        self.count = 0

    @property
    def heard(self):
        """What reached the conversation."""
        return self.echo.heard

    async def hears(self, count, seconds=PATIENCE):
        """Wait until the conversation heard `count` events; return them."""
        async with asyncio.timeout(seconds), self.echo.news:
            await self.echo.news.wait_for(lambda: len(self.heard) >= count)
        return self.heard

    async def remembers(self, card, seconds=PATIENCE):
        """Wait until it is on disk where a card lives."""
        async with asyncio.timeout(seconds):
            while not self.outbox.refs(card):  # noqa: ASYNC110 - the record tells nobody when it was written
                await asyncio.sleep(0.02)

    def activity(self, **changes):
        """Return a message in Ada's personal chat, with changes."""
        self.count += 1
        return {
            "type": "message",
            "id": f"1700000000{self.count:03d}",
            "channelId": "msteams",
            "serviceUrl": self.connector.url,
            "timestamp": "2031-03-01T12:00:00.000Z",
            "from": {"id": "29:ada", "name": "Ada", "aadObjectId": "ada-object"},
            "recipient": {"id": BOT, "name": "Escher"},
            "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "text": "hello",
            "textFormat": "plain",
            "locale": "en-US",
        } | changes

    def in_channel(self, text, *, root="1600000000001", mentioned=True, **changes):
        """Return a message in a channel's thread."""
        mention = {"type": "mention", "mentioned": {"id": BOT, "name": "Escher"}, "text": "<at>Escher</at>"}
        where = f"19:ops@thread.tacv2;messageid={root}"
        return self.activity(
            conversation={"id": where, "conversationType": "channel", "isGroup": True, "tenantId": TENANT},
            text=f"<at>Escher</at>&nbsp;{text}" if mentioned else text,
            entities=[mention] if mentioned else [],
            **changes,
        )

    def press(self, message, action="approve", *, execute=True, **typed):
        """Return the press of a button on a card, as Action.Execute or as its Action.Submit fallback."""
        data = {"action": action, "value": {"plan_id": PLAN, "digest": DIGEST}} | typed
        base = self.in_channel("", mentioned=False) if ";" in message.conversation else self.activity()
        base |= {"replyToId": message.id, "text": None}
        if not execute:
            return base | {"value": data}
        verb = {"type": "Action.Execute", "verb": action, "data": data}
        return base | {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": verb, "trigger": "manual"}}

    async def post(self, activity, *, token=None, **headers):
        """Send an activity to our endpoint, signed as Microsoft signs it unless a token is given."""
        if token is None:
            token = self.connector.signed()
        signed = {"authorization": f"Bearer {token}"} if token else {}
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        return await self.web.post(
            "/api/messages", content=body, headers={"content-type": "application/json"} | signed | headers
        )

    async def says(self, text="hello", **changes):
        """Say something in Ada's personal chat; it must be taken."""
        answer = await self.post(self.activity(text=text, **changes))
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def connected(connector=None) -> AsyncIterator[BotConnector]:
    """Run a connector with Ada and Bob in a personal chat, a group chat and a channel."""
    connector = connector or BotConnector(token="ours")
    listening = socket.create_server(("127.0.0.1", 0))
    connector.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    connector.knows("a:chat", "19:group@thread.v2", "19:ops@thread.tacv2")
    connector.join("29:ada", name="Ada")
    connector.join("29:bob", name="Bob")
    server = uvicorn.Server(
        uvicorn.Config(connector.application(), log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    server.install_signal_handlers = lambda: None
    serving = spawn(server.serve(sockets=[listening]), name="connector")
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody when it has started
        await asyncio.sleep(0.01)
    try:
        yield connector
    finally:
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def running(tmp_path, connector, *, options=None) -> AsyncIterator[Rig]:
    """Run the surface; the second time on the same folder, with the same record."""
    options = options or TeamsOptions(
        app_id=APP, app_password="secret", tenants=(TENANT,), port=0, metadata_url=connector.metadata_url
    )
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    if not (tmp_path / "keys" / "master").exists():
        master.create()
    record = open_record(Database.in_directory(tmp_path / "data"), master, system_clock)
    credentials = None if options.playground else FixedToken("ours")
    client = TeamsClient(options, addresses=Addresses(record.cards), connector=Connector(options, credentials))
    inbox = Inbox(record.inbox)
    listener = TeamsListener(options, client=client, inbox=inbox, clock=system_clock)
    await listener.start()
    outbox = Outbox(record.outbox, record.cards, {Surface.TEAMS: client}, system_clock)
    echo = Echo(outbox)
    inbox.start(listener.introduce(echo))
    sending = spawn(outbox.run(), name="outbox")
    rig = Rig(connector, listener, client, echo, record)
    try:
        yield rig
    finally:
        await rig.web.aclose()
        inbox.stop()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await listener.stop()
        record.close()
