"""The chat port of terminal threads: whoever waits in a terminal is handed the cards of its thread as they change."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from blocks.components import Component
from bot.messages import MessageRef, Surface, ThreadRef
from bot.platform import PlatformLimits, Rejected
from engine.principal import Principal


class TerminalPlatform:
    """`ChatPlatform` for terminals; nothing is kept, because the terminal asks for what it wants to see."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._watching: dict[str, list[asyncio.Queue[Component]]] = {}

    @property
    def surface(self) -> Surface:
        """The terminal."""
        return Surface.TERMINAL

    @property
    def limits(self) -> PlatformLimits:
        """None."""
        return PlatformLimits()

    @contextmanager
    def watching(self, thread: ThreadRef) -> Iterator[asyncio.Queue[Component]]:
        """Give a queue of the cards of a thread while somebody looks."""
        queue: asyncio.Queue[Component] = asyncio.Queue()
        self._watching.setdefault(thread.key, []).append(queue)
        try:
            yield queue
        finally:
            self._watching[thread.key].remove(queue)

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Hand a card to whoever looks."""
        self._tell(thread, component)
        return MessageRef(thread=thread, message=f"t{next(self._numbers)}")

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """Hand the new form of a card to whoever looks."""
        del revision
        self._tell(message.thread, component)
        return message

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """A terminal has one reader: the same as a post."""
        del principal
        self._tell(thread, component)

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """A terminal takes no files.

        Raises:
            Rejected: Always.
        """
        del thread, content, title
        raise Rejected(f"{filename}: a terminal takes no files")

    def _tell(self, thread: ThreadRef, component: Component) -> None:
        for queue in self._watching.get(thread.key, ()):
            queue.put_nowait(component)
