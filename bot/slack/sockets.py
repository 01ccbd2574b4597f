"""Socket Mode connections that stay open.

Slack recycles each connection about hourly and each event goes to one of them, so two are kept: while one is renewed the
other listens (https://docs.slack.dev/apis/events-api/using-socket-mode/). slack_sdk renews a connection by itself, yet
keeps trying one used-up address for ever when opening fails; so each connection is watched, and built anew when it stays
down.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import quiet_logger
from bot.slack.faults import code_of
from bot.slack.options import SlackMisconfigured, SlackOptions
from engine.tasks import spawn

_log = structlog.get_logger(__name__)

Listener = Callable[[AsyncBaseSocketModeClient, SocketModeRequest], Awaitable[None]]

OPEN_SECONDS: Final = 5.0
DOWN_SECONDS: Final = 1.5
CLOSE_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 0.25
PAUSES: Final = (0.1, 0.5, 1.0, 2.0, 4.0)
_REFUSED = frozenset({"invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope", "token_revoked"})


class SlackSockets:
    """Keeps the connections of one app open until stopped.

    Args:
        options: Tokens, number of connections, time between pings.
        web: The Web API, for the addresses of new connections.
        listener: Gets every request; acknowledges it.
    """

    def __init__(self, options: SlackOptions, *, web: AsyncWebClient, listener: Listener) -> None:
        self._options = options
        self._web = web
        self._listener = listener
        self._lines: list[SocketModeClient] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self) -> None:
        """Open the first connection, then the others in the background.

        Raises:
            SlackMisconfigured: Slack does not take the app-level token.
        """
        first = await self._opened()
        self._tasks = [
            spawn(self._keep(first if number == 0 else None), name=f"slack socket {number}")
            for number in range(self._options.connections)
        ]

    async def stop(self) -> None:
        """Close every connection."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in list(self._lines):
            await self._closed(line)

    async def alive(self) -> int:
        """Return how many connections are up."""
        return sum([await line.is_connected() for line in self._lines])

    async def _keep(self, line: SocketModeClient | None) -> None:
        failures = 0
        while not self._stopping:
            try:
                line = line or await self._opened()
                failures = 0
                await self._watch(line)
                _log.warning("a slack connection stayed down and is built anew")
            except (SlackMisconfigured, SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                _log.warning("slack cannot be connected", error=type(error).__name__, failures=failures)
            if line is not None:
                await self._closed(line)
                line = None
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    async def _watch(self, line: SocketModeClient) -> None:
        """Return when the connection was down for longer than slack_sdk takes to renew it."""
        down = 0.0
        while down < DOWN_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            down = 0.0 if await line.is_connected() else down + LOOK_SECONDS

    async def _opened(self) -> SocketModeClient:
        line = SocketModeClient(
            app_token=self._options.app_token,
            web_client=self._web,
            ping_interval=self._options.ping_seconds,
            logger=quiet_logger(),
        )
        line.socket_mode_request_listeners.append(self._listener)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                line.wss_uri = await line.issue_new_wss_url()
                await _connect(line)
        except SlackApiError as error:
            await _close(line)
            if code_of(error) in _REFUSED:
                raise SlackMisconfigured(
                    f"Slack does not take slack.app_token ({code_of(error)}); it needs the scope connections:write"
                ) from error
            raise
        except BaseException:
            await _close(line)
            raise
        self._lines.append(line)
        return line

    async def _closed(self, line: SocketModeClient) -> None:
        if line in self._lines:
            self._lines.remove(line)
        await _close(line)


async def _connect(line: Any) -> None:
    """Connect; slack_sdk leaves the method untyped."""
    await line.connect()


async def _close(line: Any) -> None:
    """Close without waiting long for a peer that is gone; slack_sdk leaves the method untyped."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await line.close()
