"""The meaning of a question, when there is a model: loaded beside the answering, once, and never waited for."""

import threading
from collections.abc import Callable

from agent_server.embedding.port import Embedder, Vectors
from agent_server.embedding.remembering import Remembering

_REMEMBERED = 2048


class Meaning:
    """Turns a question into a vector. Until the model is loaded, and where it cannot be, there is none and words have to do.

    Args:
        embedder: The model; slow when it is first used.
        tell: Takes one sentence when the model cannot be loaded; called at most once.
    """

    def __init__(self, embedder: Embedder, tell: Callable[[str], None]) -> None:
        self._embedder = Remembering(embedder, most=_REMEMBERED)
        self._tell = tell
        self._loaded = threading.Event()
        self._ended = threading.Event()

    def load(self) -> None:
        """Begin to load the model on a thread of its own; returns at once."""
        threading.Thread(target=self._load, name="embedding", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until loading has ended, well or not; return whether there is a model."""
        self._ended.wait(seconds)
        return self._loaded.is_set()

    def of(self, text: str) -> Vectors | None:
        """Return the vector of a text, shape (384,), or None while there is no model; a text asked again costs nothing."""
        if not self._loaded.is_set() or not text.strip():
            return None
        vector: Vectors = self._embedder.embed([text])[0]
        return vector

    def _load(self) -> None:
        try:
            self._embedder.embed(["ready"])
            self._loaded.set()
        except Exception as error:  # noqa: BLE001 - whatever a foreign model raises, the server answers without it
            self._tell(f"searching by words alone: the embedding model cannot be loaded ({error})")
        finally:
            self._ended.set()
