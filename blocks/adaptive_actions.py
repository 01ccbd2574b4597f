"""Presses as Adaptive Cards write them: universal actions with a fallback, texts to be typed, choices."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from blocks import limits
from blocks.adaptive_text import Json
from blocks.components.actions import Action, ActionStyle, Ask, AskKind, encode_value
from blocks.escape import inert
from blocks.fitting import clip

_STYLES: Final = {ActionStyle.PRIMARY: "positive", ActionStyle.DANGER: "destructive"}
_REASON: Final = 500
_TYPED: Final = 120
_BESIDE: Final = 12
"""Characters of a label that leave room for a row's words beside it."""


def buttons(actions: Iterable[Action]) -> list[Json]:
    """Each action as a button; those that want typed text or a second thought open a small card with it."""
    return [_asking(action) if action.asks or action.confirm else _execute(action, action.label) for action in actions]


def beside(action: Action) -> bool:
    """Whether a button is small enough to stand beside its row."""
    return len(action.label) <= _BESIDE


def row_action(action: Action) -> Json:
    """One action at the side of a row."""
    return {"type": "ActionSet", "actions": buttons([action])}


def show(title: str, body: list[Json], actions: list[Json]) -> Json:
    """A button that opens a card in place."""
    card: Json = {"type": "AdaptiveCard", "version": limits.CARD_VERSION, "body": body}
    if actions:
        card["actions"] = actions
    return {"type": "Action.ShowCard", "title": clip(inert(title), limits.CARD_TITLE) or "-", "card": card}


def choices(actions: Sequence[Action]) -> list[Json]:
    """Many answers as one list to choose from; the chosen value arrives as JSON text under `choice_value`."""
    first = actions[0]
    options = [
        {"title": clip(inert(action.label), limits.CARD_TITLE) or "-", "value": encode_value(action.value)}
        for action in actions
    ]
    choice = {
        "type": "Input.ChoiceSet",
        "id": "choice_value",
        "style": "compact",
        "choices": options,
        "placeholder": "Choose one",
    }
    pick = first.model_copy(update={"label": "Choose", "value": {}})
    return [choice, {"type": "ActionSet", "actions": buttons([pick])}]


def _execute(action: Action, label: str) -> Json:
    title = clip(inert(label), limits.CARD_TITLE).strip() or "-"
    data: dict[str, Any] = {"action": action.id.value, "value": action.value}
    look: Json = {"style": _STYLES[action.style]} if action.style in _STYLES else {}
    fallback = {"type": "Action.Submit", "title": title, "data": data, **look}
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": action.id.value,
        "data": data,
        **look,
        "fallback": fallback,
    }


def _asking(action: Action) -> Json:
    body: list[Json] = []
    if action.confirm:
        body.append({"type": "TextBlock", "text": inert(action.confirm), "wrap": True})
    body += [_input(ask) for ask in action.asks]
    label = action.label.removesuffix("…")
    opened = show(action.label, body, [_execute(action, label)])
    if action.style in _STYLES:
        opened["style"] = _STYLES[action.style]
    return opened


def _input(ask: Ask) -> Json:
    reason = ask.kind in {AskKind.REASON, AskKind.TEXT}
    label = inert(ask.label) or "Your answer"
    if ask.expected:
        label = f"{label}: {inert(ask.expected)}"
    field: Json = {
        "type": "Input.Text",
        "id": ask.kind.value,
        "label": label,
        "isRequired": ask.required,
        "errorMessage": "Please fill this in.",
        "maxLength": _REASON if reason else _TYPED,
    }
    return field | ({"isMultiline": True} if reason else {"placeholder": inert(ask.expected)} if ask.expected else {})
