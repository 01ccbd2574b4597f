"""Our own server with one route, `POST /api/messages`, in the runner's event loop."""

from collections.abc import Awaitable, Callable
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http_server import HttpServer
from bot.listening import listening_on

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


def webhook(answer: Answer, *, host: str, port: int) -> HttpServer:
    """Return the server, which listens and does not answer yet.

    Args:
        answer: Answers each request.
        host: Where to listen.
        port: Where to listen; 0 picks a free port.

    Raises:
        SettingsError: Something else listens there.
    """
    config = uvicorn.Config(
        application(answer),
        log_level="warning",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        proxy_headers=False,
    )
    return HttpServer(config, listening_on(host, port, setting="teams.port"), name="teams webhook")
