"""Our own server with one route, `POST /api/messages`, in the runner's event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.listening import listening_on
from engine.tasks import spawn

PATH: Final = "/api/messages"
MOST_BYTES: Final = 262_144
"""More than the 100 KB of a message, counted as UTF-16, as UTF-8 with everything around it."""

Answer = Callable[[Request], Awaitable[Response]]


def application(answer: Answer) -> Starlette:
    """Return the ASGI application; a body of unknown or needless length is refused before it is read."""

    async def bounded(request: Request) -> Response:
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return PlainTextResponse("too large, or of unknown length", status_code=413)
        return await answer(request)

    return Starlette(routes=[Route(PATH, bounded, methods=["POST"])])


class TeamsWebhook:
    """The server.

    Args:
        answer: Answers each request.
        host: Where to listen.
        port: Where to listen; 0 picks a free port.

    Raises:
        SettingsError: Something else listens there.
    """

    def __init__(self, answer: Answer, *, host: str, port: int) -> None:
        config = uvicorn.Config(
            application(answer),
            log_level="warning",
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=3,
            proxy_headers=False,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._socket = listening_on(host, port, setting="teams.port")
        self._ticking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Begin to answer; signals stay with the process, so `serve` is not used."""
        await self._server.startup(sockets=[self._socket])
        self._ticking = spawn(self._server.main_loop(), name="teams webhook")

    async def stop(self) -> None:
        """Finish what is being answered and close."""
        self._server.should_exit = True
        if self._ticking is not None:
            await self._ticking
        await self._server.shutdown(sockets=[self._socket])
