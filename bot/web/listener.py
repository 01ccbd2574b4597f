"""The console's server: on 127.0.0.1 only, inside the runner's event loop."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.http_server import HttpServer
from bot.inbox import Inbox
from bot.listening import listening_on
from bot.web.api import MOST_BYTES, ConsoleApi
from bot.web.client import WebPlatform
from bot.web.doors import Doors
from bot.web.gate import Gate
from engine.clock import Clock
from engine.principal import Principal

_HOST = "127.0.0.1"

EXAMPLES: Final = (
    "show me all idle EC2 instances in us-east-1",
    "stop all dev EC2 instances",
    "which buckets are public",
    "what changed since yesterday",
    "report",
)
TRY_OUT_EXAMPLES: Final = (*EXAMPLES[:2], "make bucket acme-payroll-exports private", *EXAMPLES[3:])
"""For the sandbox, whose company has such a bucket."""


class WebListener:
    """Serves the console.

    Args:
        port: Where to listen; 0 picks a free port.
        platform: What rooms show.
        inbox: Where events are made durable before they are acknowledged.
        principal: The runner's own user.
        personas: Second persons of a try-out, whom the page lets one be; none in production.
        clock: The time.
        demo_open: For the try-out: its address opens the console as often as it is used, also after the runner died
            and its keeper, the parent process, started it again.
        examples: What an empty room offers to try; none: what suits most, or the sandbox of a try-out.
    """

    def __init__(
        self,
        *,
        port: int,
        platform: WebPlatform,
        inbox: Inbox,
        principal: Principal,
        personas: Sequence[Principal] = (),
        clock: Clock,
        demo_open: bool = False,
        examples: Sequence[str] = (),
    ) -> None:
        self._wanted_port = port
        self._platform = platform
        self._inbox = inbox
        self._people = (principal, *(one for one in personas if one.id != principal.id))
        self._clock = clock
        self._demo_open = demo_open
        self._examples = examples or (TRY_OUT_EXAMPLES if demo_open else EXAMPLES)
        self._doors = Doors(clock)
        self._begun_by = _keeper()
        self._server: HttpServer | None = None

    @property
    def port(self) -> int:
        """The port it listens on; 0 before it was started."""
        return self._server.port if self._server is not None else 0

    async def start(self) -> str:
        """Begin to listen; return the address to open.

        Raises:
            SettingsError: Something else listens there.
            StorageUnavailable: The record cannot be used.
        """
        if self._demo_open:
            self._doors = Doors(self._clock, secret=await self._platform.secret_of(self._begun_by))
        listener = listening_on(_HOST, self._wanted_port, setting="web.port")
        port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            self._application(port),
            ws="websockets-sansio",
            ws_max_size=MOST_BYTES,
            lifespan="off",
            log_level="warning",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = HttpServer(config, listener, name="web console")
        await self._server.start()
        return self.new_link() if self._demo_open else f"http://{_HOST}:{port}/"

    def new_link(self) -> str:
        """Return an address that opens the console once, within five minutes; in a try-out the one `start` returned."""
        return self._url(self._doors.new_link())

    async def stop(self) -> None:
        """Close every page's line and stop listening."""
        if self._server is None:
            return
        await self._server.stop()
        self._server = None

    def _url(self, token: str) -> str:
        return f"http://{_HOST}:{self.port}/?token={token}"

    def _application(self, port: int) -> Starlette:
        api = ConsoleApi(
            port=port,
            platform=self._platform,
            inbox=self._inbox,
            people=self._people,
            doors=self._doors,
            clock=self._clock,
            examples=self._examples,
        )
        routes = [
            Route("/", api.page),
            Route("/static/{path:path}", api.static),
            Route("/files/{file}", api.file),
            Route("/api/session", api.session),
            Route("/api/say", api.say, methods=["POST"]),
            Route("/api/press", api.press, methods=["POST"]),
            WebSocketRoute("/api/events", api.events),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Gate, port=port, doors=self._doors)],
            exception_handlers={HTTPException: _plain_no},
        )


def _keeper() -> str:
    """Name the process that keeps this one alive: its number and, where the system tells, the moment it began."""
    number = os.getppid()
    try:
        # proc(5): the 22nd field is the start time; the second, in brackets, may hold anything.
        began = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        began = ""
    return f"{number}/{began}"


async def _plain_no(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = "There is nothing here." if status == 404 else "That cannot be done here."  # noqa: PLR2004 - HTTP's word
    return JSONResponse({"error": sentence}, status_code=status)


__all__ = ["EXAMPLES", "TRY_OUT_EXAMPLES", "WebListener"]
