"""The port every chat surface implements: four methods and its stated limits.

Wording, order and retries live above it (conversation, outbox); rendering and the vendor's rules below it.
"""

from dataclasses import dataclass
from typing import Protocol

from blocks.components import Component
from bot.messages import MessageRef, Surface, ThreadRef
from engine.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLimits:
    """How fast the outbox may go; each figure is the vendor's or stricter.

    Attributes:
        post_seconds: Least time between two new messages in one channel.
        edit_seconds: Least time between two edits in the whole workspace.
    """

    post_seconds: float = 0.0
    edit_seconds: float = 0.0


class Busy(Exception):
    """The platform asks to wait; nothing was sent.

    Attributes:
        retry_after: Seconds to wait.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"busy for {retry_after} s")
        self.retry_after = retry_after


class Unreachable(Exception):
    """The platform could not be reached or answered 5xx; worth trying again later."""


class Gone(Exception):
    """The message or channel cannot be written (deleted, archived, left): post anew or give up, never retry the same."""


class Rejected(Exception):
    """The platform refuses this very message (too long, invalid); retrying will not help."""


class ChatPlatform(Protocol):
    """One chat surface."""

    @property
    def surface(self) -> Surface:
        """Which surface this is."""
        ...

    @property
    def limits(self) -> PlatformLimits:
        """How fast it may be used."""
        ...

    async def post(self, thread: ThreadRef, component: Component) -> MessageRef:
        """Send a new card to the thread; return where it lives.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        ...

    async def update(self, message: MessageRef, component: Component, *, revision: int) -> MessageRef:
        """Replace the card in place; `revision` counts its edits. Returns where it lives now.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        ...

    async def reply_privately(self, principal: Principal, thread: ThreadRef, component: Component) -> None:
        """Show a card to one person only, in or near the thread.

        Raises:
            Busy, Unreachable, Gone, Rejected: As their names say.
        """
        ...

    async def upload(self, thread: ThreadRef, *, filename: str, content: bytes, title: str) -> None:
        """Share a file in the thread; a surface without files says so by `Rejected`."""
        ...
