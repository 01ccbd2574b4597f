"""Names and tags written by somebody hostile change nothing and ping nobody, from the request to the card."""

from dataclasses import replace

import pytest

from agent_server.contract.intent import Action, IntentRequest
from agent_server.models.deterministic import Deterministic
from blocks import adaptive, slack, text
from bot.spoken import command
from bot.views.plan import pending_card, plan_card
from bot.views.replies import refusal_card
from engine.estate.resource import Cloud
from engine.planning.admission import Admitted, admit
from engine.planning.record import Kept, Told, dump, read
from engine.planning.redaction import Redactor
from engine.refusal import Refusal
from engine.replies import PlanView
from engine.understanding import _split, _vocabulary
from tests.fakes.poison import POISON
from tests.fakes.requests import CATALOG, NOW, POLICY, asked, planned, thing
from tests.property.test_blocks import _card_is_dead, _slack_is_dead, _text_is_dead

PLACES = ("name", "tag value", "tag key", "said")
# A lone surrogate is no text: neither a database nor JSON can hold it, so it never gets as far as a plan.
WRITABLE = [one for one in POISON if "\ud800" not in one]
SAYABLE = [one for one in WRITABLE if one.strip()]


def poisoned(place: str, poison: str):
    """A machine that carries a poison somewhere, and what the request said."""
    made = thing("ec2::instance", Cloud.AWS, "web-1", state="running", env="dev")
    match place:
        case "name":
            return replace(made, name=poison), "stop it"
        case "tag value":
            return replace(made, tags={"env": "dev", "team": poison, "Name": poison}), "stop it"
        case "tag key":
            return replace(made, tags={"env": "dev", poison: "1"}), "stop it"
        case _:
            return made, f"stop {poison}"


@pytest.mark.parametrize("place", PLACES)
def test_a_poisoned_thing_is_planned_alone_and_its_card_is_dead(place):
    """Each poison in each place: exactly the one machine is stopped, nothing on the card lives, on no surface."""
    for poison in WRITABLE:
        machine, words = poisoned(place, poison)
        request = ("stop", {}, [machine])
        reply = planned(request)
        assert reply.plan is not None, (poison, reply.summary)
        made = admit(reply.plan, asked(request), CATALOG, POLICY)
        assert isinstance(made, Admitted), poison
        assert made.plan.targets == (machine.id,)
        told = Told(
            action="stop",
            words=("Stop", "Stopping", "Stopped"),
            requester=poison,
            text=words,
            notes=(f"left out: {poison}",),
        )
        kept = read(dump(Kept(admitted=made, told=told)), digest=made.plan.digest)
        view = PlanView(kept=kept, state="waiting", decisions=(), why=poison)
        for card in (plan_card(view, CATALOG, NOW), pending_card((view,))):
            _slack_is_dead(slack.render(card))
            _slack_is_dead(slack.details(card))
            _card_is_dead(adaptive.render(card, mentions=True))
            _text_is_dead(text.render(card, detailed=True))


def test_a_refusal_that_quotes_a_poison_is_dead():
    """A "no" repeats names, too."""
    for poison in WRITABLE:
        card = refusal_card(
            Refusal(code="estate.not_found", message=f"I see nothing called {poison}.", doors=(f"stop {poison}",))
        )
        _slack_is_dead(slack.render(card))
        _card_is_dead(adaptive.render(card, mentions=True))
        _text_is_dead(text.render(card, detailed=True))


def test_poison_in_a_message_decides_nothing_and_asks_for_nothing_else():
    """A message that names a poisoned machine is no command, and its words come back as they were typed."""
    single, long = _split(frozenset(WRITABLE))
    for poison in SAYABLE:
        message = f'stop "{poison}"'
        assert command(message) is None
        made = Redactor(lambda word: word.casefold() in single, long_names=long, vocabulary=_vocabulary())
        sent = made.redact(message)
        assert made.restore(sent).casefold() == message.casefold()


async def test_the_offline_understanding_of_a_poisoned_name_never_does_another_thing():
    """Whatever a machine is called, "stop" stays "stop"."""
    model = Deterministic()
    for poison in SAYABLE:
        words = "".join(letter for letter in poison if letter.isprintable())[:300]
        made = Redactor(lambda word, known=words: word.casefold() == known.casefold(), long_names=(words,))
        understood = await model.understand(IntentRequest(request_id="t", text=made.redact(f"stop {words}")))
        assert understood.action in {Action.STOP, Action.NONE, Action.HELP, Action.LIST}, (words, understood.action)
        assert understood.action is not Action.DELETE


def test_there_are_at_least_three_hundred_poisoned_things():
    """The corpus is as large as it is said to be."""
    assert len(WRITABLE) * len(PLACES) >= 300
