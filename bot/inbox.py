"""What arrived, made durable before it is acknowledged, and handed on in order.

A listener calls `accept` and acknowledges only when that returned: one commit, about half a millisecond, which is also the
de-duplication. Events of one thread are handled one after the other, different threads side by side. What was accepted and
not finished when the process died is handed on again at the next start; handlers are therefore idempotent.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog
from pydantic import TypeAdapter

from bot.messages import Click, Mention
from engine.storage.inbox import InboxStore
from engine.tasks import spawn

_log = structlog.get_logger(__name__)
_EVENT: TypeAdapter[Mention | Click] = TypeAdapter(Mention | Click)
_AT_ONCE = 32
_LONGEST_WAIT_SECONDS = 60.0

Event = Mention | Click
Handler = Callable[[Event], Awaitable[None]]


class TryLater(Exception):
    """The event cannot be handled now (the agent server is away); it is kept and handed on again.

    Attributes:
        seconds: How long to wait at least.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} s")
        self.seconds = seconds


class Inbox:
    """The door between the listeners and the conversation.

    Args:
        store: Where accepted events rest.
    """

    def __init__(self, store: InboxStore) -> None:
        self._store = store
        self._handler: Handler | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queues: dict[str, deque[Event]] = {}
        self._postponed: dict[str, int] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def accept(self, event: Event) -> bool:
        """Make an event durable and hand it on; False when it had arrived before. May be called from any thread.

        Raises:
            StorageUnavailable: It could not be made durable; it must not be acknowledged.
        """
        new = self._store.accept(event.event_id, _EVENT.dump_json(event), surface=event.thread.surface.value)
        if new and self._loop is not None:
            self._loop.call_soon_threadsafe(self._enqueue, event)
        return new

    def first_sight(self, key: str) -> bool:
        """Remember a key that is no event, such as a request signature; False when it was seen before."""
        new = self._store.accept(key, b"", surface="key")
        if new:
            self._store.done(key)
        return new

    def start(self, handler: Handler) -> int:
        """Begin handing on in the running loop, what was left over first; return how many those are."""
        self._handler = handler
        self._loop = asyncio.get_running_loop()
        left = [_EVENT.validate_json(item.body) for item in self._store.pending() if item.body]
        for event in left:
            self._enqueue(event)
        return len(left)

    def stop(self) -> None:
        """Hand nothing more on; what arrives is still kept."""
        self._loop = None
        self._queues.clear()

    def _enqueue(self, event: Event) -> None:
        key = event.thread.key
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque([event])
            spawn(self._work(key), name="inbox")
        else:
            queue.append(event)

    async def _work(self, key: str) -> None:
        while queue := self._queues.get(key):
            event = queue[0]
            try:
                async with self._slots:
                    await self._handle(event)
            except TryLater as later:
                self._postpone(event, later.seconds)
            else:
                self._postponed.pop(event.event_id, None)
                await asyncio.to_thread(self._store.done, event.event_id)
            if queue:
                queue.popleft()
        self._queues.pop(key, None)

    def _postpone(self, event: Event, seconds: float) -> None:
        """Hand the event on again later; what else is said in its thread need not wait for it."""
        times = self._postponed.get(event.event_id, 0)
        self._postponed[event.event_id] = times + 1
        if self._loop is not None:
            self._loop.call_later(min(seconds * 2 ** min(times, 5), _LONGEST_WAIT_SECONDS), self._enqueue, event)

    async def _handle(self, event: Event) -> None:
        if self._handler is None:
            raise TryLater(1.0)
        try:
            await self._handler(event)
        except TryLater:
            raise
        except Exception:  # noqa: BLE001 - one bad event must not block its thread; the handler told the person
            _log.exception("an event could not be handled", surface=event.thread.surface.value)
