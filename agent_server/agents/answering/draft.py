"""An answer before it goes on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent_server.agents.answering.figures import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is said.

    Attributes:
        paragraphs: In plain sentences; things are handles.
        known: Whether the question was answered.
        rows: Numbers of the lines that it rests on.
        suggestions: What one could type next.
        components: Component JSON.
    """

    paragraphs: tuple[str, ...]
    known: bool = True
    rows: tuple[int, ...] = ()
    suggestions: tuple[str, ...] = ()
    components: tuple[Mapping[str, Any], ...] = ()


def unknown(*sentences: str, suggestions: tuple[str, ...] = ()) -> Draft:
    """Say that it cannot be told, and what is missing."""
    return Draft(paragraphs=sentences, known=False, suggestions=suggestions)


def listed(pairs: list[tuple[str, float]], figures: Figures, *, most: int) -> str:
    """`Amazon EC2 +$144, Amazon RDS +$25`."""
    return ", ".join(f"{label} {figures.signed(amount)}" for label, amount in pairs[:most])
