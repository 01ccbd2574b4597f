"""Requests to the agent server: one connection pool that follows no redirects, sends no cookies and keeps nothing.

Every way in which the server can fail becomes `PlannerUnavailable` with a clause for the person; a reasoned "no" of its registry
becomes `Declined`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

DEADLINE_SECONDS = 30.0
_MOST_REPLY_BYTES = 4 * 1024 * 1024
_MOST_DETAIL = 300
_NO = frozenset({400, 404, 409, 413, 422})
"""Answers after which the same request would only be answered so again."""
_Reply = TypeVar("_Reply", bound=BaseModel)
Token = Callable[[], Awaitable[str | None]]


class PlannerUnavailable(Exception):
    """The agent server gave no usable answer.

    Attributes:
        reason: A clause for "I could not plan because …".
        retry_after: Seconds to wait, when the server said so.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Declined(PlannerUnavailable):
    """The server understood and says no: there is no such thing, or it does not go with what is there, or the request is not one.

    Attributes:
        status: 400, 404, 409, 413 or 422.
        code: The problem's own code, such as `not_enabled`; empty when something else than the server answered.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail or f"the agent server answered {status}")
        self.status = status
        self.code = code


async def no_token() -> str | None:
    """Give none: the server wants no authentication."""
    return None


class AgentWire:
    """The agent server over HTTP.

    Args:
        url: Its base address.
        token: Gives the bearer token for each request, or None without authentication.
        transport: For tests: another httpx transport.
    """

    def __init__(self, url: str, *, token: Token = no_token, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._token = token
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(DEADLINE_SECONDS, connect=3.0),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def post(self, path: str, request: BaseModel, reply: type[_Reply]) -> _Reply:
        """Send a request and return its answer.

        Raises:
            Declined: A "no" with its reason.
            PlannerUnavailable: There is no usable answer.
        """
        return await self._ask("POST", path, request.model_dump_json(exclude_none=True), reply)

    async def get(self, path: str, reply: type[_Reply]) -> _Reply:
        """Read something.

        Raises:
            Declined, PlannerUnavailable: As for `post`.
        """
        return await self._ask("GET", path, "", reply)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, body: str, reply: type[_Reply]) -> _Reply:
        token = await self._token()
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                self._http.stream(method, path, content=body or None, headers=headers) as answer,
            ):
                data = await _whole(answer)
        except httpx.ConnectError:
            raise PlannerUnavailable("I cannot reach the agent server") from None
        except (httpx.TimeoutException, TimeoutError):
            raise PlannerUnavailable(f"the agent server did not answer within {DEADLINE_SECONDS:.0f} s") from None
        except httpx.HTTPError as error:
            raise PlannerUnavailable(f"the connection to the agent server broke ({type(error).__name__})") from None
        _check(answer, data)
        try:
            return reply.model_validate_json(data)
        except ValidationError:
            raise PlannerUnavailable("the agent server's answer does not have the agreed form") from None


async def _whole(answer: httpx.Response) -> bytes:
    """Return the body; no more of it is ever held than an answer may have."""
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > _MOST_REPLY_BYTES:
            raise PlannerUnavailable("the agent server's answer is too large")
    return bytes(data)


def _check(answer: httpx.Response, data: bytes) -> None:
    status = answer.status_code
    if status in {httpx.codes.OK, httpx.codes.CREATED}:
        return
    if status in _NO:
        declined = _declined(status, data)
        if declined.code or status in {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}:
            raise declined
    wait = answer.headers.get("retry-after", "")
    retry_after = float(wait) if wait.isdigit() else None
    reasons = {
        400: "the agent server did not understand my request",
        401: "the agent server does not accept my login; run `escher login`",
        403: "the agent server says this runner belongs to another tenant",
        413: "the request is too large for the agent server",
        422: "the agent server found my request invalid",
        429: "the agent server is busy",
        503: "the agent server's model is not available",
    }
    raise PlannerUnavailable(reasons.get(status, f"the agent server answered {status}"), retry_after=retry_after)


def _declined(status: int, data: bytes) -> Declined:
    """Read a problem document (RFC 9457); what is no such thing still is a "no"."""
    try:
        problem = json.loads(data)
    except ValueError:
        problem = {}
    told = problem if isinstance(problem, dict) else {}
    return Declined(status, str(told.get("code", ""))[:64], str(told.get("detail", ""))[:_MOST_DETAIL])
