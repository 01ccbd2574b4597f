"""A model that answers what a test wrote down, in order; what it was asked can be looked at afterwards."""

from collections.abc import Iterable
from typing import TypeVar

from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest

_Answer = TypeVar("_Answer")


class ScriptEnded(Exception):
    """The model was asked more often than the script has answers."""


class Scripted:
    """Answers by script.

    Args:
        intents: Answers to messages; an exception is raised.
        plans: Answers to requests for plans; an exception is raised.

    Attributes:
        asked: Every request it got.
    """

    name = "scripted"

    def __init__(
        self, *, intents: Iterable[Intent | Exception] = (), plans: Iterable[PlanReply | Exception] = ()
    ) -> None:
        self._intents = iter(tuple(intents))
        self._plans = iter(tuple(plans))
        self.asked: list[IntentRequest | PlanRequest] = []

    async def understand(self, request: IntentRequest) -> Intent:
        """Return the next intent of the script."""
        self.asked.append(request)
        return _taken(next(self._intents, ScriptEnded("no intent is left")))

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Return the next plan of the script."""
        self.asked.append(request)
        return _taken(next(self._plans, ScriptEnded("no plan is left")))


def _taken(answer: _Answer | Exception) -> _Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer
