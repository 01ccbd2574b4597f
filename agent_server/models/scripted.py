"""A model that answers what a test wrote down, in order; what it was asked can be looked at afterwards."""

from collections.abc import Iterable
from typing import TypeVar

from agent_server.agents.drafting import draft
from agent_server.agents.ranking import ranked
from agent_server.contract.answer import AnswerReply, AnswerRequest
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from agent_server.contract.playbook import DraftReply, DraftRequest
from agent_server.models.port import RankedByModel, ToRank

_Answer = TypeVar("_Answer")


class ScriptEnded(Exception):
    """The model was asked more often than the script has answers."""


class Scripted:
    """Answers by script.

    Args:
        intents: Answers to messages; an exception is raised.
        plans: Answers to requests for plans; an exception is raised.
        answers: Answers to questions; an exception is raised.
        judgements: Answers to requests for a judgement; an exception is raised.

    Attributes:
        asked: Every request it got.
    """

    name = "scripted"

    def __init__(
        self,
        *,
        intents: Iterable[Intent | Exception] = (),
        plans: Iterable[PlanReply | Exception] = (),
        answers: Iterable[AnswerReply | Exception] = (),
        judgements: Iterable[AssessReply | Exception] = (),
    ) -> None:
        self._intents = iter(tuple(intents))
        self._plans = iter(tuple(plans))
        self._answers = iter(tuple(answers))
        self._judgements = iter(tuple(judgements))
        self.asked: list[IntentRequest | PlanRequest | AnswerRequest | AssessRequest] = []

    async def understand(self, request: IntentRequest) -> Intent:
        """Return the next intent of the script."""
        self.asked.append(request)
        return _taken(next(self._intents, ScriptEnded("no intent is left")))

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Return the next plan of the script."""
        self.asked.append(request)
        return _taken(next(self._plans, ScriptEnded("no plan is left")))

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Return the next answer of the script."""
        self.asked.append(request)
        return _taken(next(self._answers, ScriptEnded("no answer is left")))

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Return the next judgement of the script."""
        self.asked.append(request)
        return _taken(next(self._judgements, ScriptEnded("no judgement is left")))

    async def rank(self, asked: ToRank) -> RankedByModel:
        """Rank by rules: a script would have to know the candidates."""
        return RankedByModel(ranked=ranked(asked.need, asked.candidates), model=self.name)

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Draft by rules."""
        return draft(request).model_copy(update={"model": self.name})


def _taken(answer: _Answer | Exception) -> _Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer
