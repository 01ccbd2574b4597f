"""Finding what answers a question: by its words and, where there is a model, by its meaning. Pure, and the same every time.

`Index` holds entries of any kind. A score is from 0 to 1 and says how well an entry fits by itself, so that "nothing fits" can be told from the
best of many; entries with equal scores keep the order in which they were given.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from agent_server.knowledge.lexical import Field, Lexicon, Scores
from agent_server.knowledge.question import Question
from agent_server.knowledge.vectors import Shelf, vectors_of

_MEANING = 0.5
"""How much meaning weighs against words, where there is a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that can be found.

    Attributes:
        key: What it is called where it comes from.
        clouds: Where it holds; empty for everywhere.
        title: Its name; these words weigh most.
        keywords: What people would say for it.
        text: What it says, in a sentence or a few; title and text are what its vector stands for.
    """

    key: str
    clouds: tuple[str, ...] = ()
    title: str
    keywords: tuple[str, ...] = ()
    text: str = ""

    @property
    def meaning(self) -> str:
        """The text that its vector stands for."""
        return f"{self.title}. {self.text}" if self.text else self.title

    @property
    def fields(self) -> tuple[Field, ...]:
        """What its words are, by weight."""
        return (
            Field(text=self.title, weight=2.0),
            Field(text=" ".join(self.keywords), weight=1.5),
            Field(text=self.text),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry that fits, and how well, from 0 to 1."""

    key: str
    score: float


class Index:
    """Entries of one kind, ready to be searched; immutable.

    Args:
        entries: In the order in which equals are to be found.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = tuple(entries)
        self._lexicon = Lexicon([entry.fields for entry in entries])
        self._vectors = vectors_of([entry.meaning for entry in entries], Shelf.TEXTS)

    def search(self, asked: Question, *, clouds: Collection[str] = (), limit: int = 5) -> list[Hit]:
        """Return what fits best, best first; nothing without any word or meaning in common.

        Args:
            asked: The question.
            clouds: Leaves out what holds on other clouds only; empty takes everything.
            limit: At most how many.
        """
        scores = fused(self._lexicon.score(asked.words), self._vectors, asked)
        for at, entry in enumerate(self._entries):
            if clouds and entry.clouds and not set(clouds) & set(entry.clouds):
                scores[at] = 0
        return [Hit(key=self._entries[at].key, score=score) for at, score in best(scores, limit)]


def fused(words: Scores, vectors: Scores, asked: Question) -> Scores:
    """Return scores by words and meaning together; an entry without a vector, and a question without one, by words alone."""
    if asked.vector is None:
        return words.copy()
    meanings = np.clip(vectors @ asked.vector, 0, 1)
    has_one = vectors.any(axis=1)
    return np.where(has_one, (1 - _MEANING) * words + _MEANING * meanings, words).astype(np.float32)


def best(scores: Scores, limit: int) -> list[tuple[int, float]]:
    """Return the places of the highest scores with them, highest first, equals in order; only what is above zero."""
    found = np.argsort(-scores, kind="stable")[:limit]
    return [(int(at), round(float(min(scores[at], 1.0)), 4)) for at in found if scores[at] > 0]
