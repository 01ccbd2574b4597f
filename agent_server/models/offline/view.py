"""What one look at a message has found: the tokens, the facts as spans, the orders, and what is excepted."""

import re
from dataclasses import dataclass, field
from functools import cache
from re import Pattern
from typing import Any

from agent_server.contract.intent import Action, IntentKind
from agent_server.models.offline.tokens import Reading, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A message as the passes see it.

    Attributes:
        text: As typed.
        reading: Its tokens.
        spans: All facts found.
        verbs: The orders: changing verbs that are neither taken back, nor part of an exception or a tampering phrase.
        excluded: Tokens that are about exceptions.
        question: Whether it asks.
        hands_off: Whether it says that nothing may be changed.
        tampering: Whether the words try to get around the rules.
        extracting: Whether they fish for secrets or instructions.
    """

    text: str
    reading: Reading
    spans: tuple[Span, ...]
    verbs: tuple[Span, ...]
    excluded: frozenset[int]
    question: bool
    hands_off: bool
    tampering: bool
    extracting: bool = False

    @property
    def plain(self) -> str:
        """The canonical words with every name replaced by an underscore: a vm called "billing" is not about money."""
        names = {index for span in self.spans if span.key == "name" for index in range(span.first, span.last)}
        return " ".join("_" if index in names else token.low for index, token in enumerate(self.reading.tokens))

    @property
    def line(self) -> str:
        """The canonical words on one line."""
        return self.reading.line

    def of(self, *keys: str) -> list[Span]:
        """Return the spans of some keys, exceptions left out."""
        return [span for span in self.spans if span.key in keys and span.first not in self.excluded]

    def has(self, pattern: Pattern[str]) -> bool:
        """Whether a pattern is found in the canonical words."""
        return pattern.search(self.line) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a topic made of a message.

    Attributes:
        filters: Facts that only the topic knows how to read.
        keep: Which general facts stay; None for all.
        types: Whether kinds of resources count.
        quiet: Tokens that are part of a name of the topic's own, and say nothing else.
    """

    intent: IntentKind
    action: Action
    filters: dict[str, Any] = field(default_factory=dict)
    keep: frozenset[str] | None = None
    types: bool = True
    quiet: frozenset[int] = frozenset()


@cache
def rule(pattern: str) -> Pattern[str]:
    """Compile a pattern that begins and ends at word borders of the canonical line."""
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")
