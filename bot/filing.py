"""Reports into a file, for those who collect them otherwise: the chat port over a text file."""

import asyncio
import os
from pathlib import Path

from blocks import text as plain
from blocks.components import Component
from bot.messages import MessageRef, Surface, ThreadRef
from bot.platform import Gone, PlatformLimits, Rejected
from engine.principal import Principal


class FilePlatform:
    """`ChatPlatform` that appends plain text to the file its channel names, readable by this user only."""

    @property
    def surface(self) -> Surface:
        """A file."""
        return Surface.FILE

    @property
    def limits(self) -> PlatformLimits:
        """None."""
        return PlatformLimits()

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Append a card.

        Raises:
            Gone: The file cannot be written.
        """
        await asyncio.to_thread(_append, thread.channel, plain.render(component))
        return MessageRef(thread=thread, message="appended")

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """A file keeps what it has; the same card again is not written again."""
        del component, revision
        return message

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """A file has no reader in particular.

        Raises:
            Rejected: Always.
        """
        del principal, thread, component
        raise Rejected("a file takes no private replies")

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """A file takes no files.

        Raises:
            Rejected: Always.
        """
        del thread, content, title
        raise Rejected(f"{filename}: a file takes no files")


def _append(name: str, text: str) -> None:
    path = Path(name).expanduser()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
            file.write(text.rstrip() + "\n\n")
    except OSError as error:
        raise Gone(f"{path} cannot be written: {error.strerror}") from None
