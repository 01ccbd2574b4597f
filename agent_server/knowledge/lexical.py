"""Finding texts by their words: BM25 over weighted fields, as arrays.

The weights of a word in a text are computed when the index is made, so that a question costs one addition for each text that shares a
word with it. Source of the formula: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the
simple weighting of fields (a field's words count as often as the field weighs).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from agent_server.knowledge.words import tokens

Scores = NDArray[np.float32]
_SATURATION = 1.6
_LENGTH = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A part of a text and how much its words weigh."""

    text: str
    weight: float = 1.0


class Lexicon:
    """An index over texts; immutable.

    Args:
        texts: Each as its fields.
    """

    def __init__(self, texts: Sequence[Sequence[Field]]) -> None:
        bags = [_bag(text) for text in texts]
        names: dict[str, int] = {}
        words = np.fromiter((names.setdefault(word, len(names)) for bag in bags for word in bag), dtype=np.int32)
        where = np.repeat(np.arange(len(bags), dtype=np.int32), [len(bag) for bag in bags])
        often = np.fromiter(chain.from_iterable(bag.values() for bag in bags), dtype=np.float32)
        order = np.argsort(words, kind="stable")
        self._names = names
        self._size = len(bags)
        self._where = where[order]
        self._ends = np.cumsum(np.bincount(words, minlength=len(names))) if names else np.zeros(0, dtype=np.int64)
        self._weights = _weights(often, where, len(bags))[order]

    def __contains__(self, word: str) -> bool:
        return word in self._names

    def score(self, groups: Sequence[Mapping[str, float]]) -> Scores:
        """Return how well each text answers, from 0 to 1: 1 when it is full of every idea that was asked for.

        Args:
            groups: One for each idea: stemmed words of which the best counts, and how much each weighs. An idea is as rare as the
                texts that have any of its words; one that no text has a word for is the rarest.
        """
        found = np.zeros(self._size, dtype=np.float32)
        possible = 0.0
        for group in groups:
            best = self._best(group)
            rarity = _rarity(int(np.count_nonzero(best)), self._size)
            possible += max(group.values(), default=0.0) * rarity
            found += rarity * best
        return found / np.float32(possible) if possible else found

    def _best(self, group: Mapping[str, float]) -> Scores:
        """Return what the best word of a group weighs in each text."""
        best = np.zeros(self._size, dtype=np.float32)
        for word, weight in group.items():
            at = self._names.get(word)
            if at is not None:
                span = slice(self._ends[at - 1] if at else 0, self._ends[at])
                where = self._where[span]
                best[where] = np.maximum(best[where], weight * self._weights[span])
        return best


def _bag(fields: Sequence[Field]) -> dict[str, float]:
    bag: dict[str, float] = {}
    for field in fields:
        for word in tokens(field.text):
            bag[word] = bag.get(word, 0.0) + field.weight
    return bag


def _rarity(texts_with: int, texts: int) -> float:
    """Return how much it tells that a text has an idea which so many have."""
    return math.log1p((texts - texts_with + 0.5) / (texts_with + 0.5))


def _weights(often: Scores, where: NDArray[np.int32], texts: int) -> Scores:
    """Return each word's weight in its text, from 0 to 1; more often and in a shorter text is more."""
    lengths = np.bincount(where, weights=often, minlength=texts)
    norm = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / max(lengths.mean() if texts else 1.0, 1e-9))
    return np.asarray(often / (often + norm[where]), dtype=np.float32)
