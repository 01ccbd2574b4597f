"""The story on one screen: somebody says something; a plan is proposed, decided, run, and can be taken back.

Everything here returns values (`engine.replies`); nothing here knows a chat surface or a card.
"""

import asyncio
from dataclasses import dataclass, replace

from agent_server.contract.intent import Intent, IntentKind
from engine.answering import Answering
from engine.approval.approval import Ballot
from engine.asking import Asking
from engine.audit.events import AuditEvent, Tag
from engine.audit.log import AuditLog
from engine.clock import Clock
from engine.clouds.catalog import Catalog
from engine.deciding import Deciding, Drifted, closed, unknown
from engine.execution.aftermath import Aftermath
from engine.memory import Memory, Waiting
from engine.planning.record import Kept
from engine.planning.wire import Declined, PlannerUnavailable
from engine.plans import Plans, PlanState
from engine.playbooks.habits import habit
from engine.playbooks.orders import Order
from engine.playbooks.story import PlaybookStory
from engine.playbooks.words import split, with_value
from engine.principal import Principal
from engine.proposing import PolicySource, Proposing, Request
from engine.refusal import Refusal
from engine.replies import (
    Answered,
    CardReply,
    Changed,
    Described,
    Listed,
    PlanView,
    Playbooks,
    PlaybookText,
    PlaybookView,
    Question,
    Reply,
    Said,
    SettingsAsked,
    Unavailable,
)
from engine.running import Running
from engine.storage.database import Database
from engine.storage.habits import HabitStore
from engine.understanding import Understanding, Understood
from engine.undoing import Undoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The engine as a surface sees it.

    Attributes:
        understanding: Words to intent.
        answering: Questions about the estate.
        asking: Questions about money and reports.
        aftermath: Next steps after an execution that failed.
        proposing: Intents to plans.
        deciding: Decisions.
        running: Executions.
        undoing: Ways back.
        playbooks: Playbooks.
        habits: Counts what is planned again and again.
        plans: The plans.
        memory: Thread memory.
        catalog: All operations.
        policy: Gives the policy as it is now.
        audit: The trail.
        database: For one transaction over plan and trail.
        clock: The time.
    """

    understanding: Understanding
    answering: Answering
    asking: Asking
    aftermath: Aftermath
    proposing: Proposing
    deciding: Deciding
    running: Running
    undoing: Undoing
    playbooks: PlaybookStory
    habits: HabitStore
    plans: Plans
    memory: Memory
    catalog: Catalog
    policy: PolicySource
    audit: AuditLog
    database: Database
    clock: Clock

    async def hear(self, request: Request, text: str) -> Reply:
        """Answer a message: a question with an answer, a request for a change with a plan."""
        waiting = self.memory.open_parameter(request.thread)
        whole = self.playbooks.running.answered(waiting, text) if waiting else None
        if waiting is not None and whole is not None:
            return await self._complete(request, waiting, whole, {}, said=text)
        try:
            plain, _ = split(text)
            understood = await self.understanding.understand(request.thread, plain, request_id=request.request_id)
            self.memory.said(request.thread, text)
            return self._remembered(request, await self._act(request, replace(understood, text=text)))
        except PlannerUnavailable as away:
            return _away(away)

    async def order(self, request: Request, order: Order) -> Reply:
        """Do what a button, an exact form or a command orders of a playbook."""
        try:
            return self._remembered(request, await self._settled(request, await self.playbooks.obey(request, order)))
        except PlannerUnavailable as away:
            return _away(away)

    async def rehearse(self, principal: Principal, text: str) -> Kept | Refusal:
        """Plan as somebody would, keep nothing, remember nothing; for asking what the policy says.

        Raises:
            PlannerUnavailable: When the agent server gave no usable answer.
        """
        request = Request(principal=principal, thread="rehearsal", request_id="rehearsal")
        understood = await self.understanding.understand(request.thread, text, request_id=request.request_id)
        if understood.intent.intent is not IntentKind.EXECUTE:
            return Refusal(code="policy.no_change", message="That changes nothing, so the policy's rules do not apply.")
        proposed = await self.proposing.propose(request, understood)
        if isinstance(proposed, Question):
            return Refusal(code="policy.unclear", message=f"That is not precise enough: {proposed.text}")
        return proposed

    async def choose(self, request: Request, question_id: str, choice: str) -> Reply:
        """Complete the request that a question belongs to with one of its choices."""
        waiting = self.memory.waiting(request.thread, question_id)
        added = waiting.choices.get(choice) if waiting else None
        if waiting is None or added is None:
            return Refusal(
                code="question.unknown", message="I no longer know that question.", doors=("say it again in full",)
            )
        text = with_value(waiting.text, waiting.awaits, choice) if waiting.awaits else waiting.text
        return await self._complete(request, waiting, text, dict(added), said=choice)

    async def _complete(
        self, request: Request, waiting: Waiting, text: str, added: dict[str, object], *, said: str
    ) -> Reply:
        """Go on with a kept request, completed by an answer."""
        intent = _completed(Intent.model_validate(waiting.intent), added)
        redactor = self.understanding.redactor()
        understood = Understood(
            text=text, redacted=redactor.redact(split(text)[0]), intent=intent, sent=intent, redactor=redactor
        )
        try:
            self.memory.said(request.thread, said)
            return self._remembered(request, await self._act(request, understood))
        except PlannerUnavailable as away:
            return _away(away)

    async def _act(self, request: Request, understood: Understood) -> Reply:
        intent = understood.intent
        if intent.answer and intent.intent in {IntentKind.QUERY, IntentKind.EXECUTE}:
            return Refusal(code="unsupported.kind", message=intent.answer, doors=("help",))
        match intent.intent:
            case IntentKind.HELP | IntentKind.UNSUPPORTED:
                return Said(
                    paragraphs=(intent.answer or "I did not understand that.",),
                    sources=tuple(intent.sources),
                    model="" if intent.model.startswith("offline") else intent.model,
                )
            case IntentKind.QUERY:
                if intent.needs_clarification and intent.reference is None:
                    return Question(id="", text=intent.question or "Which ones do you mean?")
                return await self.answering.answer(request, understood)
            case IntentKind.COST | IntentKind.REPORT_QA:
                return await self.asking.answer(request, understood)
            case IntentKind.EXECUTE:
                return await self._propose(request, understood)
            case IntentKind.PLAYBOOK:
                return await self._settled(request, await self.playbooks.hear(request, understood))
            case IntentKind.SETTINGS:
                return SettingsAsked(intent=intent, text=understood.text)
            case IntentKind.ALERT:
                return _not_yet(intent.intent)

    def _remembered(self, request: Request, reply: Reply) -> Reply:
        """Keep what was answered, so that the next message can refer to it."""
        match reply:
            case Listed() | Described():
                shown = self.memory.shown(request.thread, reply.set_id)
                count = len(shown.ids) if shown else 0
                self.memory.answered(request.thread, f"showed {count} resources", shown)
            case Question():
                self.memory.answered(request.thread, reply.text)
            case Said():
                self.memory.answered(request.thread, reply.paragraphs[0])
            case Refusal():
                self.memory.answered(request.thread, reply.message)
            case PlaybookView():
                self.memory.answered(request.thread, f"showed playbook {reply.playbook.id}")
            case Playbooks():
                self.memory.answered(request.thread, f"showed {len(reply.views)} playbooks")
            case PlaybookText():
                self.memory.answered(request.thread, f"showed the script of playbook {reply.playbook}")
            case Answered():
                shown = self.memory.shown(request.thread, reply.set_id) if reply.set_id else None
                self.memory.answered(request.thread, reply.unnamed, shown)
            case PlanView() | Changed() | Unavailable() | SettingsAsked():
                pass
        return reply

    async def _propose(self, request: Request, understood: Understood) -> Reply:
        proposed = await self.proposing.propose(request, understood)
        if isinstance(proposed, Kept):
            times = await asyncio.to_thread(self.habits.again, habit(understood.intent))
            proposed = replace(proposed, told=replace(proposed.told, times=times))
        return await self._settled(request, proposed)

    async def _settled(self, request: Request, proposed: Kept | Reply) -> Reply:
        """Keep a new plan; note in the trail what was refused."""
        if isinstance(proposed, Kept):
            return await asyncio.to_thread(self._keep, request, proposed)
        if isinstance(proposed, Refusal):
            detail = {"code": proposed.code}
            event = AuditEvent(tag=Tag.PLAN_REFUSED, principal=request.principal.id, detail=detail)
            await asyncio.to_thread(self.audit.append, event)
        return proposed

    def _keep(self, request: Request, kept: Kept) -> PlanView:
        plan = kept.admitted.plan
        with self.database.transaction():
            self.plans.keep(kept)
            seq = self.audit.append(
                AuditEvent(
                    tag=Tag.PLAN_PROPOSED,
                    principal=request.principal.id,
                    plan_id=plan.plan_id,
                    detail={"digest": plan.digest, "targets": len(plan.targets)},
                )
            )
        shown = self.memory.show(request.thread, plan.targets, [one.type for one in kept.admitted.before.values()])
        self.memory.answered(request.thread, f"proposed plan {plan.plan_id}", shown)
        return PlanView(kept=kept, state=PlanState.WAITING.value, audit_seq=seq)

    async def decide(self, plan_id: str, ballot: Ballot) -> PlanView | Refusal:
        """Take a decision; when it was the last one needed, the plan begins to run.

        A plan whose targets changed meanwhile is void, and a new one is proposed in its stead (`PlanView.why` says so).
        """
        counted = await self.deciding.decide(plan_id, ballot)
        if isinstance(counted, Refusal):
            return counted
        if isinstance(counted, Drifted):
            return await self.view(plan_id, why="; ".join(counted.changes))
        if counted.state is PlanState.APPROVED:
            found = await asyncio.to_thread(self.plans.get, plan_id)
            if found is not None:
                self.running.start(found[0])
        return await self.view(plan_id)

    async def again(self, request: Request, plan_id: str) -> Reply:
        """Propose anew what a void plan wanted, for the world as it is now."""
        found = await asyncio.to_thread(self.plans.get, plan_id)
        if found is None:
            return unknown(plan_id)
        return await self.hear(request, found[0].told.text)

    async def undo(self, request: Request, plan_id: str) -> CardReply:
        """Propose a plan that takes back what a finished plan did, on exactly the targets on which it succeeded."""
        back = await self.undoing.propose(request, plan_id)
        return back if isinstance(back, Refusal) else await asyncio.to_thread(self._keep, request, back)

    async def cancel(self, plan_id: str, principal: str) -> PlanView | Refusal:
        """Begin nothing more of a running plan; take a waiting one off the table."""
        found = await asyncio.to_thread(self.plans.get, plan_id)
        if found is None:
            return unknown(plan_id)
        refused = self._may_cancel(found[0], principal)
        if refused:
            return refused
        if await self.running.cancel(plan_id, principal) or self.deciding.withdraw(plan_id, principal):
            return await self.view(plan_id)
        return closed(found[1]) or Refusal(code="plan.ended", message=f"Plan {plan_id} has already ended.")

    def _may_cancel(self, kept: Kept, principal: str) -> Refusal | None:
        decided = {decision.principal for decision in self.plans.decisions(kept.admitted.plan.plan_id)}
        if principal in {kept.admitted.plan.requester, *decided}:
            return None
        return Refusal(
            code="cancel.role",
            message="Only who asked for a plan or decided on it may cancel it.",
            doors=(f"ask {kept.told.requester or kept.admitted.plan.requester}",),
        )

    async def view(self, plan_id: str, *, why: str = "") -> PlanView | Refusal:
        """Return a plan as it stands."""
        found = await asyncio.to_thread(self.plans.get, plan_id)
        if found is None:
            return unknown(plan_id)
        kept, record = found
        past = await asyncio.to_thread(self.running.past, plan_id)
        return PlanView(
            kept=kept,
            state=record.state,
            decisions=self.plans.decisions(plan_id),
            execution=past.execution if past else None,
            why=why,
        )

    def pending(self) -> tuple[PlanView, ...]:
        """Return every plan that waits for a decision, oldest first."""
        waiting = self.plans.store.in_state(PlanState.WAITING.value)
        views = []
        for record in waiting:
            found = self.plans.get(record.plan_id)
            if found is not None and record.not_after > self.clock():
                views.append(
                    PlanView(kept=found[0], state=record.state, decisions=self.plans.decisions(record.plan_id))
                )
        return tuple(views)


def _away(away: PlannerUnavailable) -> Refusal | Unavailable:
    """Return a "no" of the agent server as one, because asking the same again would change nothing; else that it is away."""
    if isinstance(away, Declined) and away.code:
        said = f"The agent server does not take this: {away.reason.rstrip('.')}. I planned nothing."
        return Refusal(code=f"agent.{away.code}", message=said, doors=("say it in other words",))
    return Unavailable(reason=away.reason, retry_seconds=away.retry_after or 5.0)


def _completed(intent: Intent, added: dict[str, object]) -> Intent:
    """Return the intent with the filters of a choice; names give way to the id that was chosen."""
    plain = intent.model_dump(mode="json")

    def merge(filters: dict[str, object]) -> dict[str, object]:
        tags = {**_mapping(filters.get("tags")), **_mapping(added.get("tags"))}
        kept = {key: value for key, value in filters.items() if not (key == "name" and "id" in added)}
        return {**kept, **added, **({"tags": tags} if tags else {})}

    plain |= {"filters": merge(plain["filters"]), "needs_clarification": False, "question": ""}
    plain["parts"] = [{**part, "filters": merge(part["filters"])} for part in plain["parts"]]
    return Intent.model_validate(plain)


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _not_yet(kind: IntentKind) -> Refusal:
    what = {
        IntentKind.ALERT: "keep alert rules",
    }.get(kind, "do that")
    return Refusal(
        code=f"unsupported.{kind.value}",
        message=f"I understood, but I cannot {what} yet.",
        doors=("help", "report", "status"),
    )
