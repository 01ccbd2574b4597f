"""slack-bolt in front of the inbox: persist, acknowledge, hand on.

Bolt checks signatures and parses payloads. What changes anything is made durable in the inbox inside bolt's middleware,
before the acknowledgement, with nothing awaited but that one commit; no call to Slack stands between an event and its
acknowledgement. What only looks (a dialog, the Home tab) is acknowledged first and done after.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.http_server import HttpServer
from bot.inbox import Event, Handler, Inbox, TryLater
from bot.messages import Surface
from bot.platform import Busy, Gone, Rejected, Unreachable
from bot.slack.client import Identity, SlackClient, quiet_logger
from bot.slack.events import Payload, Press, SlackEvents, press_of, workspace_of
from bot.slack.home import HomeView, SlackHome
from bot.slack.options import SlackMisconfigured, SlackOptions
from bot.slack.people import SlackPeople
from bot.slack.sockets import SlackSockets
from bot.slack.webhook import webhook
from engine.clock import Clock
from engine.tasks import spawn

_log = structlog.get_logger(__name__)

_OK, _UNAUTHORISED, _UNAVAILABLE = 200, 401, 503


class SlackListener:
    """Receives everything Slack sends for one workspace.

    Args:
        options: How we are connected.
        client: The open port and Web API.
        inbox: Where events are made durable.
        clock: The time.
        home: What the Home tab shows; without it the tab stays empty.
    """

    def __init__(
        self,
        options: SlackOptions,
        *,
        client: SlackClient,
        inbox: Inbox,
        clock: Clock,
        home: HomeView | None = None,
    ) -> None:
        self._options = options
        self._client = client
        self._inbox = inbox
        self._clock = clock
        self._home_view = home
        self._commits = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-inbox")
        self._people: SlackPeople | None = None
        self._sockets: SlackSockets | None = None
        self._webhook: HttpServer | None = None

    @property
    def port(self) -> int:
        """The port of HTTP mode."""
        return self._webhook.port if self._webhook else 0

    async def alive(self) -> int:
        """Return how many ways in are open: connections in Socket Mode, 1 for a listening server."""
        if self._sockets is not None:
            return await self._sockets.alive()
        return int(self._webhook is not None)

    async def start(self) -> None:
        """Connect and begin to listen.

        Raises:
            SlackMisconfigured: A token is not taken.
            Busy, Unreachable: Slack could not be asked.
        """
        identity = await self._client.open()
        self._people = SlackPeople(self._client.web, team=identity.team, clock=self._clock)
        app = self._app(identity, self._people)
        if self._options.mode == "http":
            self._webhook = webhook(app, host=self._options.host, port=self._options.port)
            await self._webhook.start()
            return

        async def receive(line: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            started = asyncio.get_running_loop().time()
            await send_async_response(line, request, await run_async_bolt_app(app, request), started)

        self._sockets = SlackSockets(self._options, web=self._client.web, listener=receive)
        await self._sockets.start()

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._sockets is not None:
            await self._sockets.stop()
        if self._webhook is not None:
            await self._webhook.stop()
        self._commits.shutdown(wait=True)
        await self._client.aclose()

    def introduce(self, handler: Handler) -> Handler:
        """Return the handler that first asks Slack who somebody is; give this to `Inbox.start`.

        Events of other surfaces pass untouched. While Slack cannot be asked, the event waits.
        """

        async def introduced(event: Event) -> None:
            if event.thread.surface is Surface.SLACK:
                event = await self._vouched(event)
            await handler(event)

        return introduced

    async def _vouched(self, event: Event) -> Event:
        if self._people is None:
            raise TryLater(1.0)
        try:
            return replace(event, principal=await self._people.vouched(event.principal))
        except Busy as busy:
            raise TryLater(busy.retry_after) from busy
        except (Gone, Rejected, Unreachable) as error:
            raise TryLater(2.0) from error

    def _app(self, identity: Identity, people: SlackPeople) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=identity.team,
                bot_user_id=identity.bot_user,
                bot_id=identity.bot_id,
                bot_token=self._options.bot_token,
            )

        over_http = self._options.mode == "http"
        app = AsyncApp(
            name="escher",
            logger=quiet_logger(),
            client=self._client.web,
            authorize=authorize,
            signing_secret=self._options.signing_secret,
            request_verification_enabled=over_http,
            ssl_check_enabled=False,
            before_authorize=Door(identity, first_sight=self._first_sight if over_http else None),
            process_before_response=False,
        )
        events = SlackEvents(team=identity.team, bot_user=identity.bot_user, people=people, clock=self._clock)
        home = SlackHome(self._client, people, self._home_view) if self._home_view else None
        app.use(Reception(events=events, accept=self._accept, client=self._client, home=home))
        return app

    async def _accept(self, event: Event) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._commits, self._inbox.accept, event)

    async def _first_sight(self, key: str) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._commits, self._inbox.first_sight, key)


class Door(AsyncMiddleware):
    """Turns away what is not for our workspace, and in HTTP mode a signature that was seen before.

    A signature is valid for five minutes (https://docs.slack.dev/authentication/verifying-requests-from-slack/); Slack
    signs each retry anew, so the same signature twice is a replay.
    """

    def __init__(self, identity: Identity, *, first_sight: Callable[[str], Awaitable[bool]] | None) -> None:
        self._identity = identity
        self._first_sight = first_sight

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - bolt's own name
    ) -> BoltResponse | None:
        """Let a request in or answer it."""
        del resp
        if self._first_sight is not None and not await self._is_new(req, self._first_sight):
            _log.warning("a replayed slack request was refused")
            return BoltResponse(status=_UNAUTHORISED, body={"error": "replayed request"})
        body: Payload = req.body
        if body.get("type") != "url_verification" and workspace_of(body) != self._identity.team:
            _log.warning("a slack payload for another workspace was dropped")
            return BoltResponse(status=_OK, body="")
        return await next()

    async def _is_new(self, req: AsyncBoltRequest, first_sight: Callable[[str], Awaitable[bool]]) -> bool:
        signature = (req.headers.get("x-slack-signature") or [""])[0]
        return await first_sight(f"slack:signature:{signature}")


class Reception(AsyncMiddleware):
    """Makes events durable and acknowledges; starts what needs no memory after the acknowledgement."""

    def __init__(
        self,
        *,
        events: SlackEvents,
        accept: Callable[[Event], Awaitable[bool]],
        client: SlackClient,
        home: SlackHome | None,
    ) -> None:
        self._events = events
        self._accept = accept
        self._client = client
        self._home = home

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - bolt's own name
    ) -> BoltResponse | None:
        """Answer every request: 200 when it is durable or of no concern, 503 when it could not be kept."""
        del resp, next
        body: Payload = req.body
        try:
            if self._starts_a_look(body):
                return BoltResponse(status=_OK, body="")
            event = self._events.read(body)
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("a slack payload could not be read", type=body.get("type"), error=type(error).__name__)
            return BoltResponse(status=_OK, body="")
        if event is None:
            return BoltResponse(status=_OK, body="")
        kept = False
        try:
            await self._accept(event)
            kept = True
        except Exception as error:  # noqa: BLE001 - whatever the reason: not durable, so not acknowledged, so sent again
            _log.error("a slack event could not be made durable", error=type(error).__name__)
        if kept and "command" in body:
            self._client.door(event.thread.channel, _through(str(body.get("response_url") or "")))
        return BoltResponse(status=_OK if kept else _UNAVAILABLE, body="")

    def _starts_a_look(self, body: Payload) -> bool:
        """Start a dialog or the Home tab when the payload asks for one; True when that is all it asks for."""
        inner = body.get("event") or {}
        if inner.get("type") == "app_home_opened":
            if self._home is not None and inner.get("tab") == "home":
                spawn(self._home.show(str(inner["user"])), name="slack home")
            return True
        if body.get("type") != "block_actions":
            return False
        press = press_of(body)
        view = self._client.dialogs.view_for(press) if press.trigger else None
        if view is not None:
            spawn(self._ask(press, view), name="slack dialog")
        return view is not None

    async def _ask(self, press: Press, view: dict[str, Any]) -> None:
        try:
            await self._client.open_dialog(press.trigger, view)
        except (Busy, Gone, Rejected, Unreachable) as error:
            _log.warning("a dialog could not be opened", error=type(error).__name__, reason=str(error))


def _through(response_url: str) -> Callable[[str], Awaitable[None]]:
    async def knock(text: str) -> None:
        if response_url:
            webhook = AsyncWebhookClient(response_url, timeout=5, logger=quiet_logger())
            await webhook.send(text=text, response_type="ephemeral")

    return knock


__all__ = ["SlackListener", "SlackMisconfigured"]
