"""The door in front of every page: who asks, how often, how much; and the one log line a request leaves.

A request is read no further than it has earned: token, then rate, then media type, then at most 2 MiB of body, counted while they
arrive, then a look for credentials. Nothing of a body is ever logged.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_server import problems
from agent_server.credentials import holds_credential
from agent_server.limiting import Limiter
from agent_server.models.metering import Meter, open_meter
from agent_server.models.metering import meter as current
from agent_server.problems import Problem

MOST_BYTES = 2 * 1024 * 1024
OPEN = frozenset({"/health", "/ready", "/openapi.json"})
THINKING = frozenset(
    {"/v1/intent", "/v1/plan", "/v1/answer", "/v1/assess", "/v1/playbooks/search", "/v1/playbooks/draft"}
)
_REGISTRY = tuple(
    (re.compile(re.sub(r"{\w+}", "[^/]+", template)), template)
    for template in (
        "/v1/playbooks",
        "/v1/playbooks/{id}",
        "/v1/playbooks/{id}/{version}",
        "/v1/playbooks/{id}/{version}/review",
        "/v1/playbooks/{id}/{version}/status",
        "/v1/playbooks/{id}/{version}/usage",
        "/v1/playbooks/{id}/{version}/scripts/{language}",
    )
)
_TOO_LONG = "the request took too long"
_RETRY_SECONDS = 5
LOCAL = "local"
OTHER = "other"
_JSON = re.compile(r"application/json\s*(?:;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,10}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
Log = Callable[[Mapping[str, Any]], None]


class Authenticator(Protocol):
    """Tells whose request it is."""

    async def tenant(self, authorization: str) -> str | Problem:
        """Return the tenant by the Authorization header, or why there is none."""
        ...


class Gone(Exception):
    """The caller went away before the request was complete."""


def route(path: str) -> str:
    """Return the page that a path leads to, without the ids in it; `other` where there is none."""
    if path in OPEN | THINKING:
        return path
    return next((template for pattern, template in _REGISTRY if pattern.fullmatch(path)), OTHER)


class Door:
    """ASGI middleware; the pages find the tenant in their scope's state.

    Args:
        app: The pages behind it.
        limiter: Rates by tenant.
        log: Takes the one record of each request.
        authenticator: None when everyone who can reach the server is the local tenant.
        seconds: How long one request may take, from its first byte.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limiter: Limiter,
        log: Log,
        authenticator: Authenticator | None = None,
        seconds: float = 29.0,
    ) -> None:
        self._seconds = seconds
        self._app = app
        self._limiter = limiter
        self._log = log
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        meter = open_meter()
        answer = _Answer(send, _request_id(scope))
        try:
            async with asyncio.timeout(self._seconds):
                await self._serve(scope, receive, answer)
        except TimeoutError:
            answer.status = 503
            if not answer.started:
                await problems.unavailable(_TOO_LONG, _RETRY_SECONDS).response()(scope, receive, answer)
        except Gone:
            answer.status = 499
        except Exception:  # noqa: BLE001 - an exception's text may repeat the request, so it is neither sent nor logged
            answer.status = 500
            if not answer.started:
                await problems.broken().response()(scope, receive, answer)
        finally:
            self._log(_record(scope, answer, meter, time.perf_counter() - began))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        tenant = await self._tenant(headers)
        body: bytes | Problem = b""
        if isinstance(tenant, str) and scope["method"] == "POST" and route(scope["path"]) != OTHER:
            body = await _body(headers, receive)
        if isinstance(tenant, Problem):
            await tenant.response()(scope, receive, send)
        elif isinstance(body, Problem):
            await body.response()(scope, receive, send)
        else:
            current().tenant = tenant
            told = {**scope, "state": {**scope.get("state", {}), "tenant": tenant}}
            await self._app(told, _replayed(body, receive), send)

    async def _tenant(self, headers: Mapping[str, str]) -> str | Problem:
        """Return whose request it is, or why it is not taken."""
        tenant: str | Problem = LOCAL
        if self._authenticator:
            tenant = await self._authenticator.tenant(headers.get("authorization", ""))
        if isinstance(tenant, Problem):
            return tenant
        wait = self._limiter.wait(tenant)
        return problems.too_many(wait) if wait else tenant


class _Answer:
    """Sends an answer on, names the request in it and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 0
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            name = (b"x-request-id", self.request_id.encode())
            message = {**message, "headers": [*message.get("headers", ()), name]}
        await self._send(message)


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes | Problem:
    """Return the body, or why it is not read to its end."""
    if (
        not _JSON.fullmatch(headers.get("content-type", ""))
        or headers.get("content-encoding", "identity") != "identity"
    ):
        return problems.unsupported_media()
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length) or int(length) > MOST_BYTES:
        return problems.too_large(MOST_BYTES)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return problems.too_large(MOST_BYTES)
    return problems.credential() if holds_credential(bytes(body)) else bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, then what the connection says."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _request_id(scope: Scope) -> str:
    said = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return said if _REQUEST_ID.fullmatch(said) else secrets.token_hex(8)


def _record(scope: Scope, answer: _Answer, meter: Meter, seconds: float) -> dict[str, Any]:
    return {
        "request_id": meter.request_id or answer.request_id,
        "route": route(scope["path"]),
        "status": answer.status,
        "ms": round(seconds * 1000, 1),
        "input_tokens": meter.input_tokens,
        "output_tokens": meter.output_tokens,
    }
