"""The index on a Qdrant server or cluster, through `qdrant-client`."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from agent_server.embedding.port import DIMENSIONS, Vectors
from engine.estate.vectors import Near, Point, StoreInUse, Where
from engine.storage.claim import Claim, Claimed
from engine.storage.database import StorageUnavailable

_TIMEOUT_SECONDS = 10
_BATCH = 500
_PAGE = 2000
_TOKENS = "f"
_BRIEF = ["s", "n", "h"]
_T = TypeVar("_T")


def connect(url: str, directory: Path) -> "ServerIndex":
    """Return the index on the server at an address, for the runner that has the data directory.

    A shard locks its folder; a server lets everybody in, so the directory is claimed here.

    Raises:
        StoreInUse: Another process has the data directory.
        StorageUnavailable: There is no Qdrant server.
    """
    from qdrant_client import QdrantClient  # noqa: PLC0415 - half a second to import, only when a server is configured
    from qdrant_client.http.exceptions import ApiException  # noqa: PLC0415 - likewise

    try:
        claim = Claim(directory)
    except Claimed as error:
        raise StoreInUse(str(error)) from error
    try:
        client = QdrantClient(url=url, timeout=_TIMEOUT_SECONDS, check_compatibility=False)
        return ServerIndex(client, release=claim.release)
    except (ApiException, ValueError, OSError) as error:
        claim.release()
        raise StorageUnavailable(
            f"the Qdrant server at {url} does not answer ({type(error).__name__}); start it, or empty [data] qdrant_url"
        ) from error


class ServerIndex:
    """A `VectorIndex` in one collection of a Qdrant server.

    Args:
        client: A connected `qdrant_client.QdrantClient`.
        collection: Created when missing.
        release: Called when it is closed.
    """

    def __init__(
        self, client: Any, collection: str = "cloud_estate", *, release: Callable[[], None] = lambda: None
    ) -> None:
        from qdrant_client import models  # noqa: PLC0415 - half a second to import, only when a server is configured

        self._m: Any = models
        self._client = client
        self._release = release
        self._name = collection
        if not client.collection_exists(collection):
            params = models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
            client.create_collection(collection, vectors_config=params)
            client.create_payload_index(collection, _TOKENS, models.PayloadSchemaType.KEYWORD)

    @property
    def shared(self) -> bool:
        """Other runners may write it."""
        return True

    def put(self, points: Sequence[Point]) -> None:
        """Insert or replace points whole."""
        for batch in _batches(points):
            made = [self._m.PointStruct(id=str(point.id), vector={}, payload=_payload(point)) for point in batch]
            self._client.upsert(self._name, made, wait=True)

    def rewrite(self, points: Sequence[Point]) -> None:
        """Replace everything but the vectors."""
        m = self._m
        for batch in _batches(points):
            operations = [
                m.OverwritePayloadOperation(
                    overwrite_payload=m.SetPayload(payload=_payload(point), points=[str(point.id)])
                )
                for point in batch
            ]
            self._client.batch_update_points(self._name, operations, wait=True)

    def place(self, ids: Sequence[UUID], vectors: Vectors, texts: Sequence[str]) -> None:
        """Give existing points their vectors."""
        m = self._m
        rows = list(zip(ids, vectors.tolist(), texts, strict=True))
        for batch in _batches(rows):
            made = [m.PointVectors(id=str(id_), vector=row) for id_, row, _ in batch]
            self._client.update_vectors(self._name, made, wait=True)
            noted = [
                m.SetPayloadOperation(set_payload=m.SetPayload(payload={"h": text}, points=[str(id_)]))
                for id_, _, text in batch
            ]
            self._client.batch_update_points(self._name, noted, wait=True)

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points."""
        for batch in _batches([str(id_) for id_ in ids]):
            self._client.delete(self._name, points_selector=self._m.PointIdsList(points=list(batch)), wait=True)

    def get(self, ids: Sequence[UUID]) -> list[Point]:
        """Return the points that are there."""
        found: list[Point] = []
        for batch in _batches([str(id_) for id_ in ids]):
            records = self._client.retrieve(self._name, ids=list(batch), with_payload=_BRIEF, with_vectors=False)
            found.extend(_point(record) for record in records)
        return found

    def vectors(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[float]]:
        """Return the vectors of those that have one."""
        found: dict[UUID, Sequence[float]] = {}
        for batch in _batches([str(id_) for id_ in ids]):
            records = self._client.retrieve(self._name, ids=list(batch), with_payload=False, with_vectors=True)
            found.update({UUID(str(record.id)): record.vector for record in records if record.vector})
        return found

    def select(self, where: Where) -> list[Point]:
        """Return every point that passes."""
        found: list[Point] = []
        offset: Any = None
        while True:
            records, offset = self._client.scroll(
                self._name, scroll_filter=self._filter(where), limit=_PAGE, offset=offset, with_payload=_BRIEF
            )
            found.extend(_point(record) for record in records)
            if offset is None:
                return found

    def nearest(self, vector: Sequence[float], where: Where, limit: int) -> list[Near]:
        """Return the closest that pass."""
        reply = self._client.query_points(
            self._name,
            query=list(vector),
            query_filter=self._filter(where),
            limit=limit,
            with_payload=_BRIEF,
            search_params=self._m.SearchParams(exact=True),
        )
        return [Near(point=_point(record), score=float(record.score)) for record in reply.points]

    def compact(self) -> None:
        """Do nothing: a Qdrant server merges its segments by itself."""

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
        self._release()

    def _filter(self, where: Where) -> Any:
        m = self._m
        must: list[Any] = [m.FieldCondition(key=_TOKENS, match=m.MatchAny(any=sorted(group))) for group in where.tokens]
        if where.ids is not None:
            must.append(m.HasIdCondition(has_id=sorted(str(id_) for id_ in where.ids)))
        return m.Filter(must=must) if must else None


def _batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _payload(point: Point) -> dict[str, Any]:
    sealed = base64.b64encode(point.sealed).decode("ascii")
    return {"s": sealed, "n": point.version, "h": point.text, _TOKENS: list(point.tokens)}


def _point(record: Any) -> Point:
    payload = record.payload
    return Point(
        id=UUID(str(record.id)),
        version=int(payload["n"]),
        sealed=base64.b64decode(payload["s"]),
        text=str(payload["h"]),
    )
