"""The port to the agent server's understanding and planning, and its HTTP client."""

from typing import Protocol

import httpx

from agent_server.contract.answer import AnswerReply, AnswerRequest
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from engine.planning.wire import AgentWire, Token, no_token


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

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Answer a question from figures.

        Raises:
            PlannerUnavailable: When there is no usable answer.
        """
        ...

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Judge an event or an outcome.

        Raises:
            PlannerUnavailable: When there is no usable answer.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class HttpPlanner:
    """The agent server over HTTP.

    Args:
        url: Its base address.
        token: Gives the bearer token for each request, or None without authentication.
        transport: For tests: another httpx transport.
    """

    def __init__(self, url: str, *, token: Token = no_token, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._wire = AgentWire(url, token=token, transport=transport)

    async def understand(self, request: IntentRequest) -> Intent:
        """Ask `POST /v1/intent`."""
        return await self._wire.post("/v1/intent", request, Intent)

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Ask `POST /v1/plan`."""
        return await self._wire.post("/v1/plan", request, PlanReply)

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Ask `POST /v1/answer`."""
        return await self._wire.post("/v1/answer", request, AnswerReply)

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Ask `POST /v1/assess`."""
        return await self._wire.post("/v1/assess", request, AssessReply)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()
