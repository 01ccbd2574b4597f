"""What arrives from a chat surface, and where a sent card lives.

These are the platform-neutral forms: a listener builds them from the raw event, the inbox persists them, the conversation
answers them. They serialise to JSON so that what was acknowledged survives a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.principal import Principal


class Surface(StrEnum):
    """The surfaces people talk to Escher on."""

    SLACK = "slack"
    TEAMS = "teams"
    WEB = "web"
    TERMINAL = "terminal"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRef:
    """A conversation thread: memory, results and cards belong to one.

    Attributes:
        surface: Where it is.
        channel: Slack channel id, Teams conversation id (without the thread), `console`, `terminal`.
        thread: Slack thread timestamp, Teams root activity id, a name; empty for a thread not begun yet (a channel post).
        workspace: Slack team id, Teams tenant id; empty elsewhere.
    """

    surface: Surface
    channel: str
    thread: str = ""
    workspace: str = ""

    @property
    def key(self) -> str:
        """One text that names the thread: the key of its memory."""
        return f"{self.surface.value}|{self.workspace}|{self.channel}|{self.thread}"

    @classmethod
    def from_key(cls, key: str) -> "ThreadRef":
        """Rebuild the reference that `key` came from."""
        surface, workspace, channel, thread = key.split("|", 3)
        return cls(surface=Surface(surface), workspace=workspace, channel=channel, thread=thread)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """Where a sent card lives, so that it can be edited.

    Attributes:
        thread: The thread it was sent to.
        message: Slack `ts`, Teams activity id, console message id.
        extra: What the platform needs besides (Teams: the conversation reference as JSON text).
    """

    thread: ThreadRef
    message: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody said something to Escher.

    Attributes:
        event_id: De-duplication key, unique per platform event.
        principal: Who.
        thread: Where; answers go here.
        text: The words without the mention itself, at most 4,000 characters are understood.
        at: When the platform says it was said, UTC.
        message: The message's own id on the platform.
        reply: What the platform needs to answer here (Teams: the conversation reference as JSON text).
    """

    event_id: str
    principal: Principal
    thread: ThreadRef
    text: str
    at: datetime
    message: str = ""
    reply: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button of one of our cards.

    Attributes:
        event_id: De-duplication key; for a retry of the same press it is the same.
        principal: Who.
        thread: Where the card lives.
        action: An action id of `blocks.components`.
        value: What the button carried: ids only (`plan`, `digest`, …).
        inputs: What was typed beside it: `reason`, `confirm`, `text`.
        at: When, UTC.
        message: The card it was on, when the platform says so.
        reply: As in `Mention`.
    """

    event_id: str
    principal: Principal
    thread: ThreadRef
    action: str
    at: datetime
    value: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    message: MessageRef | None = None
    reply: Mapping[str, str] = field(default_factory=dict)
