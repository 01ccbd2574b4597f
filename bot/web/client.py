"""The chat port over the console's open pages.

What is shown is first kept in the room's log (the record's conversation store, sealed like everything in it) and then told
to every open page. A page that comes back, or a runner that starts again, reads the log.
"""

import asyncio
import mimetypes
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from blocks import adaptive
from blocks import text as plain_text
from blocks.components import Component
from bot.messages import Mention, MessageRef, Surface, ThreadRef
from bot.platform import Gone, PlatformLimits, Rejected, Unreachable
from bot.web.rooms import FIXED, Entry, Op, Room, RoomTitle, room_of, title_of
from engine.clock import Clock
from engine.principal import Principal
from engine.storage.database import StorageUnavailable
from engine.storage.threads import ThreadStore

MOST_FILE_BYTES: Final = 16 * 1024 * 1024
_LOG_ENTRIES: Final = 1000
"""How far back a log is read at the first look; edits of one running plan may be many of them."""

_THREADS_SHOWN: Final = 100
_WAITING_EVENTS: Final = 1000
_INDEX: Final = "web-rooms"
_STARTS: Final = "web-starts"
_SECRET_BYTES: Final = 32


class TooSlow(Exception):
    """A page does not take its events; it must come again and read the log."""


class Subscription:
    """The events of one open page.

    Args:
        principal_id: Who looks.
    """

    def __init__(self, principal_id: str) -> None:
        self.principal_id = principal_id
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=_WAITING_EVENTS)
        self._lost = False

    def offer(self, event: dict[str, Any]) -> None:
        """Add an event; a page that is too far behind loses its subscription instead of the runner its memory."""
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._lost = True

    async def next(self) -> dict[str, Any]:
        """Return the next event.

        Raises:
            TooSlow: Events were lost.
        """
        if self._lost:
            raise TooSlow
        return await self._events.get()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A shared file."""

    media: str
    content: bytes


class WebPlatform:
    """`ChatPlatform` for the console; also what its listener needs beside the port.

    Args:
        threads: Where logs are kept.
        clock: The time.
    """

    def __init__(self, *, threads: ThreadStore, clock: Clock) -> None:
        self._threads = threads
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._index = asyncio.Lock()
        self._titles: dict[str, RoomTitle] | None = None
        self._pages: set[Subscription] = set()

    @property
    def surface(self) -> Surface:
        """Which surface this is."""
        return Surface.WEB

    @property
    def limits(self) -> PlatformLimits:
        """How fast it may be used: as fast as anyone likes."""
        return PlatformLimits()

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Show a new card in the thread's room; return where it lives.

        Raises:
            Unreachable: It could not be kept.
            Rejected: The thread is not one of the console.
        """
        return await self._show(thread, await self._card(Op.POST, component))

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """Replace the card in place; `revision` counts its edits, and a lower one than what is shown changes nothing.

        Raises:
            Unreachable: It could not be kept.
            Gone: The room no longer shows that message.
            Rejected: The thread is not one of the console.
        """
        room = room_of(message.thread)
        async with self._locks[room]:
            shown = (await self._room(room)).get(message.message)
            if shown is None:
                raise Gone(f"the room {room} no longer shows that card")
            if revision >= shown.revision:
                drawn = await self._card(Op.UPDATE, component)
                await self._keep(room, drawn.model_copy(update={"id": shown.id, "at": shown.at, "revision": revision}))
        return message

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """Show a card to one person only, in the thread's room.

        Raises:
            Unreachable: It could not be kept.
            Rejected: The thread is not one of the console.
        """
        drawn = await self._card(Op.PRIVATE, component)
        await self._show(thread, drawn.model_copy(update={"only_for": principal.id}))

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """Share a file in the thread's room.

        Raises:
            Unreachable: It could not be kept.
            Rejected: The file is empty or too large, or the thread is not one of the console.
        """
        if not 0 < len(content) <= MOST_FILE_BYTES:
            raise Rejected(f"a file of {len(content):,} bytes cannot be shared here")
        path = await self.keep_file(content)
        entry = Entry(
            op=Op.FILE,
            id=_new_id(),
            at=self._clock(),
            text=title or filename,
            filename=filename,
            path=path,
            media=mimetypes.guess_type(filename)[0] or "application/octet-stream",
            size=len(content),
        )
        await self._show(thread, entry)

    async def keep_file(self, content: bytes) -> str:
        """Keep a file, such as the picture of a chart, and return the path under which the console serves it.

        Raises:
            Unreachable: It could not be kept.
        """
        file_id = secrets.token_hex(16)
        try:
            await asyncio.to_thread(self._threads.append, _file_key(file_id), content)
        except StorageUnavailable as error:
            raise Unreachable("the file could not be kept") from error
        return f"/files/{file_id}"

    async def file(self, file_id: str) -> bytes | None:
        """Return a file that was kept, or None."""
        found = await asyncio.to_thread(self._threads.history, _file_key(file_id), 1)
        return found[0].body if found else None

    async def hear(self, mention: Mention, accept: Callable[[], bool]) -> bool:
        """Take in what somebody said: durable in the inbox first, then shown, before any answer to it is.

        Args:
            mention: What was said; `message` is its id.
            accept: Makes it durable; False when it had arrived before. Runs in a thread.

        Raises:
            StorageUnavailable: It is not durable.
            Unreachable: It is durable and will be answered, but could not be shown.
        """
        room = room_of(mention.thread)
        entry = Entry(
            op=Op.SAID,
            id=mention.message,
            at=mention.at,
            by=mention.principal.id,
            name=mention.principal.display,
            text=mention.text,
        )
        async with self._locks[room]:
            shown = await self._room(room)
            new = await asyncio.to_thread(accept)
            if shown.get(entry.id) is None:
                await self._keep(room, entry)
        return new

    async def rooms(self) -> tuple[RoomTitle, ...]:
        """Return the threads people began, newest first."""
        titles = await self._known_titles()
        return tuple(sorted(titles.values(), key=lambda one: one.at, reverse=True)[:_THREADS_SHOWN])

    async def messages(self, room: str, principal_id: str) -> tuple[Entry, ...]:
        """Return what a person sees in a room, oldest first."""
        async with self._locks[room]:
            return (await self._room(room)).seen_by(principal_id)

    async def secret_of(self, start: str) -> bytes:
        """Return the 32 random bytes of one start of a try-out, the same when its runner is started again.

        Args:
            start: What names the start; any other start gets other bytes.

        Raises:
            StorageUnavailable: They could not be kept.
        """
        found = await asyncio.to_thread(self._threads.history, _STARTS, 1)
        if found and found[0].body[:-_SECRET_BYTES] == start.encode():
            return found[0].body[-_SECRET_BYTES:]
        made = secrets.token_bytes(_SECRET_BYTES)
        await asyncio.to_thread(self._threads.append, _STARTS, start.encode() + made)
        return made

    def subscribe(self, principal_id: str) -> Subscription:
        """Begin to collect the events that a person's page is to get."""
        page = Subscription(principal_id)
        self._pages.add(page)
        return page

    def leave(self, page: Subscription) -> None:
        """End a subscription."""
        self._pages.discard(page)

    async def _card(self, op: Op, component: Component) -> Entry:
        """Draw a card, in a thread: one of hundreds of rows takes longer than the next mention should wait."""
        said = await asyncio.to_thread(plain_text.render, component)
        card = await asyncio.to_thread(adaptive.render, component)
        return Entry(op=op, id=_new_id(), at=self._clock(), text=said, card=card)

    async def _show(self, thread: ThreadRef, entry: Entry) -> MessageRef:
        room = room_of(thread)
        async with self._locks[room]:
            await self._keep(room, entry)
        return MessageRef(thread=thread, message=entry.id)

    async def _keep(self, room: str, entry: Entry) -> None:
        """Make an entry durable, then show it; the caller holds the room's lock."""
        shown = await self._room(room)
        try:
            await self._begin(room, entry)
            await asyncio.to_thread(self._threads.append, _log_key(room), entry.model_dump_json().encode())
        except StorageUnavailable as error:
            raise Unreachable(f"the room {room} could not be written") from error
        if shown.apply(entry):
            self._tell({"type": "message", "room": room, "message": as_json(entry)}, entry)

    async def _begin(self, room: str, entry: Entry) -> None:
        """Note a new thread by its first words."""
        titles = await self._known_titles()
        if room in FIXED or room in titles:
            return
        title = RoomTitle(room=room, title=title_of(entry.text), at=entry.at)
        await asyncio.to_thread(self._threads.append, _INDEX, title.model_dump_json().encode())
        titles[room] = title
        self._tell({"type": "room", "room": title.model_dump(mode="json")}, entry)

    def _tell(self, event: dict[str, Any], entry: Entry) -> None:
        for page in self._pages:
            if entry.visible_to(page.principal_id):
                page.offer(event)

    async def _room(self, room: str) -> Room:
        if room not in self._rooms:
            turns = await asyncio.to_thread(self._threads.history, _log_key(room), _LOG_ENTRIES)
            self._rooms[room] = Room(Entry.model_validate_json(turn.body) for turn in turns)
        return self._rooms[room]

    async def _known_titles(self) -> dict[str, RoomTitle]:
        async with self._index:
            if self._titles is None:
                turns = await asyncio.to_thread(self._threads.history, _INDEX, _LOG_ENTRIES)
                read = [RoomTitle.model_validate_json(turn.body) for turn in turns]
                self._titles = {title.room: title for title in read}
            return self._titles


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as the page gets it."""
    return entry.model_dump(mode="json", exclude={"v"}, exclude_defaults=True) | {"op": entry.op.value}


def _new_id() -> str:
    return f"m-{secrets.token_hex(8)}"


def _log_key(room: str) -> str:
    return f"web-log|{room}"


def _file_key(file_id: str) -> str:
    return f"web-file|{file_id}"


__all__ = ["MOST_FILE_BYTES", "Subscription", "TooSlow", "WebPlatform", "as_json"]
