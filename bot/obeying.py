"""What a command of a few words does, and a button that means the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from blocks.components import Component
from bot import paging, refusals
from bot.messages import ThreadRef
from bot.settings_talk import SettingsTalk
from bot.showing import Showing
from bot.spoken import Command, Verb
from bot.turn import Shown, Turn, about_settings, request_id, said_no
from bot.views.about import whoami_card
from bot.views.plan import pending_card
from bot.views.replies import help_card, refusal_card
from engine.approval.approval import Ballot, Verdict
from engine.plans import PlanState
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import SettingsAsked
from engine.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What the composition root lends the conversation for things about Escher itself.

    Attributes:
        status: The status card.
        sync: Reads the estate again and returns a card about it.
        report: Makes the morning report for a thread and returns its card.
        settings: Answers about settings.
    """

    status: Callable[[], Awaitable[Component]]
    sync: Callable[[], Awaitable[Component]]
    report: Callable[[ThreadRef], Awaitable[Component]]
    settings: SettingsTalk


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeying:
    """Does what is commanded.

    Args:
        workflow: The engine.
        operator: Things about Escher itself.
        showing: What is seen of it.
    """

    workflow: Workflow
    operator: Operator
    showing: Showing

    async def obey(self, principal: Principal, thread: ThreadRef, event_id: str, spoken: Command) -> Turn:
        """Do what was said; a command without a plan's id means the newest plan of its thread that it can be about."""
        simple = await self._about_escher(principal, thread, event_id, spoken)
        if simple is not None:
            return simple
        plan_id = spoken.plan_id or await asyncio.to_thread(self._plan_of, thread, spoken.verb)
        if not plan_id:
            return said_no(refusals.which_plan(spoken.verb))
        request = Request(principal=principal, thread=thread.key, request_id=request_id(event_id))
        match spoken.verb:
            case Verb.APPROVE | Verb.REJECT:
                verdict = Verdict.APPROVED if spoken.verb is Verb.APPROVE else Verdict.REJECTED
                view = await self.workflow.view(plan_id)
                if isinstance(view, Refusal):
                    return said_no(view)
                if verdict is Verdict.REJECTED and not spoken.reason:
                    return said_no(refusals.say_why(plan_id))
                digest = view.kept.admitted.plan.digest
                ballot = self.ballot(principal, verdict, digest, spoken.reason, spoken.confirm)
                return await self.decide(request, plan_id, ballot)
            case Verb.CANCEL:
                return self.showing.turn(await self.workflow.cancel(plan_id, principal.id), event_id)
            case Verb.UNDO:
                return self.showing.turn(await self.workflow.undo(request, plan_id), event_id)
            case _:
                return await self.showing.tell(plan_id, spoken.verb, event_id)

    async def why(self, thread: ThreadRef) -> Command | None:
        """Return what a bare "why?" asks where a plan waits in the thread: the reasons of the newest; else None."""
        found = await asyncio.to_thread(self.workflow.plans.newest_in, thread.key, PlanState.WAITING)
        return Command(verb=Verb.WHY, plan_id=found.plan_id) if found else None

    async def _about_escher(
        self, principal: Principal, thread: ThreadRef, event_id: str, spoken: Command
    ) -> Turn | None:
        """Answer the commands that are not about one plan."""
        key = f"answer:{event_id}"
        match spoken.verb:
            case Verb.HELP:
                return Turn(shown=(Shown(component=help_card()),))
            case Verb.WHOAMI:
                roles = self.workflow.policy().roles_of(principal)
                return Turn(shown=(Shown(component=whoami_card(principal, roles)),))
            case Verb.PENDING:
                return Turn(shown=(Shown(component=pending_card(await asyncio.to_thread(self.workflow.pending))),))
            case Verb.STATUS if not spoken.plan_id:
                return Turn(shown=(Shown(component=await self.operator.status()),))
            case Verb.SYNC:
                return Turn(shown=(Shown(component=await self.operator.sync(), card=key),))
            case Verb.REPORT:
                return Turn(shown=(Shown(component=await self.operator.report(thread), card=key),))
            case Verb.SETTINGS | Verb.SET | Verb.UNSET | Verb.CONFIRM:
                return about_settings(self.operator.settings.typed(principal, thread.key, spoken), event_id)
            case Verb.MORE:
                return await asyncio.to_thread(paging.following, self.workflow, thread.key)
            case _:
                return None

    async def decide(self, request: Request, plan_id: str, ballot: Ballot) -> Turn:
        """Count a decision; a plan that no longer fits what is there is proposed anew."""
        decided = await self.workflow.decide(plan_id, ballot)
        if isinstance(decided, Refusal):
            return Turn(shown=(Shown(component=refusal_card(decided), private=True),), reply=decided)
        shown = list(self.showing.shown(decided))
        if decided.state == PlanState.VOID.value:
            asker = Principal(id=decided.kept.admitted.plan.requester, display=decided.kept.told.requester)
            anew = await self.workflow.again(
                Request(principal=asker, thread=request.thread, request_id=request.request_id), plan_id
            )
            shown += () if isinstance(anew, SettingsAsked) else self.showing.turn(anew, f"again-{plan_id}").shown
        elif decided.state == PlanState.APPROVED.value:
            shown = []
        return Turn(shown=tuple(shown), reply=decided)

    def _plan_of(self, thread: ThreadRef, verb: Verb) -> str:
        """Return the plan that a command without an id means: the newest of its thread that the verb can be about."""
        wanted = {
            Verb.APPROVE: (PlanState.WAITING,),
            Verb.REJECT: (PlanState.WAITING,),
            Verb.CANCEL: (PlanState.WAITING, PlanState.APPROVED),
            Verb.UNDO: (PlanState.EXECUTED,),
        }.get(verb, tuple(PlanState))
        found = self.workflow.plans.newest_in(thread.key, *wanted)
        return found.plan_id if found else ""

    def ballot(self, principal: Principal, verdict: Verdict, digest: str, reason: str, confirm: str) -> Ballot:
        """Return a decision that somebody takes now."""
        return Ballot(
            principal=principal,
            verdict=verdict,
            digest=digest,
            at=self.workflow.clock(),
            reason=reason,
            confirm=confirm,
        )
