"""What any language model must do for Escher."""

from dataclasses import dataclass
from typing import Protocol

from agent_server.agents.ranking import Candidate, Ranked
from agent_server.contract.answer import AnswerReply, AnswerRequest
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from agent_server.contract.playbook import DraftReply, DraftRequest, Need


class Model(Protocol):
    """Understands a message; an implementation per vendor, and one without any."""

    async def understand(self, request: IntentRequest) -> Intent:
        """Return what the message asks for, in the closed vocabulary; never raises on any text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRank:
    """Playbooks that might fit a need.

    Attributes:
        text: The request as it was typed.
    """

    text: str
    need: Need
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedByModel:
    """Those that fit, best first.

    Attributes:
        model: Which model ranked.
        tainted: Whether it read what somebody outside wrote.
    """

    ranked: tuple[Ranked, ...]
    model: str
    tainted: bool = False


class RankingModel(Protocol):
    """Orders playbooks by how well they fit."""

    async def rank(self, asked: ToRank) -> RankedByModel:
        """Return the candidates that fit, best first."""
        ...


class DraftingModel(Protocol):
    """Makes playbooks of what was done."""

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Return a playbook in state draft; a model may word it, the rules make it."""
        ...


class PlanningModel(Model, RankingModel, DraftingModel, Protocol):
    """Understands messages, proposes plans, answers, judges and ranks: what the server answers with.

    Attributes:
        name: Said by `GET /health`.
    """

    name: str

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Return a proposal over the request's handles, a question, or a reasoned no."""
        ...

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Return an answer from the request's figures and nothing else, or what is missing."""
        ...

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Return how bad an event or an outcome is, and what to do next."""
        ...


class ModelUnavailable(Exception):
    """The model cannot answer now.

    Attributes:
        retry_after: Seconds after which it is worth trying again.
    """

    def __init__(self, *, retry_after: int = 5) -> None:
        super().__init__("the model is not available")
        self.retry_after = retry_after
