"""Making the searchable index anew from its own records: filters, vectors, room on disk.

Everything is replaced where it lies, piece by piece: whenever this is interrupted, each record is as it was or as it is to be, the
estate is found as before, and the next run begins again and ends the same.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent_server.embedding.port import Embedder
from engine.estate.store import EstateStore

_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexed:
    """What was done.

    Attributes:
        resources: How many resources there are.
        rehashed: How many were hashed anew.
        embedded: How many got their vector anew.
        seconds: How long it took.
    """

    resources: int
    rehashed: int
    embedded: int
    seconds: float


def reindex(
    store: EstateStore,
    embedder: Embedder | None,
    *,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Reindexed:
    """Make the index of a store anew; others may read and write it meanwhile.

    Args:
        store: The estate.
        embedder: Turns texts into vectors; None leaves them as they are.
        progress: Told after each piece how many of how many have their vector.
        stop: Ends it early, at a piece's end.
    """
    begun = time.monotonic()
    rehashed = store.rehash()
    ids = store.point_ids() if embedder is not None else []
    embedded = 0
    for start in range(0, len(ids), _AT_ONCE):
        if embedder is None or (stop is not None and stop.is_set()):
            break
        texts = store.texts(ids[start : start + _AT_ONCE])
        embedded += store.embed(texts, embedder.embed([text for _, _, text in texts])) if texts else 0
        if progress is not None:
            progress(min(start + _AT_ONCE, len(ids)), len(ids))
    store.compact()
    return Reindexed(resources=len(store), rehashed=rehashed, embedded=embedded, seconds=time.monotonic() - begun)
