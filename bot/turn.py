"""What one message or press leads to: cards, for whom, and the engine's value behind them."""

from dataclasses import dataclass

from blocks.components import Component
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
