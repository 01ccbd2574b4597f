"""Finding the operation that does what was asked, among all operations of one cloud.

On top of words and meaning count three things that an operator knows and the texts do not say: which service or group of operations
the words point to, whether one wants to look, to change or to destroy, and that the plain call is meant when several would do.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from agent_server.knowledge.commands import Command, reference
from agent_server.knowledge.lexical import Field, Lexicon, Scores
from agent_server.knowledge.question import Question, known_beginnings
from agent_server.knowledge.search import best
from agent_server.knowledge.vectors import Shelf, vectors_of
from agent_server.knowledge.words import tokens

WORDS, MEANING, POINTED, EFFECT, USUAL, LENGTH = 0.5, 0.5, 0.18, 0.06, 0.05, 0.015


class Operations:
    """The operations of one cloud, ready to be searched; immutable.

    Args:
        cloud: `aws`, `azure` or `gcp`.
    """

    def __init__(self, cloud: str) -> None:
        self.commands = reference(cloud)
        self._ids = [command.id for command in self.commands]
        self._lexicon = Lexicon([_fields(command) for command in self.commands])
        self._vectors = vectors_of([command.text for command in self.commands], Shelf.COMMANDS)
        self._has_vector = self._vectors.any(axis=1)
        self._effects = np.array([command.effect for command in self.commands])
        self._usual = self._begins(known_beginnings(cloud)).astype(np.float32) * USUAL - LENGTH * _lengths(
            self.commands
        )

    def search(self, asked: Question, limit: int) -> list[tuple[Command, float]]:
        """Return what does it best, best first, with scores from 0 to 1; nothing without any word or meaning in common."""
        plain = self._plain(asked)
        scores = plain + self._usual + EFFECT * (self._effects == asked.effect)
        if asked.begins:
            scores = scores + POINTED * self._begins(asked.begins)
        scores = np.where(plain > 0, np.clip(scores, 0, None), 0).astype(np.float32)
        return [(self.commands[at], score) for at, score in best(scores, limit)]

    def _plain(self, asked: Question) -> Scores:
        words = self._lexicon.score(asked.words)
        if asked.vector is None:
            return words
        meanings = np.clip(self._vectors @ asked.vector, 0, 1)
        return np.asarray(np.where(self._has_vector, WORDS * words + MEANING * meanings, words), dtype=np.float32)

    def _begins(self, beginnings: frozenset[str]) -> NDArray[np.bool_]:
        return np.fromiter(
            (one.startswith(tuple(beginnings)) for one in self._ids), dtype=np.bool_, count=len(self._ids)
        )


@cache
def operations(cloud: str) -> Operations:
    """Return the index of one cloud; made when first asked for."""
    return Operations(cloud)


def _fields(command: Command) -> tuple[Field, ...]:
    return (
        Field(text=command.words, weight=3.0),
        Field(text=command.service, weight=1.5),
        Field(text=command.id.split(".")[1], weight=1.5),
        Field(text=command.summary, weight=0.7),
    )


def _lengths(commands: tuple[Command, ...]) -> Scores:
    return np.array([len(tokens(command.words)) for command in commands], dtype=np.float32)
