"""Escher's Slack surface, running against the fake Slack with its record on disk and an echo for a conversation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from blocks.components import (
    Action,
    ActionId,
    ChatMessage,
    Confirmation,
    DecisionLine,
    ExecutionPlanCard,
    Person,
    Risk,
    SettingsCard,
    State,
    StatusGroup,
    StatusLine,
    line,
    plan_actions,
)
from blocks.components.vocabulary import RiskLevel, Verdict
from bot.inbox import Inbox
from bot.messages import Click, Mention, Surface
from bot.outbox import Outbox
from bot.slack.client import SlackClient
from bot.slack.listener import SlackListener
from bot.slack.options import SlackOptions
from engine.clock import system_clock
from engine.principal import Standing
from engine.storage.database import Database
from engine.storage.master import FileKey
from engine.storage.record import open_record
from engine.tasks import spawn
from tests.fakes.patience import PATIENCE

PLAN = "p-7f3a9k2m"


DIGEST = "d" * 64


NOTHING_TO_TYPE = Confirmation()


NOON = datetime(2031, 3, 1, 12, 0, tzinfo=UTC)


def plan_card(*, state=State.WAITING, confirm=NOTHING_TO_TYPE, by=""):
    """Return a plan as the conversation would show it."""
    decided = (
        (DecisionLine(person=Person(principal=by, name="someone"), verdict=Verdict.APPROVED, at=NOON),) if by else ()
    )
    return ExecutionPlanCard(
        headline=line("Stop 5 dev EC2 instances"),
        state=state,
        plan_id=PLAN,
        digest=DIGEST,
        requester=Person(principal="slack:T0ACME:U0ALICE", name="alice"),
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

    def __init__(self, outbox, confirm):
        self.outbox = outbox
        self.confirm = confirm
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
            await self.outbox.show(event.thread, plan_card(state=State.RUNNING, by=event.principal.id), card=PLAN)
        elif "plan" in event.text:
            await self.outbox.show(event.thread, plan_card(confirm=self.confirm), card=PLAN)
        else:
            await self.outbox.show(event.thread, words(f"you said: {event.text}"))


class Rig:
    """A running Slack surface with its record on disk."""

    def __init__(self, slack, listener, client, inbox, echo, record):
        self.slack, self.listener, self.client = slack, listener, client
        self.inbox, self.echo, self.record = inbox, echo, record

    @property
    def heard(self):
        """What reached the conversation."""
        return self.echo.heard

    async def hears(self, count, seconds=PATIENCE):
        """Wait until the conversation heard `count` events; return them."""
        async with asyncio.timeout(seconds), self.echo.news:
            await self.echo.news.wait_for(lambda: len(self.heard) >= count)
        return self.heard


async def home_view(principal):
    """Say what the Home tab shows."""
    row = StatusLine(label="Slack", value=line("connected"))
    return SettingsCard(
        actions=(Action(id=ActionId.SYNC, label="Sync now", value={"scope": "all"}),),
        headline=line(f"Hello {principal.display}"),
        groups=(StatusGroup(title="Surfaces", lines=(row,)),),
    )


@asynccontextmanager
async def running(tmp_path, slack, *, mode="socket", confirm=NOTHING_TO_TYPE, stored=None) -> AsyncIterator[Rig]:
    """Run the surface against a Slack."""
    master = FileKey(path=tmp_path / "keys" / "master", data_dir=tmp_path / "data")
    if not (tmp_path / "keys" / "master").exists():
        master.create()
    record = open_record(Database.in_directory(tmp_path / "data"), master, system_clock)
    options = SlackOptions(
        bot_token=slack.bot_token,
        app_token=slack.app_token if mode == "socket" else "",
        signing_secret=slack.signing_secret if mode == "http" else "",
        mode=mode,
        base_url=slack.api_url,
        port=0,
    )
    client = SlackClient(options, stored=stored)
    inbox = Inbox(record.inbox)
    listener = SlackListener(options, client=client, inbox=inbox, clock=system_clock, home=home_view)
    await listener.start()
    if mode == "http":
        slack.call_at(f"http://127.0.0.1:{listener.port}/slack/events")
    else:
        assert await slack.connected(2)
    outbox = Outbox(record.outbox, record.cards, {Surface.SLACK: client}, system_clock)
    echo = Echo(outbox, confirm)
    inbox.start(listener.introduce(echo))
    sending = spawn(outbox.run(), name="outbox")
    try:
        yield Rig(slack, listener, client, inbox, echo, record)
    finally:
        inbox.stop()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await listener.stop()
        record.close()
