"""The fake Slack: one server for the Web API, Socket Mode, uploads and response URLs, and people who use it.

async with FakeSlack() as slack:
message = await slack.says("U0ALICE", "@escher stop all dev instances", "C0OPS")
card = await slack.sees("C0OPS", "Stop 5 dev EC2 instances")
await slack.clicks("U0BOB", card, "Approve")
"""

import asyncio
import html
import re
import socket
import time
from collections.abc import Callable
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from engine.tasks import spawn
from tests.fakes.patience import PATIENCE
from tests.fakes.slack import chat, files, payloads, people, views
from tests.fakes.slack.blocks import interactive
from tests.fakes.slack.callbacks import Callbacks
from tests.fakes.slack.calls import Call, Method, check_arguments, check_token, pace_channel, read_arguments
from tests.fakes.slack.delivery import (
    ACK_SECONDS,
    COMMANDS,
    EVENTS,
    INTERACTIVE,
    RETRY_DELAYS,
    Attempt,
    Delivery,
    Outcome,
    deliver,
)
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.state import APP_TOKEN, BOT_TOKEN, State
from tests.fakes.slack.views import View
from tests.fakes.slack.workspace import BOT_USER, Message


def _unknown_method(_state: State, _arguments: Json) -> Json:
    raise SlackError(code="unknown_method")


UNKNOWN = Method(handler=_unknown_method)
METHODS = {**chat.METHODS, **views.METHODS, **people.METHODS, **files.METHODS}

_EMAIL = re.compile(r"(?<![\w<|@])([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
_DOMAIN = re.compile(r"(?<![\w@/.<|-])((?:[\w-]+\.)+(?:com|net|org|io|dev))(?![\w@-])")


def typed_by_a_person(text: str) -> str:
    """Return the text as Slack's client sends it: escaped, mentions and addresses made live.

    Source: https://docs.slack.dev/messaging/formatting-message-text/#automatic-parsing
    """
    text = html.escape(text, quote=False)
    text = _EMAIL.sub(r"<mailto:\1|\1>", text)
    text = _DOMAIN.sub(r"<http://\1|\1>", text)
    return re.sub(r"@escher\b", f"<@{BOT_USER}>", text)


class FakeSlack:
    """A Slack on loopback.

    Attributes:
        state: Tokens, scopes, limits, views, calls.
        sockets: The open Socket Mode connections.
        deliveries: Everything that was sent to the app.
        url: `http://127.0.0.1:PORT`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        request_url: str = "",
        clock: Callable[[], float] = time.time,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: tuple[float, ...] = RETRY_DELAYS,
        rate_scale: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Prepare a workspace.

        Args:
            port: Port on loopback; 0 picks a free one.
            request_url: Where the app listens in HTTP mode; empty means Socket Mode.
            clock: Gives seconds, for limits, triggers and signatures.
            ack_seconds: Time the app has to acknowledge.
            retry_delays: Seconds before each retry of an event.
            rate_scale: Multiplies every rate limit; 0 switches them off.
            seed: Makes the choice among connections repeatable.
        """
        self.state = State(clock, rate_scale=rate_scale)
        self.sockets = Sockets(self.state, seed=seed)
        self.deliveries: list[Delivery] = []
        self.bot_token, self.app_token = BOT_TOKEN, APP_TOKEN
        self.signing_secret = self.state.signing_secret
        self._port = port
        self._callbacks = Callbacks(self.state, request_url) if request_url else None
        self._ack_seconds = ack_seconds
        self._retry_delays = retry_delays
        self._tasks: set[asyncio.Task[None]] = set()
        self.state.on_message = self._hear_own

    @property
    def url(self) -> str:
        """Address of the server."""
        return self.state.base_url

    @property
    def api_url(self) -> str:
        """Base URL of the Web API, as `AsyncWebClient(base_url=...)` takes it."""
        return f"{self.url}/api/"

    async def __aenter__(self) -> Self:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self.state.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self.app(),
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        config.load()
        self._server = self.sockets.server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(
            sockets=[listener]
        )  # not `serve`, which would take over signals and tick every 0.1 s
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sockets.kill()
        for server in self._server.servers:
            server.close()
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*self._server.server_state.tasks, return_exceptions=True)
        if self._callbacks:
            await self._callbacks.aclose()

    # The server

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["GET", "POST"]),
                Route("/upload/{file_id}", self._upload, methods=["POST"]),
                Route("/response/{key}", self._response, methods=["POST"]),
                WebSocketRoute("/link/", self.sockets.serve),
            ]
        )

    async def _api(self, request: Request) -> Response:
        name = request.path_params["method"]
        call = Call(method=name, arguments={})
        try:
            method = METHODS.get(name, UNKNOWN)
            token, call.arguments = await read_arguments(request)
            check_token(token, method, self.state.tokens, self.state.scopes)
            self.state.pacing.check(name, method.tier, pace_channel(method, call.arguments))
            check_arguments(method, call.arguments)
            call.answer = {"ok": True, **method.handler(self.state, call.arguments)}
            return JSONResponse(call.answer)
        except SlackError as error:
            call.answer = error.body()
            return JSONResponse(call.answer, status_code=error.status, headers=error.headers)
        finally:
            self.state.calls.append(call)

    async def _upload(self, request: Request) -> Response:
        content = await request.body()
        try:
            files.receive(self.state, request.path_params["file_id"], content)
        except SlackError as error:
            return Response(error.code, status_code=error.status)
        return Response(f"OK - {len(content)}")

    async def _response(self, request: Request) -> Response:
        try:
            chat.respond(self.state, request.path_params["key"], await request.json())
        except SlackError as error:
            return JSONResponse(error.body(), status_code=error.status if error.status != 200 else 400)
        return Response("ok")

    # What the app is told

    def call_at(self, request_url: str) -> None:
        """Switch to HTTP mode: from now on payloads are posted to the app's request URL."""
        if self._callbacks is None:
            self._callbacks = Callbacks(self.state, request_url)
        self._callbacks.url = request_url

    def send(self, kind: str, payload: Json) -> Delivery:
        """Start delivering a payload to the app."""
        delivery = Delivery(kind=kind, payload=payload)
        self.deliveries.append(delivery)
        work = deliver(delivery, self._transport, ack_seconds=self._ack_seconds, retry_delays=self._retry_delays)
        task = spawn(work, name=f"deliver {kind}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return delivery

    async def repeat(self, delivery: Delivery) -> Outcome:
        """Deliver the same payload once more under retry number 0, as happens when Slack lost the acknowledgement."""
        return await self._transport(Attempt(delivery=delivery, number=0, reason="", seconds=self._ack_seconds))

    async def forge(self, body: bytes, headers: dict[str, str]) -> Outcome:
        """Post raw bytes to the app's request URL, as an attacker would (HTTP mode)."""
        if self._callbacks is None:
            raise ValueError("forging needs HTTP mode")
        return await self._callbacks.post(body, headers, self._ack_seconds)

    async def _transport(self, attempt: Attempt) -> Outcome:
        return await (self._callbacks.send(attempt) if self._callbacks else self.sockets.send(attempt))

    def _hear_own(self, message: Message, edited: bool) -> None:
        """Tell the app of its own lasting messages in direct conversations, as message.im does."""
        channel = self.state.workspace.channels[message.channel]
        if channel.is_im and message.ephemeral_to is None and "im:history" in self.state.scopes:
            self.send(EVENTS, payloads.own_message(self.state, message, channel, edited=edited))

    # What people do

    async def says(self, user: str, text: str, channel: str = "C0OPS", thread_ts: str | None = None) -> Message:
        """Write a message; `channel` may be `im` for the direct conversation with the bot.

        The app hears of it only when it is mentioned in a channel it belongs to, or in a direct conversation
        (https://docs.slack.dev/reference/events/app_mention/, message.im/).
        """
        place = self.state.workspace.direct(user) if channel == "im" else self.state.workspace.channels[channel]
        if user not in place.members:
            raise ValueError(f"{user} is not in {place.id}")
        message = self.state.workspace.post(
            channel=place.id, user=user, text=typed_by_a_person(text), thread_ts=thread_ts
        )
        self.state.changed()
        self._tell(message, edited=False)
        return message

    async def edits(self, user: str, message: Message, text: str) -> None:
        """Change one's own message; a mention in it is sent to the app again, marked as edited."""
        if message.user != user:
            raise ValueError("people edit their own messages only")
        self.state.workspace.edit(message, text=typed_by_a_person(text), blocks=[])
        self._tell(message, edited=True)

    def _tell(self, message: Message, *, edited: bool) -> None:
        channel = self.state.workspace.channels[message.channel]
        mentioned = f"<@{BOT_USER}>" in message.text
        if BOT_USER in channel.members and (channel.is_im or mentioned):
            self.send(EVENTS, payloads.said(self.state, message, channel, edited=edited))

    async def clicks(
        self, user: str, message: Message, button: str, *, confirm: bool = True, version: int = -1
    ) -> Delivery:
        """Press a button, named by action id or label; an older `version` stands for a screen that lags behind.

        With `confirm=False` the person answers a confirmation dialog with no, and nothing is sent.
        """
        person = self.state.workspace.users[user]
        if message.ephemeral_to not in {None, user}:
            raise ValueError(f"{user} cannot see this message")
        block, element = message.find(button, version)
        payload = payloads.clicked(self.state, person, message, block, element, version)
        if element.get("confirm") and not confirm:
            return Delivery(kind=INTERACTIVE, payload=payload)
        return self.send(INTERACTIVE, payload)

    async def clicks_home(self, user: str, button: str) -> Delivery:
        """Press a button on one's Home tab."""
        view = self.state.homes[user]
        for block, element in interactive(view.content["blocks"]):
            if button in {element.get("action_id"), element.get("text", {}).get("text")}:
                person = self.state.workspace.users[user]
                return self.send(INTERACTIVE, payloads.clicked_in_view(self.state, person, view, block, element))
        raise LookupError(f"no button {button!r} on the Home tab of {user}")

    async def submits(self, user: str, view: View, values: dict[str, str] | None = None) -> Delivery:
        """Submit a modal with text for its inputs, by block id, action id or label; wait for the app's answer.

        Raises:
            ValueError: A required input is empty (Slack's client does not send such a form).
        """
        state_values = filled(view, values or {})
        delivery = self.send(
            INTERACTIVE, payloads.submitted(self.state, self.state.workspace.users[user], view, state_values)
        )
        await delivery.finished(self._ack_seconds + 1)
        answer = delivery.response or {}
        view.errors = answer.get("errors", {}) if answer.get("response_action") == "errors" else {}
        view.open = not delivery.acknowledged or bool(view.errors)
        if answer.get("response_action") in {"update", "push"}:
            view.content, view.open = views.check_view(answer["view"], "modal", self.state), True
        self.state.changed()
        return delivery

    async def commands(self, user: str, line: str, channel: str = "C0OPS") -> Delivery:
        """Type a slash command such as `/escher pending`."""
        name, _, text = line.partition(" ")
        place = self.state.workspace.direct(user) if channel == "im" else self.state.workspace.channels[channel]
        person = self.state.workspace.users[user]
        return self.send(COMMANDS, payloads.command(self.state, person, place, name, text))

    async def opens_home(self, user: str, tab: str = "home") -> Delivery:
        """Open the app's Home tab."""
        return self.send(EVENTS, payloads.home_opened(self.state, self.state.workspace.users[user], tab))

    # What people see

    def messages(self, channel: str = "C0OPS", *, of_bot: bool = True, seen_by: str | None = None) -> list[Message]:
        """Return a channel's messages, oldest first: the bot's by default, ephemeral ones only for `seen_by`."""
        place = f"D{channel[1:]}" if channel in self.state.workspace.users else channel
        return [
            message
            for message in self.state.workspace.visible(place)
            if (message.user == BOT_USER or not of_bot) and message.ephemeral_to in {None, seen_by}
        ]

    def modal(self, user: str) -> View | None:
        """Return the modal on top of a user's screen."""
        own = [view for view in self.state.views.values() if view.user == user and view.open]
        return own[-1] if own else None

    async def sees(
        self, channel: str, text: str, *, seconds: float = PATIENCE, seen_by: str | None = None, after: str = ""
    ) -> Message:
        """Wait for a bot message that reads `text` now, later than ts `after`, and return it.

        Raises:
            AssertionError: It did not come; the message lists what is there.
        """

        def found() -> list[Message]:
            return [m for m in self.messages(channel, seen_by=seen_by) if text in m.plain and m.ts > after]

        if not await self.state.until(found, seconds):
            there = "\n---\n".join(message.plain for message in self.messages(channel, seen_by=seen_by))
            raise AssertionError(f"nobody wrote {text!r} in {channel} within {seconds} s; there is:\n{there}")
        return found()[-1]

    async def sees_modal(self, user: str, seconds: float = PATIENCE) -> View:
        """Wait for a modal on a user's screen and return it.

        Raises:
            AssertionError: None opened.
        """
        await self.state.until(lambda: self.modal(user), seconds)
        view = self.modal(user)
        if view is None:
            raise AssertionError(f"no modal opened for {user} within {seconds} s")
        return view

    async def connected(self, count: int = 1, seconds: float = PATIENCE) -> bool:
        """Wait until the app holds `count` Socket Mode connections; return whether it does."""
        return await self.state.until(lambda: len(self.sockets.open) >= count, seconds)

    def calls(self, method: str) -> list[Call]:
        """Return the calls of a Web API method, refused ones included."""
        return [call for call in self.state.calls if call.method == method]


def filled(view: View, values: dict[str, str]) -> Json:
    """Return a view's `state.values` for the given texts."""
    answer: Json = {}
    for block in view.content["blocks"]:
        if block.get("type") != "input":
            continue
        element = block["element"]
        names = (block["block_id"], element.get("action_id"), block["label"]["text"])
        value = next((values[name] for name in names if name in values), element.get("initial_value"))
        if not value and not block.get("optional"):
            raise ValueError(f"the form needs {block['label']['text']!r}")
        answer[block["block_id"]] = {element.get("action_id", ""): {"type": element["type"], "value": value or None}}
    return answer
