"""Finding the operation that does what was asked, among all operations of one cloud.

On top of words and meaning count four things that an operator knows and the texts do not say: what one says who needs the operation, which
service or group of operations the words point to, whether one wants to look, to change or to destroy, and that the plain call is meant when
several would do.
"""

from bisect import bisect_left
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agent_server.knowledge.commands import Command, reference
from agent_server.knowledge.lexical import Field, Lexicon, Scores
from agent_server.knowledge.question import Question, known_beginnings
from agent_server.knowledge.sayings import Sayings
from agent_server.knowledge.search import best
from agent_server.knowledge.vectors import Shelf, vectors_of
from agent_server.knowledge.words import tokens

_AFTER_ALL = "\x7f"
"""Sorts behind every character of an id."""
NAMED = 0.15
"""What it counts that someone says an operation's very name, and nothing else."""
WORDS, MEANING, SAID, POINTED, EFFECT, USUAL, LENGTH = 0.6, 0.4, 0.5, 0.12, 0.09, 0.07, 0.01


class Operations:
    """The operations of one cloud, ready to be searched; immutable.

    Args:
        cloud: `aws`, `azure` or `gcp`.
    """

    def __init__(self, cloud: str) -> None:
        self.commands = reference(cloud)
        self._lexicon = Lexicon([_fields(command) for command in self.commands])
        self._vectors = vectors_of([command.text for command in self.commands], Shelf.COMMANDS)
        self._has_vector = self._vectors.any(axis=1)
        self._effects = np.array([command.effect for command in self.commands])
        ids = [command.id for command in self.commands]
        self._named: dict[frozenset[str], list[int]] = {}
        for at, command in enumerate(self.commands):
            self._named.setdefault(frozenset(tokens(command.words)), []).append(at)
        self._sayings = Sayings(cloud, {one: at for at, one in enumerate(ids)})
        self._places = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
        self._sorted = sorted(ids)
        length = np.array([one.count("_") for one in ids], dtype=np.float32)
        self._usual = USUAL * self._any_of(known_beginnings(cloud)) - LENGTH * length

    def search(self, asked: Question, limit: int) -> list[tuple[Command, float]]:
        """Return what does it best, best first, with scores from 0 to 1; nothing without any word or meaning in common."""
        plain = self._plain(asked) + SAID * self._sayings.score(asked)
        scores = plain + self._usual + EFFECT * (self._effects == asked.effect) + POINTED * self._any_of(asked.begins)
        scores[self._named.get(asked.said, [])] += NAMED
        scores = np.where(plain > 0, np.clip(scores, 0, None), 0).astype(np.float32)
        return [(self.commands[at], score) for at, score in best(scores, limit)]

    def _plain(self, asked: Question) -> Scores:
        words = self._lexicon.score(asked.words)
        if asked.vector is None:
            return words
        meanings = np.clip(self._vectors @ asked.vector, 0, 1)
        return np.asarray(np.where(self._has_vector, WORDS * words + MEANING * meanings, words), dtype=np.float32)

    def _any_of(self, beginnings: frozenset[str]) -> NDArray[np.bool_]:
        found = np.zeros(len(self.commands), dtype=np.bool_)
        for begin in beginnings:
            span = slice(bisect_left(self._sorted, begin), bisect_left(self._sorted, begin + _AFTER_ALL))
            found[self._places[span]] = True
        return found


@cache
def operations(cloud: str) -> Operations:
    """Return the index of one cloud; made when first asked for."""
    return Operations(cloud)


def _fields(command: Command) -> tuple[Field, ...]:
    return (
        Field(text=command.words, weight=3.0),
        Field(text=f"{command.service} {command.id.split('.')[1]}", weight=1.5),
        Field(text=command.summary, weight=0.7),
    )
