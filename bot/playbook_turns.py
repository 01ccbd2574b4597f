"""How answers about a playbook are shown: on a card of their own, and after a press on the very card that was pressed. Pure."""

from collections.abc import Iterable

from bot.messages import Click, MessageRef
from bot.ordering import CHANGING
from bot.turn import Shown, Turn, privately_no
from bot.views.playbook import addressed, playbook_card
from engine.clouds.catalog import Catalog
from engine.refusal import Refusal
from engine.replies import PlaybookView


def playbook_turn(view: PlaybookView, catalog: Catalog, key: str) -> Turn:
    """Return a playbook on a card under `key`, which its buttons carry."""
    return Turn(shown=(Shown(component=addressed(playbook_card(view, catalog), key), card=key),), reply=view)


def in_place(click: Click, turn: Turn, places: Iterable[MessageRef]) -> Turn:
    """Show what a press did to a playbook on the card that was pressed, and a refusal to the presser only.

    Args:
        click: The press.
        turn: What it led to.
        places: Where the card lives whose key the button carried; a key that is not of this thread changes nothing.
    """
    if isinstance(turn.reply, Refusal):
        return privately_no(turn.reply)
    if click.value.get("do") not in CHANGING or not isinstance(turn.reply, PlaybookView):
        return turn
    if all(place.thread.key != click.thread.key for place in places):
        return turn
    key = click.value.get("card", "")
    shown = tuple(Shown(component=addressed(one.component, key), card=key) for one in turn.shown)
    return Turn(shown=shown, reply=turn.reply)
