"""A second ear: weights learned from labelled messages, for words that no row of the tables foresaw.

It hears words, runs of two and three of them, and pieces of words, each hashed into one of `BUCKETS` weights of `ear.bin`, which
`python -m tests.evals.ear --write` makes. What it says can only raise an alarm, and it is asked only where nothing that changes was understood.
"""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import sqrt

BUCKETS = 1 << 15
THRESHOLD = 0.25
"""Log odds above which it rings: a false alarm costs a stricter confirmation, a miss passes harm as harmless."""
_NUMBERED = re.compile(r"\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|[?!]")
_LONGEST = 2_000
"""Characters looked at: an order stands near the head, and a pasted log should cost no more than a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What was learned: one number a bucket, to be scaled, and what is added to their mean."""

    scale: float
    bias: float
    learned_from: str
    buckets: tuple[int, ...]


def hears(text: str) -> bool:
    """Whether a text sounds like a dangerous order."""
    return loudness(text, weights()) > THRESHOLD


def loudness(text: str, learned: Weights) -> float:
    """Return how much a text sounds like one: the log odds that it is."""
    heard = buckets(text)
    return learned.scale * sum(learned.buckets[at] for at in heard) / sqrt(len(heard) + 1) + learned.bias


def buckets(text: str) -> list[int]:
    """Return the buckets that a text falls into, in order; names with digits are all alike."""
    plain = _NUMBERED.sub(" xx ", text[:_LONGEST].lower().replace("\u2019", "'"))
    return sorted({zlib.crc32(piece.encode()) % BUCKETS for piece in _pieces(_WORD.findall(plain))})


def _pieces(words: list[str]) -> Iterator[str]:
    framed = ["^", *words, "$"]
    for many in (1, 2, 3):
        yield from ("w" + " ".join(framed[at : at + many]) for at in range(len(framed) - many + 1))
    for word in words:
        closed = f"<{word}>"
        for many in (3, 4, 5):
            yield from ("c" + closed[at : at + many] for at in range(len(closed) - many + 1))


@cache
def weights() -> Weights:
    """Return what was learned."""
    return opened(resources.files(__package__).joinpath("ear.bin").read_bytes())


def opened(file: bytes) -> Weights:
    """Read weights: a line of JSON, then a signed byte a bucket."""
    head, _, body = file.partition(b"\n")
    return Weights(**json.loads(head), buckets=tuple(memoryview(body).cast("b")))
