"""What operators say when they want an operation, in the words of their need: "stop paying for a vm", "somebody dropped a table, go back an hour".

The vendors' texts say what a call does, not what it is good for, and a parameter of a general call is in no sentence at all. `sayings/<cloud>.tsv` says
it. Columns: `operations` (ids without their cloud, space-separated, the likeliest first) and `said` (separated by `; `). It is written from the
operations' side, one after the other, never from a set of questions, and its vectors are shipped like those of the operations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from agent_server.knowledge.lexical import Field, Lexicon, Scores
from agent_server.knowledge.question import Question
from agent_server.knowledge.vectors import Shelf, vectors_of

_MEANING = 0.7
"""How much meaning weighs against words: between two ways of saying a thing the model is at home, more than in the vendors' texts."""
_UNLIKE = 0.25
"""The cosine that unlike things have by chance; it counts for nothing."""
_NEXT = 0.97
"""How much each further operation of a saying counts against the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One way of saying a need, and the operations that meet it, the likeliest first."""

    said: str
    operations: tuple[str, ...]


class Sayings:
    """The sayings of one cloud, ready to be searched; immutable.

    Args:
        cloud: `aws`, `azure` or `gcp`.
        places: Where each operation's score is to stand, by its id.
    """

    def __init__(self, cloud: str, places: Mapping[str, int]) -> None:
        known = sayings(cloud)
        self._lexicon = Lexicon([(Field(text=one.said),) for one in known])
        self._vectors = vectors_of([one.said for one in known], Shelf.SAYINGS)
        self._has_vector = self._vectors.any(axis=1)
        pairs = [
            (at, places[id_], _NEXT**rank) for at, one in enumerate(known) for rank, id_ in enumerate(one.operations)
        ]
        self._which = np.array([at for at, _, _ in pairs], dtype=np.int64)
        self._where = np.array([place for _, place, _ in pairs], dtype=np.int64)
        self._weights = np.array([weight for _, _, weight in pairs], dtype=np.float32)
        self._size = len(places)

    def score(self, asked: Question) -> Scores:
        """Return how near the nearest saying of each operation comes, from 0 to 1."""
        near = self._near(asked)
        best = np.zeros(self._size, dtype=np.float32)
        np.maximum.at(best, self._where, self._weights * near[self._which])
        return best

    def _near(self, asked: Question) -> Scores:
        words = self._lexicon.score(asked.words)
        if asked.vector is None:
            return words
        meanings = (np.clip(self._vectors @ asked.vector, _UNLIKE, 1) - _UNLIKE) / (1 - _UNLIKE)
        return np.asarray(
            np.where(self._has_vector, (1 - _MEANING) * words + _MEANING * meanings, words), dtype=np.float32
        )


@cache
def sayings(cloud: str) -> tuple[Saying, ...]:
    """Return every saying about one cloud, in the order of its table."""
    table = resources.files("agent_server.knowledge").joinpath("sayings", f"{cloud}.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return tuple(
        Saying(said=said, operations=tuple(f"{cloud}.{id_}" for id_ in ids.split()))
        for ids, every in rows
        for said in every.split("; ")
    )
