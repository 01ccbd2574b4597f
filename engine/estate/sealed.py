"""Between readable records and the index: sealing, keyed hashes, deterministic ids, turned vectors."""

import base64
from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID, uuid5

import numpy as np

from agent_server.embedding.port import DIMENSIONS, Vectors
from engine.estate.record import Pair
from engine.estate.rotation import Matrix, orthogonal
from engine.estate.vectors import Point, VectorIndex, Where
from engine.storage.envelope import epoch_of
from engine.storage.keys import KeyRing, Purpose

_TABLE = "cloud_estate"
_SPACE = UUID("a7f4b0a4-0d5a-5d0c-9a0e-6a2a3f0f6c11")
_KNOWN_TOKENS = 65_536
_TOKEN_BYTES = 12
"""96 bits of a keyed hash are kept: a hundred million different values meet by chance with a probability below 1e-13."""


class SealedIndex:
    """A `VectorIndex` behind keys: whoever holds this reads and writes plain records, the index sees none.

    Args:
        index: Where points are kept.
        ring: The keys. New points are written under its newest epoch; points of all live epochs are found.
    """

    def __init__(self, index: VectorIndex, ring: KeyRing) -> None:
        self.index = index
        self._ring = ring
        self._token = lru_cache(maxsize=_KNOWN_TOKENS)(self._hashed)
        self._matrix = lru_cache(maxsize=4)(self._turn)

    @property
    def epoch(self) -> int:
        """The key epoch that new points are written under."""
        return self._ring.epoch

    @property
    def epochs(self) -> tuple[int, ...]:
        """All epochs whose points may be there, newest first."""
        return self._ring.live

    def id(self, kind: str, name: str) -> UUID:
        """Return the point id of a thing: the same name always has the same id within an epoch."""
        return uuid5(_SPACE, self._ring.blind(f"id.{kind}", name))

    def ids(self, kind: str, name: str) -> tuple[UUID, ...]:
        """Return the ids a thing may have under the live epochs, newest first."""
        return tuple(uuid5(_SPACE, token) for token in self._ring.blinds(f"id.{kind}", name))

    def text(self, text: str) -> str:
        """Return the keyed hash of a text that is embedded."""
        return self._ring.blind("text", text)

    def point(self, id_: UUID, version: int, record: bytes, pairs: Iterable[Pair], *, text: str = "") -> Point:
        """Return a record as a point: sealed for this id and version, its pairs hashed."""
        epoch = self.epoch
        return Point(
            id=id_,
            version=version,
            sealed=self._ring.seal(_TABLE, str(id_), version, record),
            tokens=self.tokens(pairs, epoch),
            text=text,
        )

    def tokens(self, pairs: Iterable[Pair], epoch: int) -> tuple[str, ...]:
        """Return the hashes of pairs under an epoch."""
        return tuple(sorted(self._token(epoch, pair) for pair in pairs))

    def record(self, point: Point) -> bytes:
        """Return the record of a point.

        Raises:
            EnvelopeError: It was changed, moved or rolled back, or its key is not held.
        """
        return self._ring.open(_TABLE, str(point.id), point.version, point.sealed)

    def stale(self, point: Point) -> bool:
        """Say whether a point was written under an earlier epoch."""
        return epoch_of(_TABLE, str(point.id), point.sealed) != self.epoch

    def epoch_of(self, point: Point) -> int:
        """Return the epoch a point was written under."""
        return epoch_of(_TABLE, str(point.id), point.sealed)

    def group(self, field: str, values: Iterable[str], *, epoch: int | None = None) -> frozenset[str]:
        """Return the hashes of which a point must have one for `field` to be among `values`; None: under any live epoch."""
        epochs = self.epochs if epoch is None else (epoch,)
        return frozenset(self._token(each, (field, value)) for value in values for each in epochs)

    def select(self, groups: Sequence[tuple[str, frozenset[str]]], ids: frozenset[UUID] | None = None) -> list[Point]:
        """Return all points whose fields are among the values; `ids` bounds them further."""
        return self.index.select(Where(tokens=tuple(self.group(*group) for group in groups), ids=ids))

    def turned(self, vectors: Vectors, epoch: int | None = None) -> Vectors:
        """Return vectors (n, 384) turned by the matrix of an epoch, None: the newest."""
        return np.asarray(vectors @ self._matrix(self.epoch if epoch is None else epoch).T, dtype=np.float32)

    def turned_on(self, vectors: Vectors, epoch: int) -> Vectors:
        """Return stored vectors of an earlier epoch as vectors of the newest.

        Raises:
            KeyError: The key of that epoch is no longer held.
        """
        return self.turned(np.asarray(vectors @ self._matrix(epoch), dtype=np.float32))

    def _hashed(self, epoch: int, pair: Pair) -> str:
        field, value = pair
        hashed = dict(zip(self._ring.live, self._ring.blinds(f"pair.{field}", value), strict=True))[epoch]
        return base64.urlsafe_b64encode(bytes.fromhex(hashed)[:_TOKEN_BYTES]).decode("ascii")

    def _turn(self, epoch: int) -> Matrix:
        return orthogonal(self._ring.secret(Purpose.MATRIX, epoch), DIMENSIONS)
