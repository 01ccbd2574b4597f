"""Both kinds of places that an estate's index may rest in, and what tests ask of the estate there."""

from pathlib import Path
from typing import Any

import pytest

from engine.estate.edge import EdgeIndex
from engine.estate.selector import Selector
from engine.estate.server import ServerIndex
from engine.estate.store import EstateStore
from engine.estate.vectors import VectorIndex, Where

LOCAL_MODE = [  # the client's local mode says that it indexes nothing and searches exactly anyway
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]


class Place:
    """Somewhere an index rests, that can be left and opened again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind, self._folder = kind, folder
        self._client: Any = None
        self._open: VectorIndex | None = None

    def index(self) -> VectorIndex:
        """Return the index, closed before if it was open."""
        if self._kind == "edge":
            if self._open is not None:
                self._open.close()
            self._open = EdgeIndex(self._folder / "estate")
        else:
            if self._client is None:
                from qdrant_client import QdrantClient  # noqa: PLC0415 - only where it is the subject

                self._client = QdrantClient(":memory:")
            self._open = ServerIndex(self._client)
        return self._open

    def close(self) -> None:
        """Let go."""
        if self._open is not None:
            self._open.close()


def names(store: EstateStore, selector: Selector | None = None) -> list[str]:
    """Return the names that a selector finds, all without one."""
    return [resource.name for resource in store.select(selector or Selector()).resources]


def everything() -> Where:
    """Return what every record answers to."""
    return Where()
