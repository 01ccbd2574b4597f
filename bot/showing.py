"""Which cards show what the engine answered, and under which keys."""

import asyncio
from dataclasses import dataclass

from blocks.components import Component
from bot.playbook_turns import playbook_turn
from bot.spoken import Verb
from bot.turn import Shown, Turn, request_id, said_no
from bot.views.about import details_card, log_card, why_card
from bot.views.plan import plan_card
from bot.views.progress import progress_card, result_card
from bot.views.replies import cards
from engine.approval.approval import Decision
from engine.execution.executor import Execution
from engine.planning.record import Kept
from engine.refusal import Refusal
from engine.replies import CardReply, PlanView, PlaybookView, Unavailable
from engine.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Showing:
    """What a person sees of the engine's values.

    Args:
        workflow: Where the record, the catalogue and the thread's memory are read.
    """

    workflow: Workflow

    def turn(self, reply: CardReply, event_id: str) -> Turn:
        """Return what shows a reply to an event."""
        if isinstance(reply, PlanView):
            return Turn(shown=self.shown(reply), reply=reply)
        if isinstance(reply, PlaybookView):
            return playbook_turn(reply, self.workflow.catalog, f"playbook:{request_id(event_id)}")
        again = reply.retry_seconds if isinstance(reply, Unavailable) else None
        found = cards(reply, self.workflow.catalog, self.workflow.clock())
        keys = (f"answer:{event_id}", *(f"answer:{event_id}:{number}" for number in range(1, len(found))))
        shown = tuple(Shown(component=one, card=key) for one, key in zip(found, keys, strict=True))
        return Turn(shown=shown, reply=reply, again_in=again)

    def shown(self, view: PlanView) -> tuple[Shown, ...]:
        """Return what shows a plan as it stands."""
        return (Shown(component=self.plan(view), card=f"plan:{view.kept.admitted.plan.plan_id}"),)

    async def running(self, kept: Kept, execution: Execution) -> Component:
        """Return the card of a plan that runs, or has just ended."""
        plan_id = kept.admitted.plan.plan_id
        decisions = await asyncio.to_thread(self.workflow.plans.decisions, plan_id)
        if not execution.state.final:
            return progress_card(kept, execution, decisions, self.workflow.catalog, self.workflow.clock())
        seq = await asyncio.to_thread(self._last_audit, plan_id)
        await self.workflow.aftermath.ask(kept, execution)
        return self._result(kept, execution, decisions, seq)

    async def tell(self, plan_id: str, verb: Verb, event_id: str) -> Turn:
        """Return what is told of a plan: its details, its log, why it needs whom, whether it still fits, or how it stands."""
        view = await self.workflow.view(plan_id)
        if isinstance(view, Refusal):
            return said_no(view)
        match verb:
            case Verb.DETAILS:
                return Turn(
                    shown=(Shown(component=details_card(view, self.workflow.catalog), private=True),), reply=view
                )
            case Verb.LOG:
                events = await asyncio.to_thread(self.workflow.audit.of_plan, plan_id)
                return Turn(shown=(Shown(component=log_card(view, events), private=True),), reply=view)
            case Verb.WHY:
                return Turn(shown=(Shown(component=why_card(view, self.workflow.policy())),), reply=view)
            case Verb.CHECK:
                drifted = await self.workflow.deciding.drifted(view.kept.admitted.plan)
                return Turn(
                    shown=(Shown(component=why_card(view, self.workflow.policy(), now_differs=drifted)),), reply=view
                )
            case _:
                return self.turn(view, event_id)

    def plan(self, view: PlanView) -> Component:
        """Return the card of a plan as it stands."""
        now = self.workflow.clock()
        if view.execution is None:
            return plan_card(view, self.workflow.catalog, now)
        plan_id = view.kept.admitted.plan.plan_id
        if not view.execution.state.final:
            return progress_card(view.kept, view.execution, view.decisions, self.workflow.catalog, now)
        return self._result(view.kept, view.execution, view.decisions, self._last_audit(plan_id))

    def _result(self, kept: Kept, execution: Execution, decisions: tuple[Decision, ...], seq: int | None) -> Component:
        return result_card(
            kept,
            execution,
            decisions,
            self.workflow.catalog,
            audit_seq=seq,
            now=self.workflow.clock(),
            advice=self.workflow.aftermath.known(execution),
        )

    def _last_audit(self, plan_id: str) -> int | None:
        events = self.workflow.audit.of_plan(plan_id)
        return events[-1].seq if events else None
