"""What a press still needs is asked in a modal, within the three seconds a trigger id lives.

A button carries ids only, so the texts to ask for come from the card as we sent it: from memory, or from the record when
the process is new. Opening a dialog decides nothing; the submission comes back as a `Click` of its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from blocks.components import Component
from blocks.components.actions import Action, ActionId, decode_value, encode_value
from blocks.components.inline import Line
from blocks.slack import action_of
from blocks.slack_modals import ask_modal, reject_modal
from blocks.text import plain
from bot.slack.events import Press

MOST: Final = 2_000

StoredCard = Callable[[str, str], Component | None]
"""Finds a sent card by channel and timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    action: Action
    headline: str


class Dialogs:
    """Knows which presses open a dialog.

    A press is known by its action and value (plan and digest), so it is known before Slack told where the card lives.

    Args:
        stored: Finds cards that this process did not send itself.
    """

    def __init__(self, stored: StoredCard | None = None) -> None:
        self._stored = stored
        self._asking: OrderedDict[tuple[ActionId, str], _Asking] = OrderedDict()

    def remember(self, component: Component) -> None:
        """Keep what the buttons of a card ask for; called before the card is sent."""
        for action in actions_in(component):
            if action.asks:
                key = (action.id, encode_value(action.value))
                self._asking[key] = _Asking(action=action, headline=_headline(component))
                self._asking.move_to_end(key)
        while len(self._asking) > MOST:
            self._asking.popitem(last=False)

    def view_for(self, press: Press) -> dict[str, Any] | None:
        """Return the modal a press needs, or None when it counts at once.

        A rejection always asks why. Any other press of a card nobody remembers counts at once: without the typed
        confirmation the engine answers what is missing, so nothing is approved by forgetting.

        Raises:
            ValueError: The button is none of ours.
        """
        pressed = action_of(press.action_id)
        asking = self._found(pressed, press)
        origin = {"channel": press.channel, "ts": press.ts, "thread": press.thread}
        if pressed is ActionId.REJECT:
            plain_reject = Action(id=pressed, label="Reject", value=decode_value(press.value))
            known = asking or _Asking(action=plain_reject, headline="")
            return reject_modal(known.action, headline=known.headline, origin=origin)
        return ask_modal(asking.action, headline=asking.headline, origin=origin) if asking else None

    def _found(self, pressed: ActionId, press: Press) -> _Asking | None:
        key = (pressed, press.value)
        if key not in self._asking and self._stored is not None and press.ts:
            card = self._stored(press.channel, press.ts)
            if card is not None:
                self.remember(card)
        return self._asking.get(key)


def actions_in(value: object) -> Iterator[Action]:
    """Yield every action of a component, wherever it stands."""
    if isinstance(value, Action):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from actions_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from actions_in(item)


def _headline(card: Component) -> str:
    line: Line = getattr(card, "headline", ())
    return plain(line) if line else ""
