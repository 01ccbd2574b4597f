"""One running runner: engine, inbox, outbox, conversation and surfaces, started and stopped in order."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from blocks.components import Component, NoticeCard, line
from blocks.wording import count, duration
from bot.backups import Backups
from bot.conversation import Conversation
from bot.inbox import Handler, Inbox
from bot.messages import ThreadRef
from bot.obeying import Operator
from bot.outbox import Outbox
from bot.platform import Busy, ChatPlatform, Unreachable
from bot.settings_desk import SettingsDesk
from bot.settings_talk import SettingsTalk
from bot.views.status import status_card
from engine.audit.events import AuditEvent, Tag
from engine.core import Engine
from engine.estate.reindexing import Reindexed
from engine.estate.sync import NoSuchCells, Progress, SyncReport
from engine.tasks import spawn

_log = structlog.get_logger(__name__)
VERSION = "0.1.0"
_TICK_SECONDS = 5.0
_DRAIN_SECONDS = 20.0
_THREADS = 32
"""For the record and for looks at the clouds; Python's own choice, processors and four, is used up by one slow plan."""
_FLUSH_SECONDS = 5.0


class Listener(Protocol):
    """One way in. `introduce` may wrap the inbox's handler, to learn first who somebody is."""

    async def start(self) -> object:
        """Begin to listen."""
        ...

    async def stop(self) -> None:
        """Listen no more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One configured surface: its listener, its port, and what wraps the inbox's handler."""

    name: str
    platform: ChatPlatform
    listener: Listener
    introduce: Callable[[Handler], Handler] | None = None


class Reporter(Protocol):
    """Makes morning reports and posts them when they are due."""

    async def now(self, thread: ThreadRef) -> Component:
        """Make a report from the present figures for a thread and return its card."""
        ...

    async def run(self) -> None:
        """Post reports when they are due, until cancelled."""
        ...


@dataclass(slots=True, kw_only=True)
class Runner:
    """The runner.

    Args:
        engine: The engine, open.
        inbox: What arrives.
        outbox: What is shown.
        planner_name: What plans, for the status card.
        sync_seconds: Time between two whole readings of the estate; 0 for never by itself.
        desk: Shows and changes settings.
        backups: Makes backups.
        regular: Whether what is regular happens by itself; not when a command opens a runner for a moment.
    """

    engine: Engine
    inbox: Inbox
    outbox: Outbox
    planner_name: str
    sync_seconds: float
    desk: SettingsDesk
    backups: Backups
    regular: bool = True
    surfaces: list[Surface] = field(default_factory=list)
    reporter: Reporter | None = None
    conversation: Conversation = field(init=False)
    _tasks: list[asyncio.Task[object]] = field(default_factory=list)
    _stop_embedding: threading.Event = field(default_factory=threading.Event)
    _up: set[str] = field(default_factory=set)
    _syncing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _retimed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        talk = SettingsTalk(desk=self.desk, engine=self.engine)
        operator = Operator(status=self.status, sync=self.sync_card, report=self.report_card, settings=talk)
        self.conversation = Conversation(workflow=self.engine.workflow, outbox=self.outbox, operator=operator)
        self.engine.workflow.running.watch(self.conversation.watch)
        self.engine.workflow.running.watch(self.engine.usage.watch)

    async def start(self, surfaces: Sequence[Surface], reporter: Reporter | None = None) -> None:
        """Go on with what was interrupted, then listen. What cannot be reached now is tried again."""
        self.surfaces = list(surfaces)
        self.reporter = reporter
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="escher")
        asyncio.get_running_loop().set_default_executor(threads)
        await asyncio.to_thread(self.engine.audit.append, AuditEvent(tag=Tag.RUNNER_STARTED))
        for surface in self.surfaces:
            self.outbox.add(surface.platform)
        self._begin(self.outbox.run(), "outbox")
        resumed = self.engine.workflow.running.resume()
        handler: Handler = self.conversation.handle
        for surface in self.surfaces:
            handler = surface.introduce(handler) if surface.introduce else handler
        left = self.inbox.start(handler)
        _log.info("runner started", resumed=len(resumed), left_over=left)
        await asyncio.gather(*(self._listen(surface) for surface in self.surfaces))
        self._begin(self._tick(), "tick")
        if self.sync_seconds > 0:
            self._begin(self._sync_regularly(), "sync")
        if self.reporter is not None:
            self._begin(self.reporter.run(), "reports")
        if self.regular:
            self._begin(self.backups.run(), "backups")

    async def stop(self) -> None:
        """Take nothing more in, let what runs come to a safe place, show what is to be shown, close."""
        self.inbox.stop()
        for surface in self.surfaces:
            with suppress(Exception):
                await surface.listener.stop()
        left = await self.engine.workflow.running.drain(_DRAIN_SECONDS)
        if left:
            _log.warning("stopped while plans were running; the next start goes on with them", plans=left)
        self._stop_embedding.set()
        for task in self._tasks:
            task.cancel()
        with suppress(Exception):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self.outbox.flush()
        await self.engine.planner.close()
        await self.engine.playbooks.close()
        await asyncio.to_thread(self.engine.audit.append, AuditEvent(tag=Tag.RUNNER_STOPPED))
        await asyncio.to_thread(self.engine.close)

    async def sync(
        self,
        *,
        only: str = "",
        progress: Callable[[Progress], None] | None = None,
        newer_than: datetime | None = None,
    ) -> SyncReport:
        """Read the estate; meanings follow in the background. One at a time.

        Args:
            only: One part of it.
            progress: Told after each cell.
            newer_than: Read nothing when everything was read after this instant, as by a sync that was just under way.

        Raises:
            NoSuchCells: `only` matches nothing.
        """
        async with self._syncing:
            if newer_than is not None and self._known_since(newer_than):
                return SyncReport(
                    resources=len(self.engine.estate),
                    upserted=0,
                    removed=0,
                    seconds=0.0,
                    searchable_seconds=0.0,
                    cells=(),
                )
            report = await asyncio.to_thread(self.engine.sync.run, only=only, progress=progress, embed=False)
        detail = {"resources": report.resources, "upserted": report.upserted, "removed": report.removed}
        await asyncio.to_thread(self.engine.audit.append, AuditEvent(tag=Tag.SYNC_FINISHED, detail=detail))
        spawn(asyncio.to_thread(self.engine.sync.embed, self._stop_embedding), name="embedding")
        return report

    async def reindex(self, progress: Callable[[int, int], None]) -> Reindexed:
        """Make the estate's index anew; not while it is read from the clouds."""
        async with self._syncing:
            return await asyncio.to_thread(self.engine.sync.reindex, progress=progress, stop=self._stop_embedding)

    def _known_since(self, instant: datetime) -> bool:
        cells = self.engine.estate.coverage()
        return bool(cells) and all(state.tried_at >= instant for state in cells)

    async def sync_card(self) -> Component:
        """Read the estate and return a card about it."""
        try:
            report = await self.sync()
        except NoSuchCells as error:
            return NoticeCard(headline=line(str(error)))
        bad = [cell for cell in report.cells if cell.status.value != "ok"]
        return NoticeCard(
            headline=line(f"Read {report.resources:,} resources in {duration(report.searchable_seconds)}"),
            lines=(
                line(f"{report.upserted:,} new or different, {report.removed:,} gone"),
                *(
                    line(f"Not seen: {cell.region} {cell.service} of {cell.account[:4]}… ({cell.reason})")
                    for cell in bad[:5]
                ),
            ),
        )

    async def report_card(self, thread: ThreadRef) -> Component:
        """Make the morning report for a thread and return its card."""
        if self.reporter is None:
            return NoticeCard(headline=line("No report is configured: add a [[report]] to the settings"))
        return await self.reporter.now(thread)

    async def status(self) -> Component:
        """Return the status card."""
        workflow = self.engine.workflow
        waiting = await asyncio.to_thread(workflow.pending)
        running = await asyncio.to_thread(self.engine.record.executions.unfinished)
        return status_card(
            surfaces=[(surface.name, surface.name in self._up) for surface in self.surfaces],
            accounts=self.engine.accounts,
            resources=len(self.engine.estate),
            coverage=self.engine.estate.coverage(),
            planner=self.planner_name,
            version=VERSION,
            waiting=len(waiting),
            running=len(running),
            backup=self.backups.status(),
            now=self.engine.clock(),
        )

    def _begin(self, work: Coroutine[object, object, object], name: str) -> None:
        self._tasks.append(spawn(work, name=name))

    async def _listen(self, surface: Surface) -> None:
        """Start a listener; one that cannot start now is tried again in the background, the others go on."""
        try:
            await surface.listener.start()
        except (OSError, Busy, Unreachable) as error:
            _log.error("a surface could not start; trying again", surface=surface.name, error=str(error))
            self._begin(self._listen_later(surface), f"listen {surface.name}")
        else:
            self._up.add(surface.name)

    async def _listen_later(self, surface: Surface) -> None:
        wait = 1.0
        while surface.name not in self._up:
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)
            with suppress(OSError, Busy, Unreachable):
                await surface.listener.start()
                self._up.add(surface.name)

    async def _tick(self) -> None:
        """Let what has expired expire, and show it; go on with what the record had stopped."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                self.engine.workflow.running.retry()
                for plan_id in await asyncio.to_thread(self.engine.workflow.deciding.expire):
                    await self.conversation.refresh(plan_id)
            except Exception:  # noqa: BLE001 - the next tick tries again
                _log.exception("what is due could not be looked at")

    async def _sync_regularly(self) -> None:
        """Read the estate at the start when it never was, then again and again."""
        if not self.engine.estate.coverage():
            await self._sync_quietly()
        else:
            spawn(asyncio.to_thread(self.engine.sync.embed, self._stop_embedding), name="embedding")
        while True:
            if await self._slept():
                await self._sync_quietly()

    async def _slept(self) -> bool:
        """Wait for the next regular reading; say whether it is due, or the time between them was changed meanwhile."""
        self._retimed.clear()
        try:
            async with asyncio.timeout(self.sync_seconds):
                await self._retimed.wait()
        except TimeoutError:
            return True
        return False

    def sync_every(self, seconds: float) -> None:
        """Read the estate at another pace from now on; to be called in the runner's loop."""
        self.sync_seconds = seconds
        self._retimed.set()

    async def _sync_quietly(self) -> None:
        try:
            report = await self.sync()
        except Exception:  # noqa: BLE001 - the next run tries again; coverage says what is missing
            _log.exception("the estate could not be read")
            return
        _log.info("estate read", resources=report.resources, cells=count(len(report.cells), "cell"))
