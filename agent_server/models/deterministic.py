"""The model without a model: the offline parser understands, the operations agent plans. Always there, always the same."""

from functools import cached_property

from agent_server.agents import operations
from agent_server.agents.answering.answer import answer
from agent_server.agents.assessing import remedies
from agent_server.agents.assessing.assess import assess
from agent_server.agents.drafting import draft
from agent_server.agents.helping.help import helped
from agent_server.agents.helping.unable import unable
from agent_server.agents.ranking import ranked
from agent_server.contract.answer import AnswerReply, AnswerRequest, Source
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentKind, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from agent_server.contract.playbook import DraftReply, DraftRequest
from agent_server.knowledge.store import Knowledge
from agent_server.models.port import Model, RankedByModel, ToRank

NAME = "offline"


class Deterministic:
    """The offline planner.

    Args:
        parser: Understands words; the offline parser unless a test says otherwise.
        knowledge: Where playbooks, commands and practices are found; by words alone when not given.
    """

    name = NAME

    def __init__(self, parser: Model | None = None, knowledge: Knowledge | None = None) -> None:
        self._given = parser
        self.knowledge = knowledge or Knowledge()

    @cached_property
    def parser(self) -> Model:
        """The parser, which reads its tables when first asked for."""
        if self._given is not None:
            return self._given
        from agent_server.models.offline import OfflineModel  # noqa: PLC0415 - its tables are read at the import

        return OfflineModel()

    async def understand(self, request: IntentRequest) -> Intent:
        """Parse the words; a question for help is answered at once from what the server knows."""
        intent = await self.parser.understand(request)
        if intent.intent in {IntentKind.EXECUTE, IntentKind.QUERY} and (cannot := unable(intent)):
            intent = intent.model_copy(update={"answer": cannot[0], "needs_clarification": False, "question": ""})
        elif intent.intent is IntentKind.HELP:
            told = helped(request.text, intent, self.knowledge)
            intent = intent.model_copy(update={"answer": told.text, "sources": list(told.sources)})
        return intent if intent.model else intent.model_copy(update={"model": NAME})

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Plan by rules."""
        return operations.propose(request).model_copy(update={"model": NAME})

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Compute the answer; without figures the question is about how things work."""
        if request.snapshot is None:
            told = helped(request.text, request.intent, self.knowledge)
            reply = AnswerReply(
                known=told.known, paragraphs=[told.text], sources=[Source(title=one) for one in told.sources]
            )
            return reply.model_copy(update={"model": NAME})
        return answer(request).model_copy(update={"model": NAME})

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Judge by tables, and name what helps."""
        judged = assess(request).model_copy(update={"model": NAME})
        if (event := request.event) is None:
            return judged
        helping = {
            "sources": remedies.sources(event),
            "playbooks": remedies.playbooks(event, request.targets, self.knowledge),
        }
        return judged.model_copy(update=helping)

    async def rank(self, asked: ToRank) -> RankedByModel:
        """Rank by rules."""
        return RankedByModel(ranked=ranked(asked.need, asked.candidates), model=NAME)

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Draft by rules."""
        return draft(request).model_copy(update={"model": NAME})
