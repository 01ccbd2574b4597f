"""What a room of the console shows: the entries of its log, folded.

A room is one conversation thread. Its log only grows; an edit is one more entry with the id of the message it replaces,
and the newest revision wins. So a page that reloads and a runner that restarts show the same conversation.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from bot.messages import Surface, ThreadRef
from bot.platform import Rejected

CHANNEL: Final = "console"
OPS: Final = "ops"
REPORTS: Final = "morning-report"
FIXED: Final = (OPS, REPORTS)
"""Rooms that are always there; every other room is a thread somebody began."""

ROOM_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
SHOWN_MESSAGES: Final = 200
TITLE_CHARACTERS: Final = 48
_ROOM: Final = re.compile(ROOM_PATTERN)


class Op(StrEnum):
    """What an entry of the log does."""

    SAID = "said"
    POST = "post"
    UPDATE = "update"
    PRIVATE = "private"
    FILE = "file"


class Entry(BaseModel):
    """One entry of a room's log, as it is kept and as the page gets it.

    Attributes:
        v: The form of this entry.
        op: What it does.
        id: The message it is about.
        at: When that message was first shown, UTC.
        by: Principal id of who said it; empty for Escher.
        name: The name of who said it.
        text: What was said; for a card, the same facts as plain text.
        card: The Adaptive Card.
        revision: Counts edits; a lower one never replaces a higher one.
        only_for: Principal id of the only person who sees it; empty: everybody here.
        filename: For files.
        path: Where the page gets the file.
        media: The file's media type.
        size: Bytes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    op: Op
    id: str
    at: datetime
    by: str = ""
    name: str = ""
    text: str = ""
    card: dict[str, Any] | None = None
    revision: int = 0
    only_for: str = ""
    filename: str = ""
    path: str = ""
    media: str = ""
    size: int = 0

    def visible_to(self, principal_id: str) -> bool:
        """Say whether a person sees this entry."""
        return not self.only_for or self.only_for == principal_id


class RoomTitle(BaseModel):
    """One thread that somebody began, as it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    room: str
    title: str
    at: datetime


class Room:
    """The newest messages of a room, in the order in which they were first shown.

    Args:
        entries: The end of its log, oldest first.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._messages: dict[str, Entry] = {}
        for entry in sorted(entries, key=lambda one: one.at):
            self.apply(entry)

    def apply(self, entry: Entry) -> bool:
        """Take an entry in; False when a newer revision is already shown."""
        shown = self._messages.get(entry.id)
        if shown is not None and entry.revision < shown.revision:
            return False
        self._messages[entry.id] = entry
        while len(self._messages) > SHOWN_MESSAGES:
            del self._messages[next(iter(self._messages))]
        return True

    def get(self, message: str) -> Entry | None:
        """Return a message as it is shown now, or None."""
        return self._messages.get(message)

    def seen_by(self, principal_id: str) -> tuple[Entry, ...]:
        """Return the messages that a person sees, oldest first."""
        return tuple(entry for entry in self._messages.values() if entry.visible_to(principal_id))


def room_of(thread: ThreadRef) -> str:
    """Return the room of a thread; a post outside any thread goes where reports go.

    Raises:
        Rejected: The thread is not one of the console.
    """
    room = thread.thread or REPORTS
    if thread.surface is not Surface.WEB or _ROOM.match(room) is None:
        raise Rejected(f"not a room of the console: {room!r}")
    return room


def thread_of(room: str) -> ThreadRef:
    """Return the thread of a room."""
    return ThreadRef(surface=Surface.WEB, channel=CHANNEL, thread=room)


def title_of(text: str) -> str:
    """Return a thread's title: the beginning of its first message."""
    words = " ".join(text.split())
    return words if len(words) <= TITLE_CHARACTERS else f"{words[: TITLE_CHARACTERS - 1].rstrip()}…"
