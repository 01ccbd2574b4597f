"""A local endpoint as a process: one vendor's `Dialect` behind the desk (gate, faults, call log), served by uvicorn.

The dialect knows the vendor's addresses and error bodies; everything that is the same for every vendor is here: the
desk is asked before a call is carried out and told afterwards, a response can be dropped after the work is done, and the
address is printed when the endpoint can be called.
"""

import argparse
import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.clock import Clock, system_clock
from engine.sandbox.company import DEFAULT_SCALE, DEFAULT_SEED
from engine.sandbox.gate import OUTSIDE_HEADER, Desk, FaultKind, Incoming, Ruling, is_outside

HOST = "127.0.0.1"
BACKLOG = 2048
DEFAULT_OPERATION_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a request asks for, in the words of the call log and the fault table.

    `service` and `name` are the last two parts of the operation id that our catalogue gives the same call, so that
    the endpoint's log can be compared with the journal.
    """

    service: str
    name: str
    region: str
    mutating: bool
    account: str


class Dialect(Protocol):
    """One vendor's half of an endpoint."""

    def identify(self, request: Request) -> Action:
        """Say what a request asks for; must not change anything and must not fail."""
        ...

    async def carry_out(self, request: Request) -> Response:
        """Do it, and answer as the vendor does; refusals of the vendor are answers too."""
        ...

    def refuse(self, request: Request, sentence: str) -> Response:
        """Answer a call that the gate does not let through."""
        ...

    def misfortune(self, request: Request, kind: FaultKind, seconds: float) -> Response:
        """Answer a call that fails on purpose: throttled, denied or broken."""
        ...


class Endpoint:
    """The ASGI application: the desk around a dialect."""

    def __init__(self, *, dialect: Dialect, desk: Desk) -> None:
        self._dialect = dialect
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        await request.body()
        own = self._desk.answer(
            method=request.method,
            path=request.url.path,
            query=request.query_params,
            body=await request.body(),
        )
        if own is not None:
            await Response(own.encoded(), status_code=own.status, media_type="application/json")(scope, receive, send)
            return
        action = self._dialect.identify(request)
        incoming = _incoming(action, request.headers)
        ruling = self._desk.rule(incoming)
        response = await self._response(request, ruling)
        self._desk.record(incoming, ruling, status=response.status_code)
        if ruling.fault is FaultKind.DROP_RESPONSE:
            await _hang_up(scope, receive)
            return
        await response(scope, receive, send)

    async def _response(self, request: Request, ruling: Ruling) -> Response:
        if ruling.refusal is not None:
            return self._dialect.refuse(request, ruling.refusal)
        if ruling.fault in {FaultKind.THROTTLE, FaultKind.DENY, FaultKind.ERROR500}:
            return self._dialect.misfortune(request, ruling.fault, ruling.seconds)
        if ruling.fault is FaultKind.DELAY:
            await asyncio.sleep(ruling.seconds)
        return await self._dialect.carry_out(request)


def _incoming(action: Action, headers: Mapping[str, str]) -> Incoming:
    return Incoming(
        service=action.service,
        action=action.name,
        region=action.region,
        mutating=action.mutating,
        account=action.account,
        user_agent=headers.get("user-agent", ""),
        outside=is_outside(headers.get(OUTSIDE_HEADER)),
    )


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection of a request without an answer, and wait until uvicorn knows."""
    transports: Mapping[tuple[str, int], asyncio.Transport] = scope["state"]["transports"]
    transports[tuple(scope["client"])].close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _protocol(transports: dict[tuple[str, int], asyncio.Transport]) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, extended so that a connection can be closed from inside a request."""

    class Closable(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
            super().connection_made(transport)
            self.app_state["transports"] = transports
            self._peer = transport.get_extra_info("peername")[:2]
            transports[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            transports.pop(self._peer, None)

    return Closable


class Build(Protocol):
    """Makes an endpoint, seeded with the company; changes take `seconds`."""

    def __call__(self, *, seed: int, scale: int, gate: bool, seconds: float, clock: Clock) -> Endpoint:
        """Make it."""
        ...


def run(name: str, build: Build) -> None:
    """Serve a cloud as its command line says, until told to stop."""
    options = _arguments(f"python -m engine.sandbox.{name}")
    serve(
        name=name,
        port=options.port,
        exit_with_parent=options.exit_with_parent,
        build=lambda: build(
            seed=options.seed,
            scale=options.scale,
            gate=options.gate,
            seconds=options.operation_seconds,
            clock=system_clock,
        ),
    )


def _arguments(program: str) -> argparse.Namespace:
    """Read the command line that all endpoints share."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--scale", type=int, default=DEFAULT_SCALE, help="resources over all three clouds")
    parser.add_argument("--gate", action="store_true", help="refuse changes that name no plan's step")
    parser.add_argument(
        "--operation-seconds", type=float, default=DEFAULT_OPERATION_SECONDS, help="how long a change takes"
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input does")
    return parser.parse_args()


def serve(*, name: str, port: int, exit_with_parent: bool, build: Callable[[], Endpoint]) -> None:
    """Serve an endpoint on loopback until told to stop; print `NAME endpoint: http://…` when it can be called.

    Args:
        name: What the printed line calls it.
        port: 0 picks a free one.
        exit_with_parent: Whether to end when standard input does.
        build: Makes the endpoint.
    """
    listener = socket.create_server((HOST, port), backlog=BACKLOG)
    transports: dict[tuple[str, int], asyncio.Transport] = {}
    config = uvicorn.Config(
        build(),
        http=_protocol(transports),
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    # The seeded company lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    if exit_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    print(f"{name} endpoint: http://{HOST}:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - the promised line
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the parent's end of the pipe is gone, however it died."""
    sys.stdin.buffer.read()
    os._exit(0)


def body_of(request_body: bytes, decode: Callable[[bytes], Any]) -> dict[str, Any] | None:
    """Return a request's JSON object; an empty one when there is no body; None when it is not an object."""
    if not request_body.strip():
        return {}
    try:
        document = decode(request_body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
