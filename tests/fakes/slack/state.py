"""Everything the fake remembers beside messages: tokens, triggers, views, response URLs, uploads, tickets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.slack.calls import Call
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.files import Upload
from tests.fakes.slack.pacing import Pacing
from tests.fakes.slack.views import TRIGGER_SECONDS, View
from tests.fakes.slack.workspace import APP, MINIMAL_SCOPES, Message, Workspace

BOT_TOKEN = "xoxb-acme-escher-bot"
APP_TOKEN = "xapp-1-acme-escher-app"
SIGNING_SECRET = "acme-signing-secret"
TICKET_SECONDS = 30.0


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A trigger id handed out with an interaction."""

    user: str
    issued_at: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A response URL handed out with an interaction."""

    channel: str
    user: str
    message: Message | None
    issued_at: float
    uses: int = 0


class State:
    """The fake's memory, shared by the Web API, the sockets and the people."""

    def __init__(self, clock: Callable[[], float], *, rate_scale: float) -> None:
        """Start with an installed app that has the minimal scopes."""
        self.clock = clock
        self.workspace = Workspace(clock)
        self.pacing = Pacing(clock, scale=rate_scale)
        self.tokens = {BOT_TOKEN: "bot", APP_TOKEN: "app"}
        self.scopes = frozenset(MINIMAL_SCOPES)
        self.signing_secret = SIGNING_SECRET
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.uploads: dict[str, Upload] = {}
        self.tickets: dict[str, float] = {}
        self.calls: list[Call] = []
        self.warnings: list[str] = []
        self.base_url = ""
        self.on_message: Callable[[Message, bool], None] = lambda _message, _edited: None
        self._news = asyncio.Event()

    def happened(self, message: Message, *, edited: bool = False) -> None:
        """Tell everyone who waits that a message was posted or changed."""
        self.changed()
        self.on_message(message, edited)

    def changed(self) -> None:
        """Wake everyone who waits for something."""
        self._news.set()
        self._news = asyncio.Event()

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait until the condition holds; return whether it did within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._news.wait()
        except TimeoutError:
            return bool(condition())
        return True

    def new_trigger(self, user: str) -> str:
        """Hand out a trigger id."""
        trigger_id = f"{self.workspace.new_id('')}.{self.workspace.new_id('')}.{self.workspace.new_id('t')}"
        self.triggers[trigger_id] = Trigger(user=user, issued_at=self.clock())
        return trigger_id

    def use_trigger(self, trigger_id: str) -> str:
        """Take a trigger id back and return its user.

        Raises:
            SlackError: `invalid_trigger_id`, `expired_trigger_id` after 3 s, `exchanged_trigger_id` the second time.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError(code="invalid_trigger_id")
        if self.clock() - trigger.issued_at > TRIGGER_SECONDS:
            raise SlackError(code="expired_trigger_id")
        if trigger.used:
            raise SlackError(code="exchanged_trigger_id")
        trigger.used = True
        return trigger.user

    def new_response_url(self, channel: str, user: str, message: Message | None) -> str:
        """Hand out a response URL."""
        key = self.workspace.new_id("r")
        self.response_urls[key] = ResponseUrl(channel=channel, user=user, message=message, issued_at=self.clock())
        return f"{self.base_url}/response/{key}"

    def new_socket_url(self) -> str:
        """Hand out a WebSocket address that opens once, soon."""
        ticket = self.workspace.new_id("ticket")
        self.tickets[ticket] = self.clock()
        return f"{self.base_url.replace('http://', 'ws://')}/link/?ticket={ticket}&app_id={APP}"

    def use_ticket(self, ticket: str) -> bool:
        """Take a ticket back; return whether it was good."""
        issued_at = self.tickets.pop(ticket, None)
        return issued_at is not None and self.clock() - issued_at <= TICKET_SECONDS

    def add_view(self, user: str, content: Json) -> View:
        """Show a modal to a user."""
        new = self.workspace.new_id
        view = View(id=new("V"), user=user, content=content, hash=new("hash"))
        self.views[view.id] = view
        self.changed()
        return view
