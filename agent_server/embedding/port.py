"""The port of the embedding: texts in, vectors out."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384

Vectors: TypeAlias = NDArray[np.float32]
"""Shape (n, dimensions), one vector a row."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length 1 per text, shape (n, 384), row i for text i."""
        ...
