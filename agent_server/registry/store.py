"""What is known of each version of a published playbook: points in Qdrant, one collection for each tenant.

Metadata only; scripts lie elsewhere. A point's vector is that of the playbook's name, summary and keywords. Every call names the tenant,
so that none can reach another's collection.
"""

import functools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID, uuid5

from agent_server.contract.playbook import PlaybookMetadata, PlaybookStatus
from agent_server.embedding.port import DIMENSIONS
from agent_server.registry.tenancy import collection_of
from agent_server.registry.unavailable import RegistryUnavailable

IN_MEMORY = ":memory:"
_SPACE = UUID("6f1f8a52-6d0b-5e0e-9d0c-2a8f2f6f3c11")
_PAGE = 256
_SECONDS = 5
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One version, as stored.

    Attributes:
        metadata: What callers may see of it.
        package_sha256: Digest of the whole playbook's stored bytes.
        successes: How many of its executions succeeded.
    """

    metadata: PlaybookMetadata
    package_sha256: str
    successes: int = 0


class PlaybookIndex(Protocol):
    """Where the records of all tenants are kept.

    Every method raises RegistryUnavailable when the store does not answer.
    """

    def put(self, tenant: str, record: Record, vector: Sequence[float]) -> None:
        """Insert a version, or replace it."""
        ...

    def rewrite(self, tenant: str, record: Record) -> None:
        """Replace a version's record and keep its vector."""
        ...

    def get(self, tenant: str, playbook_id: str, version: str) -> Record | None:
        """Return one version, or None."""
        ...

    def listed(
        self, tenant: str, *, playbook_id: str = "", statuses: Collection[PlaybookStatus] = ()
    ) -> tuple[Record, ...]:
        """Return every version, or those of one playbook or in some states, in no particular order."""
        ...

    def near(
        self,
        tenant: str,
        vector: Sequence[float],
        *,
        clouds: Collection[str] = (),
        statuses: Collection[PlaybookStatus],
        limit: int = 20,
    ) -> tuple[tuple[Record, float], ...]:
        """Return the versions nearest in meaning with their cosine, best first; of any of the clouds, if clouds are given."""
        ...


def _reaching(
    call: Callable[Concatenate["QdrantPlaybooks", _P], _R],
) -> Callable[Concatenate["QdrantPlaybooks", _P], _R]:
    """Let a call fail as RegistryUnavailable, without the text of the failure, which may repeat what was stored."""

    @functools.wraps(call)
    def reaching(self: "QdrantPlaybooks", /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        from qdrant_client.http.exceptions import ApiException  # noqa: PLC0415 - see QdrantPlaybooks

        try:
            with self.turn:
                return call(self, *args, **kwargs)
        except (ApiException, OSError):
            raise RegistryUnavailable("the index of playbooks") from None

    return reaching


class QdrantPlaybooks:
    """A `PlaybookIndex` over `qdrant-client`.

    Args:
        client: A connected `qdrant_client.QdrantClient`.
        local: Whether it is the client's own local mode: plain Python over one dictionary, in which two threads at once would see
            halves of a change, and which has no payload indexes.
    """

    def __init__(self, client: Any, *, local: bool = False) -> None:
        from qdrant_client import models  # noqa: PLC0415 - half a second, only where a registry is configured

        self._m: Any = models
        self._client = client
        self._local = local
        self.turn: AbstractContextManager[object] = threading.RLock() if local else nullcontext()

    @_reaching
    def put(self, tenant: str, record: Record, vector: Sequence[float]) -> None:
        """Insert a version, or replace it; the tenant's collection is made with its first."""
        name = collection_of(tenant)
        if not self._client.collection_exists(name):
            self._create(name)
        meta = record.metadata
        point = self._m.PointStruct(id=_point(meta.id, meta.version), vector=list(vector), payload=_payload(record))
        self._client.upsert(name, [point], wait=True)

    @_reaching
    def rewrite(self, tenant: str, record: Record) -> None:
        """Replace a version's record and keep its vector."""
        point = _point(record.metadata.id, record.metadata.version)
        self._client.overwrite_payload(collection_of(tenant), payload=_payload(record), points=[point], wait=True)

    @_reaching
    def get(self, tenant: str, playbook_id: str, version: str) -> Record | None:
        """Return one version, or None."""
        name = collection_of(tenant)
        if not self._client.collection_exists(name):
            return None
        found = self._client.retrieve(name, ids=[_point(playbook_id, version)], with_payload=True)
        return _record(found[0].payload) if found else None

    @_reaching
    def listed(
        self, tenant: str, *, playbook_id: str = "", statuses: Collection[PlaybookStatus] = ()
    ) -> tuple[Record, ...]:
        """Return every version, or those of one playbook or in some states."""
        name = collection_of(tenant)
        if not self._client.collection_exists(name):
            return ()
        wanted = {"id": [playbook_id] if playbook_id else [], "status": [one.value for one in statuses]}
        return tuple(self._pages(name, self._where(wanted)))

    @_reaching
    def near(
        self,
        tenant: str,
        vector: Sequence[float],
        *,
        clouds: Collection[str] = (),
        statuses: Collection[PlaybookStatus],
        limit: int = 20,
    ) -> tuple[tuple[Record, float], ...]:
        """Return the versions nearest in meaning with their cosine, best first."""
        name = collection_of(tenant)
        if not statuses or not self._client.collection_exists(name):
            return ()
        where = self._where({"clouds": sorted(clouds), "status": sorted(one.value for one in statuses)})
        answer = self._client.query_points(
            name, query=list(vector), query_filter=where, limit=limit, with_payload=True, with_vectors=False
        )
        return tuple((_record(point.payload), float(point.score)) for point in answer.points)

    def _create(self, name: str) -> None:
        m = self._m
        params = m.VectorParams(size=DIMENSIONS, distance=m.Distance.COSINE)
        self._client.create_collection(name, vectors_config=params)
        for field in () if self._local else ("id", "status", "clouds"):
            self._client.create_payload_index(name, field, m.PayloadSchemaType.KEYWORD)

    def _pages(self, name: str, where: Any) -> Iterator[Record]:
        offset = None
        while True:
            points, offset = self._client.scroll(
                name, scroll_filter=where, limit=_PAGE, offset=offset, with_payload=True, with_vectors=False
            )
            yield from (_record(point.payload) for point in points)
            if offset is None:
                return

    def _where(self, wanted: Mapping[str, Sequence[str]]) -> Any:
        m = self._m
        return m.Filter(
            must=[m.FieldCondition(key=key, match=m.MatchAny(any=list(any_))) for key, any_ in wanted.items() if any_]
        )


def connect(url: str, api_key: str = "") -> QdrantPlaybooks:
    """Return the index of a Qdrant server, or one in memory that ends with the process."""
    from qdrant_client import QdrantClient  # noqa: PLC0415 - see QdrantPlaybooks

    if url == IN_MEMORY:
        return QdrantPlaybooks(QdrantClient(location=IN_MEMORY), local=True)
    client = QdrantClient(url=url, api_key=api_key or None, timeout=_SECONDS, check_compatibility=False)
    return QdrantPlaybooks(client)


def _point(playbook_id: str, version: str) -> str:
    return str(uuid5(_SPACE, f"{playbook_id}@{version}"))


def _payload(record: Record) -> dict[str, Any]:
    return {
        "v": 1,
        **record.metadata.model_dump(mode="json"),
        "package_sha256": record.package_sha256,
        "successes": record.successes,
    }


def _record(payload: Mapping[str, Any]) -> Record:
    known = {key: value for key, value in payload.items() if key in PlaybookMetadata.model_fields}
    return Record(
        metadata=PlaybookMetadata.model_validate(known),
        package_sha256=str(payload["package_sha256"]),
        successes=int(payload["successes"]),
    )
