"""What is to be shown: durable, coalesced, inside every platform's limits, and never lost at the end.

A card has a key and lives through its story: the first time it is posted, afterwards it is edited in place, in every thread in
which it was shown. Edits that wait replace each other; the last one always goes out, also after a restart.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter

from blocks.components import Component, ExecutionPlanCard
from bot.messages import MessageRef, Surface, ThreadRef
from bot.platform import Busy, ChatPlatform, Gone, Rejected, Unreachable
from engine.clock import Clock
from engine.principal import Principal
from engine.storage.cards import CardStore
from engine.storage.outbox import OutboxItem, OutboxStore

_log = structlog.get_logger(__name__)
_IDLE_SECONDS = 1.0
_MOST_ATTEMPTS = 60
_KEPT_FRESH = 16
"""How many of the newest things are kept as they were, so that they need not be read back from their bytes to be sent."""

_LONGEST_RETRY_SECONDS = 300.0
_REF: TypeAdapter[MessageRef] = TypeAdapter(MessageRef)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    """One thing to show, as it is kept.

    Attributes:
        thread: Where.
        component: What.
        card: The card's key; empty for a message that is never edited.
        only_for: Shown to this person only.
        filename: For files.
        content: For files, base64.
    """

    thread: ThreadRef
    component: Component | None = None
    card: str = ""
    only_for: Principal | None = None
    filename: str = ""
    content: str = ""
    title: str = ""


_OUTGOING: TypeAdapter[_Outgoing] = TypeAdapter(_Outgoing)


@dataclass(slots=True)
class _Pace:
    """When a platform may be used next, by channel for posts and for the whole workspace for edits."""

    posts: dict[str, datetime] = field(default_factory=dict)
    edit: datetime | None = None


class Outbox:
    """Shows cards.

    Args:
        store: Where what is to be shown rests.
        cards: Where sent cards live.
        platforms: The surfaces.
        clock: The time.
    """

    def __init__(
        self, store: OutboxStore, cards: CardStore, platforms: Mapping[Surface, ChatPlatform], clock: Clock
    ) -> None:
        self._store = store
        self._cards = cards
        self._platforms = dict(platforms)
        self._clock = clock
        self._sending = asyncio.Lock()
        self._wake = asyncio.Event()
        self._paces: dict[Surface, _Pace] = {}
        self._fresh: dict[bytes, _Outgoing] = {}

    def add(self, platform: ChatPlatform) -> None:
        """Serve one more surface."""
        self._platforms[platform.surface] = platform
        self._wake.set()

    async def show(self, thread: ThreadRef, component: Component, *, card: str = "") -> None:
        """Show a component in a thread; with a card key, edit the card wherever it was shown before.

        Raises:
            StorageUnavailable: It is not durable.
        """
        threads = {thread.key: thread}
        if card:
            refs = await asyncio.to_thread(self.refs, card)
            threads |= {ref.thread.key: ref.thread for ref in refs}
        for each in threads.values():
            outgoing = _Outgoing(thread=each, component=component, card=card)
            await self._enqueue(outgoing, coalesce=f"{card}|{each.key}" if card else "")

    async def whisper(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """Show a component to one person only."""
        await self._enqueue(_Outgoing(thread=thread, component=component, only_for=principal))

    async def share(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """Share a file in a thread."""
        kept = base64.b64encode(content).decode()
        await self._enqueue(_Outgoing(thread=thread, filename=filename, content=kept, title=title))

    def refs(self, card: str) -> tuple[MessageRef, ...]:
        """Return where a card lives, the newest place of each thread."""
        newest = {ref.thread.key: ref for ref in map(_REF.validate_json, self._cards.refs(f"card:{card}"))}
        return tuple(newest.values())

    def sent_plan(self, surface: Surface, channel: str, message: str) -> ExecutionPlanCard | None:
        """Return the plan's card that a message shows, as it was last sent, or None."""
        kept = self._cards.refs(_sent(surface, channel, message))
        return ExecutionPlanCard.model_validate_json(kept[-1]) if kept else None

    async def run(self) -> None:
        """Send what is due until cancelled."""
        while True:
            self._wake.clear()
            wait = await self._pass()
            try:
                async with asyncio.timeout(wait):  # `wait_for` of Python 3.11 swallows a cancel that meets a wake-up
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def flush(self) -> None:
        """Send everything that is due now; for a clean stop, also while `run` goes on."""
        while await self._pass() == 0.0:
            pass

    async def _enqueue(self, outgoing: _Outgoing, *, coalesce: str = "") -> None:
        body = _OUTGOING.dump_json(outgoing)
        self._fresh[body] = outgoing
        if len(self._fresh) > _KEPT_FRESH:
            del self._fresh[next(iter(self._fresh))]
        await asyncio.to_thread(
            self._store.enqueue,
            body,
            surface=outgoing.thread.surface.value,
            channel=outgoing.thread.channel,
            kind="card" if outgoing.card else "message",
            coalesce=coalesce,
        )
        self._wake.set()

    async def _pass(self) -> float:
        """Send one item for each channel whose turn it is; return the seconds until it is worth another look."""
        async with self._sending:
            return await self._send_due()

    async def _send_due(self) -> float:
        due = await asyncio.to_thread(self._store.due)
        if not due:
            return _IDLE_SECONDS
        first: dict[tuple[str, str], OutboxItem] = {}
        for item in due:
            first.setdefault((item.surface, item.channel), item)
        waits = await asyncio.gather(*(self._turn(item) for item in first.values()))
        return min(waits)

    async def _turn(self, item: OutboxItem) -> float:
        platform = self._platforms.get(Surface(item.surface))
        if platform is None:
            await self._later(item, _LONGEST_RETRY_SECONDS)
            return _IDLE_SECONDS
        outgoing = self._fresh.get(item.body) or _OUTGOING.validate_json(item.body)
        known = await asyncio.to_thread(self._known, outgoing)
        wait = self._must_wait(platform, item.channel, edits=known is not None)
        if wait > 0:
            return wait
        try:
            await self._send(platform, item, outgoing, known)
        except Busy as busy:
            self._slow(platform, item.channel, busy.retry_after, edits=known is not None)
            return min(busy.retry_after, _IDLE_SECONDS)
        except Unreachable:
            await self._later(item, min(2.0 ** min(item.attempts, 9), _LONGEST_RETRY_SECONDS))
        except Gone:
            await self._gone(platform, item, outgoing, known)
        except Rejected as error:
            _log.error("a card was refused by the platform", surface=item.surface, error=str(error))
            await asyncio.to_thread(self._store.give_up, item)
        return 0.0

    async def _send(
        self, platform: ChatPlatform, item: OutboxItem, outgoing: _Outgoing, known: MessageRef | None
    ) -> None:
        ref: MessageRef | None = None
        if outgoing.filename:
            content = base64.b64decode(outgoing.content)
            await platform.upload(outgoing.thread, filename=outgoing.filename, content=content, title=outgoing.title)
        elif outgoing.component is None:
            pass
        elif outgoing.only_for is not None:
            await platform.reply_privately(outgoing.only_for, outgoing.thread, outgoing.component)
        elif known is not None:
            revision = int(self._clock().timestamp() * 1000)
            ref = await platform.update(known, outgoing.component, revision=revision)
        else:
            ref = await platform.post(outgoing.thread, outgoing.component)
        self._used(platform, item.channel, edits=known is not None)
        if ref is not None:
            await asyncio.to_thread(self._note, outgoing, ref, known)
        await asyncio.to_thread(self._store.sent, item)

    def _note(self, outgoing: _Outgoing, ref: MessageRef, known: MessageRef | None) -> None:
        """Keep where a card lives, and of a plan what its buttons ask for, which a later process must still know."""
        if outgoing.card and ref != known:
            self._cards.add(f"card:{outgoing.card}", _REF.dump_json(ref))
        if isinstance(outgoing.component, ExecutionPlanCard):
            subject = _sent(ref.thread.surface, ref.thread.channel, ref.message)
            self._cards.add(subject, outgoing.component.model_dump_json().encode())

    async def _gone(
        self, platform: ChatPlatform, item: OutboxItem, outgoing: _Outgoing, known: MessageRef | None
    ) -> None:
        """A card that was deleted is posted anew, once; a channel that is gone is given up."""
        if known is None or outgoing.component is None:
            _log.warning("a message had nowhere to go", surface=item.surface)
            await asyncio.to_thread(self._store.give_up, item)
            return
        try:
            ref = await platform.post(outgoing.thread, outgoing.component)
        except (Busy, Unreachable):
            await self._later(item, _IDLE_SECONDS)
        except (Gone, Rejected):
            await asyncio.to_thread(self._store.give_up, item)
        else:
            await asyncio.to_thread(self._cards.add, f"card:{outgoing.card}", _REF.dump_json(ref))
            await asyncio.to_thread(self._store.sent, item)

    def _known(self, outgoing: _Outgoing) -> MessageRef | None:
        if not outgoing.card:
            return None
        return next((ref for ref in self.refs(outgoing.card) if ref.thread.key == outgoing.thread.key), None)

    async def _later(self, item: OutboxItem, seconds: float) -> None:
        if item.attempts >= _MOST_ATTEMPTS:
            _log.error("gave up showing a card", surface=item.surface, attempts=item.attempts)
            await asyncio.to_thread(self._store.give_up, item)
            return
        await asyncio.to_thread(self._store.retry, item, self._clock() + timedelta(seconds=seconds))

    def _must_wait(self, platform: ChatPlatform, channel: str, *, edits: bool) -> float:
        pace = self._paces.setdefault(platform.surface, _Pace())
        at = pace.edit if edits else pace.posts.get(channel)
        return max((at - self._clock()).total_seconds(), 0.0) if at else 0.0

    def _used(self, platform: ChatPlatform, channel: str, *, edits: bool) -> None:
        self._slow(
            platform, channel, platform.limits.edit_seconds if edits else platform.limits.post_seconds, edits=edits
        )

    def _slow(self, platform: ChatPlatform, channel: str, seconds: float, *, edits: bool) -> None:
        pace = self._paces.setdefault(platform.surface, _Pace())
        until = self._clock() + timedelta(seconds=seconds)
        if edits:
            pace.edit = until
        else:
            pace.posts[channel] = until


def _sent(surface: Surface, channel: str, message: str) -> str:
    return f"sent:{surface.value}|{channel}|{message}"
