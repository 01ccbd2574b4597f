"""The port to the agent server, and its HTTP client.

The client follows no redirects, sends no cookies and keeps nothing. Every way in which the server can fail becomes
`PlannerUnavailable` with a sentence for the person; their message stays in the inbox.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest

DEADLINE_SECONDS = 30.0
_MOST_REPLY_BYTES = 4 * 1024 * 1024
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


class Planner(Protocol):
    """Understands words and proposes plans; everything it returns is untrusted."""

    async def understand(self, request: IntentRequest) -> Intent:
        """Say what a message means.

        Raises:
            PlannerUnavailable: When there is no usable answer.
        """
        ...

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Propose a plan over handles.

        Raises:
            PlannerUnavailable: When there is no usable answer.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


async def _no_token() -> str | None:
    return None


class HttpPlanner:
    """The agent server over HTTP.

    Args:
        url: Its base address.
        token: Gives the bearer token for each request, or None without authentication.
        transport: For tests: another httpx transport.
    """

    def __init__(
        self, url: str, *, token: Token = _no_token, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._token = token
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(DEADLINE_SECONDS, connect=3.0),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def understand(self, request: IntentRequest) -> Intent:
        """Ask `POST /v1/intent`."""
        return await self._ask("/v1/intent", request, Intent)

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Ask `POST /v1/plan`."""
        return await self._ask("/v1/plan", request, PlanReply)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, path: str, request: BaseModel, reply: type[_Reply]) -> _Reply:
        token = await self._token()
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        body = request.model_dump_json(exclude_none=True)
        try:
            answer = await self._http.post(path, content=body, headers=headers)
        except httpx.ConnectError:
            raise PlannerUnavailable("I cannot reach the agent server") from None
        except httpx.TimeoutException:
            raise PlannerUnavailable(f"the agent server did not answer within {DEADLINE_SECONDS:.0f} s") from None
        except httpx.HTTPError as error:
            raise PlannerUnavailable(f"the connection to the agent server broke ({type(error).__name__})") from None
        _check(answer)
        try:
            return reply.model_validate_json(answer.content)
        except ValidationError:
            raise PlannerUnavailable("the agent server's answer does not have the agreed form") from None


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.OK and len(answer.content) <= _MOST_REPLY_BYTES:
        return
    wait = answer.headers.get("retry-after", "")
    retry_after = float(wait) if wait.isdigit() else None
    reasons = {
        200: "the agent server's answer is too large",
        400: "the agent server did not understand my request",
        401: "the agent server does not accept my login; run `escher login`",
        403: "the agent server says this runner belongs to another tenant",
        413: "the request is too large for the agent server",
        422: "the agent server found my request invalid",
        429: "the agent server is busy",
        503: "the agent server's model is not available",
    }
    raise PlannerUnavailable(reasons.get(status, f"the agent server answered {status}"), retry_after=retry_after)
