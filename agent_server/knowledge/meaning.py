"""The meaning of a question, when there is a model: answers never wait for it."""

import threading
from collections.abc import Callable

from agent_server.embedding.port import Embedder, Vectors
from agent_server.embedding.remembering import Remembering

_REMEMBERED = 2048


class Meaning:
    """Turns a question into a vector. Until the model is loaded, and where it cannot be, there is none and words have to do.

    Args:
        embedder: The model; slow when it is first used.
        tell: Takes one sentence when the model cannot be loaded.
    """

    def __init__(self, embedder: Embedder, tell: Callable[[str], None]) -> None:
        self._embedder = Remembering(embedder, most=_REMEMBERED)
        self._tell = tell
        self._loaded = threading.Event()

    def load(self) -> None:
        """Load the model, which takes a second or two; to be called once, on a thread of its own. Says so when it cannot be loaded."""
        try:
            self._embedder.embed(["ready"])
        except Exception as error:  # noqa: BLE001 - whatever a foreign model raises, the server answers without it
            self._tell(f"searching by words alone: the embedding model cannot be loaded ({error})")
        else:
            self._loaded.set()

    def of(self, text: str) -> Vectors | None:
        """Return the vector of a text, shape (384,), or None while there is no model; a text asked again costs nothing."""
        if not self._loaded.is_set() or not text.strip():
            return None
        vector: Vectors = self._embedder.embed([text])[0]
        return vector
