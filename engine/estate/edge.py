"""The index in process: one `qdrant-edge-py` shard in a folder, with a write-ahead log and a single opener."""

import base64
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from agent_server.embedding.port import DIMENSIONS, Vectors
from engine.estate.vectors import Near, Point, StoreInUse, Where
from engine.storage.directory import TO_WRITE, room

_BATCH = 1000
_PAGE = 20_000
_TOKENS = "f"
_BRIEF = ["s", "n", "h"]


class EdgeIndex:
    """A `VectorIndex` in a folder of its own.

    Args:
        folder: Created when missing.

    Raises:
        StoreInUse: Another process has it open.
    """

    def __init__(self, folder: Path) -> None:
        import qdrant_edge  # noqa: PLC0415 - 40 MB of native code, loaded when an estate is opened

        self._q: Any = qdrant_edge
        self._lock = threading.Lock()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._shard: Any = (
                self._load(str(folder)) if (folder / "edge_config.json").exists() else self._create(str(folder))
            )
        except Exception as error:
            if "WouldBlock" in str(error) or "lock" in str(error).lower():
                raise StoreInUse(f"another process has {folder} open") from error
            raise

    @property
    def shared(self) -> bool:
        """Nobody else can have it open."""
        return False

    def put(self, points: Sequence[Point]) -> None:
        """Insert or replace points whole."""
        q = self._q
        for batch in _batches(points):
            made = [q.Point(str(point.id), {}, _payload(point)) for point in batch]
            self._update(q.UpdateOperation.upsert_points(made))

    def rewrite(self, points: Sequence[Point]) -> None:
        """Replace everything but the vectors."""
        for point in points:
            self._update(self._q.UpdateOperation.overwrite_payload([str(point.id)], _payload(point)))

    def place(self, ids: Sequence[UUID], vectors: Vectors, texts: Sequence[str]) -> None:
        """Give existing points their vectors."""
        q = self._q
        rows = zip(ids, vectors.tolist(), strict=True)
        for batch in _batches([q.PointVectors(str(id_), row) for id_, row in rows]):
            self._update(q.UpdateOperation.update_vectors(batch))
        for id_, text in zip(ids, texts, strict=True):
            self._update(q.UpdateOperation.set_payload([str(id_)], {"h": text}))

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points."""
        for batch in _batches([str(id_) for id_ in ids]):
            self._update(self._q.UpdateOperation.delete_points(batch))

    def get(self, ids: Sequence[UUID]) -> list[Point]:
        """Return the points that are there."""
        found = self._shard.retrieve([str(id_) for id_ in ids], with_payload=_BRIEF, with_vector=False)
        return [_point(record) for record in found]

    def vectors(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[float]]:
        """Return the vectors of those that have one."""
        found = self._shard.retrieve([str(id_) for id_ in ids], with_payload=False, with_vector=True)
        return {_uuid(record.id): record.vector for record in found if record.vector}

    def select(self, where: Where) -> list[Point]:
        """Return every point that passes."""
        found: list[Point] = []
        offset: Any = None
        while True:
            request = self._q.ScrollRequest(offset=offset, limit=_PAGE, filter=self._filter(where), with_payload=_BRIEF)
            records, offset = self._shard.scroll(request)
            found.extend(_point(record) for record in records)
            if offset is None:
                return found

    def nearest(self, vector: Sequence[float], where: Where, limit: int) -> list[Near]:
        """Return the closest that pass."""
        q = self._q
        request = q.QueryRequest(
            limit=limit,
            query=q.Query.Nearest(list(vector)),
            filter=self._filter(where),
            with_payload=_BRIEF,
            params=q.SearchParams(exact=True),
        )
        return [Near(point=_point(record), score=float(record.score)) for record in self._shard.query(request)]

    def compact(self) -> None:
        """Merge the segments of the shard without what was deleted, durably."""
        with self._lock:
            self._shard.optimize()
            self._shard.flush()

    def close(self) -> None:
        """Flush and release the folder."""
        with self._lock:
            self._shard.flush()
            self._shard.close()

    def _update(self, operation: Any) -> None:
        room(self._folder, TO_WRITE)
        with self._lock:
            self._shard.update(operation)

    def _load(self, folder: str) -> Any:
        return self._q.EdgeShard.load(folder)

    def _create(self, folder: str) -> Any:
        q = self._q
        params = q.EdgeVectorParams(size=DIMENSIONS, distance=q.Distance.Cosine)
        shard = q.EdgeShard.create(folder, q.EdgeConfig(vectors=params))
        shard.update(q.UpdateOperation.create_field_index(_TOKENS, q.PayloadSchemaType.Keyword))
        shard.flush()
        return shard

    def _filter(self, where: Where) -> Any:
        q = self._q
        must: list[Any] = [q.FieldCondition(_TOKENS, match=q.MatchAny(sorted(group))) for group in where.tokens]
        if where.ids is not None:
            must.append(q.HasIdCondition({str(id_) for id_ in where.ids}))
        return q.Filter(must=must) if must else None


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _BATCH):
        yield list(items[start : start + _BATCH])


def _payload(point: Point) -> dict[str, Any]:
    sealed = base64.b64encode(point.sealed).decode("ascii")
    return {"s": sealed, "n": point.version, "h": point.text, _TOKENS: list(point.tokens)}


def _point(record: Any) -> Point:
    payload = record.payload
    return Point(
        id=_uuid(record.id),
        version=int(payload["n"]),
        sealed=base64.b64decode(payload["s"]),
        text=str(payload["h"]),
    )


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
