"""Socket Mode connections that stay open.

Slack recycles each connection about hourly and each event goes to one of them
(https://docs.slack.dev/apis/events-api/using-socket-mode/). So two are kept, and when one ends or is about to, its
successor is opened before it is closed. slack_sdk by itself closes first, and keeps trying one used-up address for ever
when opening fails; here it only says when a connection is done for.
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
CLOSE_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.1
PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
SHORT_LIFE_SECONDS: Final = 1.0
_REFUSED = frozenset({"invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope", "token_revoked"})


class Line(SocketModeClient):
    """One connection, which ends instead of renewing itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.over = asyncio.Event()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Say that this connection is done for: Slack announced its end, it was closed, or pings go unanswered."""
        del force
        self.over.set()


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
        self._lines: list[Line] = []
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
        """Return how many connections are up and not about to end."""
        return sum([await line.is_connected() for line in self._lines if not line.over.is_set()])

    async def _keep(self, line: Line | None) -> None:
        """Hold one connection: when it is over, open the next, then close it."""
        failures = 0
        clock = asyncio.get_running_loop().time
        while not self._stopping:
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            since = clock()
            try:
                if line is not None:
                    await _over(line)
                failures = failures + 1 if line is not None and clock() - since < SHORT_LIFE_SECONDS else 0
                fresh = await self._opened()
            except (SlackMisconfigured, SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                _log.warning("slack cannot be connected", error=type(error).__name__, failures=failures)
                continue
            if line is not None:
                spawn(self._retire(line), name="slack socket retiring")
            line = fresh

    async def _retire(self, line: Line) -> None:
        """Close a connection after what it was still acknowledging."""
        if await line.is_connected():
            await asyncio.sleep(GRACE_SECONDS)
        await self._closed(line)

    async def _opened(self) -> Line:
        line = Line(
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

    async def _closed(self, line: Line) -> None:
        if line in self._lines:
            self._lines.remove(line)
        await _close(line)


async def _over(line: Line) -> None:
    """Return when a connection ended or is about to."""
    while not line.over.is_set() and await line.is_connected():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await line.over.wait()


async def _connect(line: Any) -> None:
    """Connect; slack_sdk leaves the method untyped."""
    await line.connect()


async def _close(line: Any) -> None:
    """Close without waiting long for a peer that is gone; slack_sdk leaves the method untyped."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await line.close()
