"""What happens when somebody says something or presses a button, the same on every surface.

`say` and `press` return a `Turn`: what is shown, to whom, under which card key. `handle` takes an event from the inbox and shows
the turn through the outbox; the terminal takes the turn itself. Executions are followed by `watch`, which keeps every card of
a plan up to date on every surface where it was shown.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from blocks.components import Component
from blocks.components.actions import ActionId
from bot import refusals
from bot.inbox import Event, TryLater
from bot.messages import Click, Mention, ThreadRef
from bot.ordering import ordered, pressed, said
from bot.outbox import Outbox
from bot.playbook_turns import in_place, playbook_turn
from bot.settings_talk import SettingsTalk
from bot.spoken import Command, Verb, command
from bot.turn import Shown, Turn, about_settings, privately_no, said_no
from bot.views.about import details_card, log_card, whoami_card, why_card
from bot.views.estate import listed_card
from bot.views.plan import pending_card, plan_card
from bot.views.progress import progress_card, result_card
from bot.views.replies import broken_card, cards, help_card, refusal_card
from engine.approval.approval import Ballot, Decision, Verdict
from engine.approval.policy import Policy
from engine.estate.resource import Resource
from engine.execution.executor import Execution
from engine.planning.record import Kept
from engine.plans import PlanState
from engine.playbooks.orders import Order
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import CardReply, Listed, PlanView, PlaybookView, Reply, SettingsAsked, Unavailable
from engine.workflow import Workflow

_log = structlog.get_logger(__name__)


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


@dataclass(slots=True)
class Conversation:
    """The conversation.

    Args:
        workflow: The engine.
        outbox: Where cards go.
        operator: Things about Escher itself.
    """

    workflow: Workflow
    outbox: Outbox
    operator: Operator

    async def handle(self, event: Event) -> None:
        """Answer an event of the inbox through the outbox.

        Raises:
            TryLater: What is needed to answer is away; the person was told.
        """
        turn = await (self.say(event) if isinstance(event, Mention) else self.press(event))
        await self.show(event, turn)
        if turn.again_in is not None:
            raise TryLater(turn.again_in)

    async def show(self, event: Event, turn: Turn) -> None:
        """Show a turn where its event came from."""
        for shown in turn.shown:
            if shown.private:
                await self.outbox.whisper(event.principal, event.thread, shown.component)
            else:
                await self.outbox.show(event.thread, shown.component, card=shown.card)

    async def say(self, mention: Mention) -> Turn:
        """Answer a message."""
        try:
            if refused := self._stranger(mention.principal):
                return privately_no(refused)
            if len(mention.text) > refusals.MOST_TEXT:
                return said_no(refusals.too_long(len(mention.text)))
            spoken = command(mention.text)
            if spoken is not None:
                return await self._obey(mention.principal, mention.thread, mention.event_id, spoken)
            order = ordered(mention.text)
            if order is not None:
                return await self._order(mention, order)
            return self._answered(mention, await self.workflow.hear(self._request(mention), mention.text))
        except Exception:  # noqa: BLE001 - the person must be told that something broke, whatever it was
            return _broken(mention.event_id)

    async def press(self, click: Click) -> Turn:
        """Answer a press."""
        try:
            if refused := self._stranger(click.principal):
                return privately_no(refused)
            if click.action == ActionId.PLAYBOOK and (order := pressed(click.value, click.inputs)):
                turn = await self._order(click, order)
                card = click.value.get("card", "")
                places = await asyncio.to_thread(self.outbox.refs, card) if card.startswith("playbook:") else ()
                return in_place(click, turn, places)
            return await self._pressed(click)
        except Exception:  # noqa: BLE001 - likewise
            return _broken(click.event_id)

    async def _order(self, event: Event, order: Order) -> Turn:
        """Do what is ordered of a playbook; what is rather said (run it on …, find one for …) is understood like any message."""
        words, request = said(order), self._request(event)
        reply = await (self.workflow.hear(request, words) if words else self.workflow.order(request, order))
        return self._answered(event, reply)

    async def order(self, mention: Mention, order: Order) -> Turn:
        """Do what a command orders of a playbook."""
        try:
            if refused := self._stranger(mention.principal):
                return privately_no(refused)
            return await self._order(mention, order)
        except Exception:  # noqa: BLE001 - as for a message
            return _broken(mention.event_id)

    async def watch(self, kept: Kept, execution: Execution) -> None:
        """Keep the cards of a plan up to date while it runs and when it has ended."""
        plan = kept.admitted.plan
        decisions = await asyncio.to_thread(self.workflow.plans.decisions, plan.plan_id)
        now = self.workflow.clock()
        shown: Component
        if execution.state.final:
            seq = await asyncio.to_thread(self._last_audit, plan.plan_id)
            await self.workflow.aftermath.ask(kept, execution)
            shown = self._result(kept, execution, decisions, seq)
        else:
            shown = progress_card(kept, execution, decisions, self.workflow.catalog, now)
        await self.outbox.show(ThreadRef.from_key(plan.origin), shown, card=f"plan:{plan.plan_id}")

    async def refresh(self, plan_id: str) -> None:
        """Show a plan's card as the record says it stands, wherever it was shown."""
        view = await self.workflow.view(plan_id)
        if isinstance(view, PlanView):
            thread = ThreadRef.from_key(view.kept.admitted.plan.origin)
            await self.outbox.show(thread, self._plan(view), card=f"plan:{plan_id}")

    def shown(self, view: PlanView) -> tuple[Shown, ...]:
        """Return what shows a plan as it stands."""
        return (Shown(component=self._plan(view), card=f"plan:{view.kept.admitted.plan.plan_id}"),)

    async def _pressed(self, click: Click) -> Turn:
        value = dict(click.value)
        plan_id = value.get("plan_id", "")
        request = self._request(click)
        match click.action:
            case ActionId.APPROVE | ActionId.REJECT:
                verdict = Verdict.APPROVED if click.action == ActionId.APPROVE else Verdict.REJECTED
                confirm = click.inputs.get("count") or click.inputs.get("name") or click.inputs.get("confirm", "")
                ballot = self._ballot(
                    click.principal, verdict, value.get("digest", ""), click.inputs.get("reason", ""), confirm
                )
                return await self._decide(request, plan_id, ballot)
            case ActionId.CHOOSE:
                reply = await self.workflow.choose(request, value.get("question_id", ""), value.get("choice", ""))
                return self._answered(click, reply)
            case ActionId.ASK:
                text = value.get("text", "")
                if (spoken := command(text)) is not None and spoken.verb is Verb.CONFIRM:
                    return await self._obey(click.principal, click.thread, click.event_id, spoken)
                return self._answered(click, await self.workflow.hear(request, text))
            case ActionId.MORE:
                return await asyncio.to_thread(
                    self._more, click.thread, value.get("set_id", ""), value.get("first", "1")
                )
            case ActionId.RETRY:
                return self._answered(click, await self.workflow.again(request, plan_id))
            case ActionId.SYNC:
                return Turn(shown=(Shown(component=await self.operator.sync(), card=f"answer:{click.event_id}"),))
            case ActionId.CHANGE:
                return privately_no(refusals.how_to_change())
            case _:
                verb = _SAME_AS_SPOKEN.get(click.action)
                if verb is None:
                    return privately_no(Refusal(code="click.unknown", message="That button no longer does anything."))
                return await self._obey(
                    click.principal, click.thread, click.event_id, Command(verb=verb, plan_id=plan_id)
                )

    async def _obey(self, principal: Principal, thread: ThreadRef, event_id: str, spoken: Command) -> Turn:
        simple = await self._about_escher(principal, thread, event_id, spoken)
        if simple is not None:
            return simple
        plan_id = spoken.plan_id or await asyncio.to_thread(self._plan_of, thread, spoken.verb)
        if not plan_id:
            return said_no(refusals.which_plan(spoken.verb))
        request = Request(principal=principal, thread=thread.key, request_id=_short(event_id))
        match spoken.verb:
            case Verb.APPROVE | Verb.REJECT:
                verdict = Verdict.APPROVED if spoken.verb is Verb.APPROVE else Verdict.REJECTED
                view = await self.workflow.view(plan_id)
                if isinstance(view, Refusal):
                    return said_no(view)
                if verdict is Verdict.REJECTED and not spoken.reason:
                    return said_no(refusals.say_why(plan_id))
                digest = view.kept.admitted.plan.digest
                ballot = self._ballot(principal, verdict, digest, spoken.reason, spoken.confirm)
                return await self._decide(request, plan_id, ballot)
            case Verb.CANCEL:
                return self._turn(await self.workflow.cancel(plan_id, principal.id), event_id)
            case Verb.UNDO:
                return self._turn(await self.workflow.undo(request, plan_id), event_id)
            case _:
                return await self._tell(plan_id, spoken.verb, event_id)

    async def _about_escher(
        self, principal: Principal, thread: ThreadRef, event_id: str, spoken: Command
    ) -> Turn | None:
        """Answer the commands that are not about one plan."""
        key = f"answer:{event_id}"
        match spoken.verb:
            case Verb.HELP:
                return Turn(shown=(Shown(component=help_card()),))
            case Verb.WHOAMI:
                roles = self._policy().roles_of(principal)
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
                return said_no(
                    Refusal(code="more.which", message="Press the button under the table for its next page.")
                )
            case _:
                return None

    async def _tell(self, plan_id: str, verb: Verb, event_id: str) -> Turn:
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
                return Turn(shown=(Shown(component=why_card(view, self._policy())),), reply=view)
            case Verb.CHECK:
                drifted = await self.workflow.deciding.drifted(view.kept.admitted.plan)
                return Turn(shown=(Shown(component=why_card(view, self._policy(), now_differs=drifted)),), reply=view)
            case _:
                return self._turn(view, event_id)

    async def _decide(self, request: Request, plan_id: str, ballot: Ballot) -> Turn:
        decided = await self.workflow.decide(plan_id, ballot)
        if isinstance(decided, Refusal):
            return Turn(shown=(Shown(component=refusal_card(decided), private=True),), reply=decided)
        shown = list(self.shown(decided))
        if decided.state == PlanState.VOID.value:
            asker = Principal(id=decided.kept.admitted.plan.requester, display=decided.kept.told.requester)
            anew = await self.workflow.again(
                Request(principal=asker, thread=request.thread, request_id=request.request_id), plan_id
            )
            shown += () if isinstance(anew, SettingsAsked) else self._turn(anew, f"again-{plan_id}").shown
        elif decided.state == PlanState.APPROVED.value:
            shown = []
        return Turn(shown=tuple(shown), reply=decided)

    def _answered(self, event: Event, reply: Reply) -> Turn:
        if isinstance(reply, SettingsAsked):
            told = self.operator.settings.asked(event.principal, event.thread.key, reply.intent, reply.text)
            return about_settings(told, event.event_id)
        return self._turn(reply, event.event_id)

    def _turn(self, reply: CardReply, event_id: str) -> Turn:
        if isinstance(reply, PlanView):
            return Turn(shown=self.shown(reply), reply=reply)
        if isinstance(reply, PlaybookView):
            return playbook_turn(reply, self.workflow.catalog, f"playbook:{_short(event_id)}")
        again = reply.retry_seconds if isinstance(reply, Unavailable) else None
        found = cards(reply, self.workflow.catalog, self.workflow.clock())
        keys = (f"answer:{event_id}", *(f"answer:{event_id}:{number}" for number in range(1, len(found))))
        shown = tuple(Shown(component=one, card=key) for one, key in zip(found, keys, strict=True))
        return Turn(shown=shown, reply=reply, again_in=again)

    def _plan(self, view: PlanView) -> Component:
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

    def _more(self, thread: ThreadRef, set_id: str, first: str) -> Turn:
        shown = self.workflow.memory.shown(thread.key, set_id)
        if shown is None or not first.isdigit():
            return said_no(Refusal(code="more.unknown", message="I no longer know that list.", doors=("ask again",)))
        estate = self.workflow.answering.estate
        found: list[Resource] = [one for one in map(estate.get, shown.ids) if one is not None]
        listed = Listed(set_id=set_id, resources=tuple(found), asked=())
        return Turn(
            shown=(Shown(component=listed_card(listed, self.workflow.clock(), first=int(first))),), reply=listed
        )

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

    def _last_audit(self, plan_id: str) -> int | None:
        events = self.workflow.audit.of_plan(plan_id)
        return events[-1].seq if events else None

    def _ballot(self, principal: Principal, verdict: Verdict, digest: str, reason: str, confirm: str) -> Ballot:
        return Ballot(
            principal=principal,
            verdict=verdict,
            digest=digest,
            at=self.workflow.clock(),
            reason=reason,
            confirm=confirm,
        )

    def _stranger(self, principal: Principal) -> Refusal | None:
        """Refuse whoever the policy gives no role; a guest, an outsider or a bot has one only when named."""
        if self._policy().roles_of(principal):
            return None
        return refusals.stranger(principal)

    def _policy(self) -> Policy:
        return self.workflow.policy()

    @staticmethod
    def _request(event: Event) -> Request:
        return Request(principal=event.principal, thread=event.thread.key, request_id=_short(event.event_id))


_SAME_AS_SPOKEN: dict[str, Verb] = {
    ActionId.DETAILS: Verb.DETAILS,
    ActionId.CANCEL: Verb.CANCEL,
    ActionId.UNDO: Verb.UNDO,
    ActionId.LOG: Verb.LOG,
    ActionId.CHECK: Verb.CHECK,
    ActionId.SHOW: Verb.STATUS,
}


def _broken(event_id: str) -> Turn:
    reference = _short(event_id)
    _log.exception("a turn broke", reference=reference)
    return Turn(shown=(Shown(component=broken_card(reference), card=f"answer:{event_id}"),))


def _short(event_id: str) -> str:
    """Return a request id without anything of the platform in it."""
    return hashlib.sha256(event_id.encode()).hexdigest()[:16]
