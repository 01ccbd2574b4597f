"""Claude beside the rules: one call to understand, one to plan, never alone in deciding.

The rules understand and plan first; their result is the hint, the check and, when Claude does not give a usable answer in time, the answer.
"""

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_server.agents.answering.answer import computed
from agent_server.agents.answering.founded import allowed, handles, unfounded
from agent_server.agents.capabilities import capabilities, serving
from agent_server.agents.groups import Group, grouped
from agent_server.agents.operations import framed, settled
from agent_server.contract.answer import AnswerReply, AnswerRequest
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentKind, IntentRequest
from agent_server.contract.plan import Finding, PlanReply, PlanRequest, ProposedPlan
from agent_server.contract.playbook import DraftReply, DraftRequest
from agent_server.models import drafting, prompts, ranking
from agent_server.models.budget import TokenBudget
from agent_server.models.calling import DEADLINE_SECONDS, Caller, Spent, Unusable
from agent_server.models.merging import GroupedPlan, covers, expanded, is_grounded, riskier, safer_intent
from agent_server.models.port import PlanningModel, RankedByModel, ToRank

UNAVAILABLE = "offline (claude unavailable)"
SPENT = "offline (token budget spent)"
UNFOUNDED = "offline (claude named other figures)"
_MOST_GROUPS = 100


class Worded(BaseModel):
    """An answer as a model words it."""

    model_config = ConfigDict(extra="forbid")

    known: bool
    paragraphs: Annotated[list[Annotated[str, Field(min_length=1, max_length=1500)]], Field(min_length=1, max_length=6)]


class Claude:
    """The model behind a key.

    Args:
        name: Which Claude.
        api_key: The key of the Messages API.
        offline: Understands and plans by rules.
        base_url: Another address of the API (tests).
        max_tokens: Most tokens of one answer.
        deadline: Seconds for one answer with all its retries.
        budget: How many tokens a tenant may use; None for as many as it likes.
    """

    def __init__(
        self,
        *,
        name: str,
        api_key: str,
        offline: PlanningModel,
        base_url: str = "",
        max_tokens: int = 4096,
        deadline: float = DEADLINE_SECONDS,
        budget: TokenBudget | None = None,
    ) -> None:
        self.name = name
        self._offline = offline
        self._caller = Caller(
            name=name, api_key=api_key, base_url=base_url, max_tokens=max_tokens, deadline=deadline, budget=budget
        )

    async def understand(self, request: IntentRequest) -> Intent:
        """Read with Claude; the rules' reading when it gives nothing usable."""
        offline = await self._offline.understand(request)
        try:
            answer = await self._caller.ask(
                "intent",
                "What the last message asks for.",
                prompts.intent_schema(),
                knowledge=prompts.understanding_knowledge(),
                text=prompts.asked(request, offline),
            )
            read = Intent.model_validate({**answer, "model": self.name})
        except (Unusable, ValidationError) as why:
            return offline.model_copy(update={"model": _instead(why)})
        if not is_grounded(read, request):
            return offline.model_copy(update={"model": UNAVAILABLE})
        return _grounded(safer_intent(read, offline, request), offline)

    async def plan(self, request: PlanRequest) -> PlanReply:
        """Plan by rules, and let Claude order what may be ordered; the rules' plan when it gives nothing usable."""
        offline = await self._offline.plan(request)
        if offline.plan is None or request.follow:
            return offline  # a playbook's order is its own
        groups = grouped(request.targets)
        if len(groups) > _MOST_GROUPS:
            return offline.model_copy(update={"validation": [*offline.validation, _TOO_MANY_GROUPS]})
        try:
            return await self._ordered(request, offline, offline.plan, groups)
        except (Unusable, ValidationError) as why:
            return offline.model_copy(update={"model": _instead(why)})

    async def answer(self, request: AnswerRequest) -> AnswerReply:
        """Let Claude word the answer; the computed one when it is not usable or names a figure or a thing that is not given."""
        if (snapshot := request.snapshot) is None:
            return await self._offline.answer(request)
        offline, figures = computed(request)
        try:
            answer = await self._caller.ask(
                "answer",
                "The answer in words.",
                Worded.model_json_schema(),
                knowledge=prompts.answering_knowledge(),
                text=prompts.questioned(request, offline),
            )
            said = Worded.model_validate(answer)
        except (Unusable, ValidationError) as why:
            return offline.model_copy(update={"model": _instead(why)})
        known = allowed(snapshot, figures, offline)
        strange = [
            one
            for text in said.paragraphs
            for one in (*unfounded(text, known), *(handles(text) - handles(request.model_dump_json())))
        ]
        if strange or said.known != offline.known:
            return offline.model_copy(update={"model": UNFOUNDED})
        return offline.model_copy(update={"paragraphs": said.paragraphs, "model": self.name})

    async def assess(self, request: AssessRequest) -> AssessReply:
        """Judge by the rules' tables: a severity must not depend on a model's mood."""
        return await self._offline.assess(request)

    async def rank(self, asked: ToRank) -> RankedByModel:
        """Rank with Claude, which orders what it is given; the rules' ranking when it gives nothing usable."""
        offline = await self._offline.rank(asked)
        if not offline.ranked:
            return offline
        try:
            answer = await self._caller.ask(
                "ranking",
                "The candidates that fit, best first.",
                ranking.RankedCandidates.model_json_schema(),
                knowledge=ranking.KNOWLEDGE,
                text=ranking.message(asked),
            )
            found = ranking.believed(ranking.RankedCandidates.model_validate(answer), asked, self.name)
        except (Unusable, ValidationError) as why:
            return replace(offline, model=_instead(why))
        return found or replace(offline, model=UNAVAILABLE)

    async def draft(self, request: DraftRequest) -> DraftReply:
        """Draft by rules, in Claude's words where they are usable."""
        offline = await self._offline.draft(request)
        try:
            answer = await self._caller.ask(
                "wording",
                "The playbook's texts, better said.",
                drafting.Wording.model_json_schema(),
                knowledge=drafting.KNOWLEDGE,
                text=drafting.message(request, offline),
            )
            worded = drafting.believed(drafting.Wording.model_validate(answer), request, offline, self.name)
        except (Unusable, ValidationError) as why:
            return offline.model_copy(update={"model": _instead(why)})
        return worded or offline.model_copy(update={"model": UNAVAILABLE})

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()

    async def _ordered(
        self, request: PlanRequest, offline: PlanReply, draft: ProposedPlan, groups: tuple[Group, ...]
    ) -> PlanReply:
        frame = framed(request)
        if isinstance(frame, PlanReply):
            raise Unusable("there is nothing to order")
        protective = _protective(request)
        answer = await self._caller.ask(
            "plan",
            "The order of the steps and how carefully to go.",
            GroupedPlan.model_json_schema(),
            knowledge=prompts.planning_knowledge(),
            text=prompts.ordered(request, draft, groups, protective),
        )
        said = GroupedPlan.model_validate(answer)
        plan = expanded(said, draft, groups)
        if plan is None or not covers(plan, draft, protective):
            raise Unusable("it does other things than were asked")
        reply = settled(plan, frame)
        if reply.plan is None or not covers(reply.plan, draft, protective):
            raise Unusable("it does not hold")
        tainted = any(prompts.is_free(tag) for group in groups for tag in group.tags)
        change = {"model": self.name, "tainted": tainted, "playbooks": offline.playbooks}
        return riskier(reply, said.risk).model_copy(update=change)


def _grounded(read: Intent, offline: Intent) -> Intent:
    """Return the reading with the answer that has a source, where the rules found one; only help and small talk are answered in Claude's words."""
    talks = read.intent in {IntentKind.HELP, IntentKind.UNSUPPORTED}
    if read.intent is offline.intent and (offline.sources or not talks):
        return read.model_copy(update={"answer": offline.answer, "sources": offline.sources})
    return read.model_copy(update={"sources": []} if talks else {"answer": "", "sources": []})


_TOO_MANY_GROUPS = Finding(
    code="model.skipped", message="The targets are of too many sorts for the model; planned by rules.", severity="info"
)


def _instead(why: Exception) -> str:
    """Return what a reply by the rules calls itself, by what kept Claude from it."""
    return SPENT if isinstance(why, Spent) else UNAVAILABLE


def _protective(request: PlanRequest) -> frozenset[str]:
    """Return the operations that may be added before a deletion, because they keep what it destroys."""
    offered = frozenset(request.capabilities)
    deleting = {
        (row.cloud, row.type)
        for operation in offered
        if (row := capabilities().get(operation)) and row.effect == "destroy"
    }
    found = (serving("snapshot", cloud=cloud, type_=type_, offered=offered) for cloud, type_ in deleting)
    return frozenset(row.operation for row in found if row)
