"""HTTP mode: one route on our own server, `POST /slack/events`, for events, interactions and commands."""

from typing import Any

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http_server import HttpServer
from bot.listening import listening_on
from bot.slack.manifest import PATH

MOST_BYTES = 1_048_576


class _Bounded:
    """Refuses a body that is larger than any Slack sends before it is read, and a time that is no number.

    Bolt takes the timestamp for a number and answers 500 when it is none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope.get("headers") or [])
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or int(length) > MOST_BYTES:
            await PlainTextResponse("too large, or of unknown length", status_code=413)(scope, receive, send)
            return
        if not headers.get(b"x-slack-request-timestamp", b"").isdigit():
            await PlainTextResponse("invalid request", status_code=401)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def application(app: AsyncApp) -> Starlette:
    """Return the ASGI application that hands `POST /slack/events` to bolt."""
    handler: Any = AsyncSlackRequestHandler(app, path=PATH)
    return Starlette(routes=[Route(PATH, _Bounded(handler), methods=["POST"])])


def webhook(app: AsyncApp, *, host: str, port: int) -> HttpServer:
    """Return the server of HTTP mode, which listens and does not answer yet.

    Args:
        app: The bolt app, which checks every signature.
        host: Where to listen.
        port: Where to listen; 0 picks a free port.

    Raises:
        SettingsError: Something else listens there.
    """
    config = uvicorn.Config(
        application(app),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    return HttpServer(config, listening_on(host, port, setting="slack.port"), name="slack webhook")
