"""What one message or press leads to: cards, for whom, and the engine's value behind them."""

import hashlib
from dataclasses import dataclass

from blocks.components import Component
from bot.settings_talk import Told
from bot.views.replies import refusal_card
from engine.refusal import Refusal
from engine.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing to show: a component, its card key (empty: never edited), and whether for the asker only."""

    component: Component
    card: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one message or press leads to.

    Attributes:
        shown: In order.
        reply: The engine's value behind it, for those who want it as data.
        again_in: Seconds after which the same event should be tried again; None when it is finished.
    """

    shown: tuple[Shown, ...] = ()
    reply: Reply | None = None
    again_in: float | None = None


def said_no(refusal: Refusal) -> Turn:
    """Return a refusal that everybody in the thread sees."""
    return Turn(shown=(Shown(component=refusal_card(refusal)),), reply=refusal)


def privately_no(refusal: Refusal) -> Turn:
    """Return a refusal that only the asker sees."""
    return Turn(shown=(Shown(component=refusal_card(refusal), private=True),), reply=refusal)


def about_settings(told: Told, event_id: str) -> Turn:
    """Return what was said about settings."""
    shown = Shown(component=told.component, card=told.card or f"answer:{event_id}", private=told.private)
    return Turn(shown=(shown,), reply=told.refusal)


def request_id(event_id: str) -> str:
    """Return an id of a request without anything of the platform in it."""
    return hashlib.sha256(event_id.encode()).hexdigest()[:16]
