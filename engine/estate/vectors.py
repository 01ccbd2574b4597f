"""The port of the searchable index: sealed payloads, keyed hashes to filter by, vectors to compare by meaning.

An implementation never sees anything readable. `Point.tokens` are keyed hashes; `Point.sealed` is an envelope; vectors are
turned by a secret matrix before they arrive. One contract suite runs over every implementation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from agent_server.embedding.port import Vectors


class StoreInUse(Exception):
    """Another process has the index open; the embedded one takes one opener at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One record.

    Attributes:
        id: Deterministic, says nothing by itself.
        version: Of the record; part of what the envelope is bound to.
        sealed: The envelope of the whole record.
        tokens: Keyed hashes to filter by; left out of points that are read.
        text: Keyed hash of the text that the stored vector stands for; empty while there is no vector.
    """

    id: UUID
    version: int
    sealed: bytes
    tokens: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A filter: of every group of `tokens` at least one must be there; `ids`, when given, bounds the result."""

    tokens: tuple[frozenset[str], ...] = ()
    ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A point and how close it is: cosine, -1 to 1."""

    point: Point
    score: float


class VectorIndex(Protocol):
    """Keeps points. Methods block; callers use threads. Reading is safe from several threads, writing from one at a time."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write it too."""
        ...

    def put(self, points: Sequence[Point]) -> None:
        """Insert or replace points whole; they have no vector afterwards and are found by filters only."""
        ...

    def rewrite(self, points: Sequence[Point]) -> None:
        """Replace everything of existing points but their vectors."""
        ...

    def place(self, ids: Sequence[UUID], vectors: Vectors, texts: Sequence[str]) -> None:
        """Give existing points their vectors (row i belongs to id i), and note the text hashes they stand for."""
        ...

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points; ids that are not there are passed over."""
        ...

    def get(self, ids: Sequence[UUID]) -> list[Point]:
        """Return the points that are there, in no particular order."""
        ...

    def vectors(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[float]]:
        """Return the stored vectors of those of `ids` that have one."""
        ...

    def select(self, where: Where) -> list[Point]:
        """Return every point that passes the filter: complete, never the first so many."""
        ...

    def nearest(self, vector: Sequence[float], where: Where, limit: int) -> list[Near]:
        """Return the `limit` points that pass the filter and lie closest, best first."""
        ...

    def compact(self) -> None:
        """Give back the room of points that are gone; what is there stays as it is."""
        ...

    def close(self) -> None:
        """Write everything out and let go."""
        ...
