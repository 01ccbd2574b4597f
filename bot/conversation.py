"""What happens when somebody says something or presses a button, the same on every surface.

`say` and `press` return a `Turn`: what is shown, to whom, under which card key. `handle` takes an event from the inbox and shows
the turn through the outbox; the terminal takes the turn itself. Executions are followed by `watch`, which keeps every card of
a plan up to date on every surface where it was shown.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from blocks.components.actions import ActionId
from bot import paging, refusals
from bot.inbox import Event, TryLater
from bot.messages import Click, Mention, ThreadRef
from bot.obeying import Obeying, Operator
from bot.ordering import ordered, pressed, said
from bot.outbox import Outbox
from bot.playbook_turns import in_place
from bot.showing import Showing
from bot.spoken import Command, Verb, asks_why, command, misnamed, wordless
from bot.turn import Shown, Turn, about_settings, privately_no, request_id, said_no
from bot.views.replies import broken_card, no_words_card, unwritable_card
from engine.approval.approval import Verdict
from engine.execution.executor import Execution
from engine.planning.record import Kept
from engine.playbooks.orders import Do, Order
from engine.principal import Principal
from engine.proposing import Request
from engine.refusal import Refusal
from engine.replies import PlanView, Reply, SettingsAsked
from engine.storage.database import StorageUnavailable
from engine.workflow import Workflow

_log = structlog.get_logger(__name__)


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
    showing: Showing = field(init=False)
    obeying: Obeying = field(init=False)

    def __post_init__(self) -> None:
        self.showing = Showing(self.workflow)
        self.obeying = Obeying(workflow=self.workflow, operator=self.operator, showing=self.showing)

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
            if answer := _unreadable(mention.text):
                return answer
            spoken = command(mention.text)
            if spoken is None and asks_why(mention.text):
                spoken = await self.obeying.why(mention.thread)
            if spoken is not None:
                return await self.obeying.obey(mention.principal, mention.thread, mention.event_id, spoken)
            order = ordered(mention.text)
            if order is not None:
                return await self._order(mention, order)
            return self._answered(mention, await self.workflow.hear(self._request(mention), mention.text))
        except Exception as error:  # noqa: BLE001 - the person must be told that something broke, whatever it was
            return _broken(mention.event_id, error)

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
        except Exception as error:  # noqa: BLE001 - likewise
            return _broken(click.event_id, error)

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
        except Exception as error:  # noqa: BLE001 - as for a message
            return _broken(mention.event_id, error)

    async def watch(self, kept: Kept, execution: Execution) -> None:
        """Keep the cards of a plan up to date while it runs and when it has ended."""
        plan = kept.admitted.plan
        card = await self.showing.running(kept, execution)
        await self.outbox.show(ThreadRef.from_key(plan.origin), card, card=f"plan:{plan.plan_id}")

    async def refresh(self, plan_id: str) -> None:
        """Show a plan's card as the record says it stands, wherever it was shown."""
        view = await self.workflow.view(plan_id)
        if isinstance(view, PlanView):
            thread = ThreadRef.from_key(view.kept.admitted.plan.origin)
            await self.outbox.show(thread, self.showing.plan(view), card=f"plan:{plan_id}")

    async def _pressed(self, click: Click) -> Turn:
        value = dict(click.value)
        plan_id = value.get("plan_id", "")
        request = self._request(click)
        match click.action:
            case ActionId.APPROVE | ActionId.REJECT:
                verdict = Verdict.APPROVED if click.action == ActionId.APPROVE else Verdict.REJECTED
                confirm = click.inputs.get("count") or click.inputs.get("name") or click.inputs.get("confirm", "")
                ballot = self.obeying.ballot(
                    click.principal, verdict, value.get("digest", ""), click.inputs.get("reason", ""), confirm
                )
                return await self.obeying.decide(request, plan_id, ballot)
            case ActionId.CHOOSE:
                reply = await self.workflow.choose(request, value.get("question_id", ""), value.get("choice", ""))
                return self._answered(click, reply)
            case ActionId.ASK:
                return await self._asked(click, value.get("text", ""))
            case ActionId.MORE:
                wanted = (value.get("set_id", ""), value.get("first", "1"))
                return await asyncio.to_thread(paging.page, self.workflow, click.thread.key, *wanted)
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
                return await self.obeying.obey(
                    click.principal, click.thread, click.event_id, Command(verb=verb, plan_id=plan_id)
                )

    async def _asked(self, click: Click, text: str) -> Turn:
        """Do what a button says: a command that decides nothing is obeyed, all else is understood like any message.

        What a button says may have come from a planner; so it approves nothing and takes nothing back.
        """
        spoken, order = command(text), ordered(text)
        if spoken is not None and spoken.verb not in _DECIDING:
            return await self.obeying.obey(click.principal, click.thread, click.event_id, spoken)
        if order is not None and order.do in _ASKING:
            return await self._order(click, order)
        return self._answered(click, await self.workflow.hear(self._request(click), text))

    def _answered(self, event: Event, reply: Reply) -> Turn:
        if isinstance(reply, SettingsAsked):
            told = self.operator.settings.asked(event.principal, event.thread.key, reply.intent, reply.text)
            return about_settings(told, event.event_id)
        return self.showing.turn(reply, event.event_id)

    def _stranger(self, principal: Principal) -> Refusal | None:
        """Refuse whoever the policy gives no role; a guest, an outsider or a bot has one only when named."""
        if self.workflow.policy().roles_of(principal):
            return None
        return refusals.stranger(principal)

    @staticmethod
    def _request(event: Event) -> Request:
        return Request(principal=event.principal, thread=event.thread.key, request_id=request_id(event.event_id))


_DECIDING = frozenset({Verb.APPROVE, Verb.REJECT, Verb.CANCEL, Verb.UNDO, Verb.SET, Verb.UNSET})
_ASKING = frozenset({Do.LIST, Do.FIND, Do.SHOW, Do.SCRIPT, Do.EXPORT, Do.RUN})
_SAME_AS_SPOKEN: dict[str, Verb] = {
    ActionId.DETAILS: Verb.DETAILS,
    ActionId.CANCEL: Verb.CANCEL,
    ActionId.UNDO: Verb.UNDO,
    ActionId.LOG: Verb.LOG,
    ActionId.CHECK: Verb.CHECK,
    ActionId.SHOW: Verb.STATUS,
}


def _unreadable(text: str) -> Turn | None:
    """Answer what is not read any further: too much of it, not a word, or a command to a plan that cannot be."""
    if len(text) > refusals.MOST_TEXT:
        return said_no(refusals.too_long(len(text)))
    if wordless(text):
        return Turn(shown=(Shown(component=no_words_card()),))
    named = misnamed(text)
    return said_no(refusals.no_such_id(named)) if named else None


def _broken(event_id: str, error: Exception) -> Turn:
    reference = request_id(event_id)
    _log.exception("a turn broke", reference=reference)
    if isinstance(error, StorageUnavailable):
        return Turn(shown=(Shown(component=unwritable_card(), card=f"answer:{event_id}"),))
    return Turn(shown=(Shown(component=broken_card(reference), card=f"answer:{event_id}"),))
