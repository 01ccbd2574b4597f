"""An embedder that does each text once."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from agent_server.embedding.port import DIMENSIONS, Embedder, Vectors


class Remembering:
    """Embeds a text once however often it comes, and remembers the latest texts; wraps another embedder.

    Args:
        embedder: Does the work.
        most: How many texts are remembered; each takes about 2 KB.
    """

    def __init__(self, embedder: Embedder, most: int = 4096) -> None:
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        found.update(zip(new, self._embedder.embed(new), strict=True) if new else ())
        with self._lock:
            self._known.update({text: found[text] for text in new})
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return np.array([found[text] for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS)
