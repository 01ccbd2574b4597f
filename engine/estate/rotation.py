"""The secret turn of all vectors: an orthogonal matrix per key epoch.

Multiplying every vector by one orthogonal matrix keeps every length and every cosine, so search by meaning is as exact as
before, while a stored vector can no longer be compared with the model's own. It hinders reading them back; it is not encryption.
"""

import hashlib
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]

_WORD = 8
_MANTISSA_BITS = 53


def orthogonal(seed: bytes, dimensions: int) -> Matrix:
    """Return the orthogonal matrix (dimensions x dimensions) of a secret seed; the same seed gives the same matrix.

    The seed is stretched with SHAKE-256, turned into Gaussian numbers by the Box-Muller transform and orthogonalised by QR;
    fixing the signs of R's diagonal makes the result uniform over all orthogonal matrices (Mezzadri, 2007).
    """
    cells = dimensions * dimensions
    stream = hashlib.shake_256(b"escher/1/estate-rotation" + seed).digest(2 * cells * _WORD)
    uniform = (np.frombuffer(stream, dtype="<u8") >> np.uint64(64 - _MANTISSA_BITS)).astype(np.float64)
    uniform = (uniform + 0.5) / float(1 << _MANTISSA_BITS)
    gaussian = np.sqrt(-2.0 * np.log(uniform[:cells])) * np.cos(2.0 * np.pi * uniform[cells:])
    q, r = np.linalg.qr(gaussian.reshape(dimensions, dimensions))
    return np.asarray(q * np.sign(np.diag(r)), dtype=np.float32)
