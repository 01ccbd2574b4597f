"""The shipped vectors: made once at build time, found by the hash of the text they stand for.

A file of `data/` holds one record a text: the hash, and the vector as 384 whole numbers of one byte with a scale. There are several, so that a
new playbook does not change the large one. A text that is new since they were made has no vector and is found by its words alone, until
`generate` is run again.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from agent_server.embedding.port import DIMENSIONS, Vectors

Records: TypeAlias = NDArray[np.void]
_RECORD = np.dtype([("key", "<u8"), ("scale", "<f4"), ("row", "i1", (DIMENSIONS,))])
_MOST = 127
_LEAST = 1e-9


class Shelf(StrEnum):
    """Which file of `data/` a vector lies in: the SDKs' operations, what operators say for them, or what people wrote."""

    COMMANDS = "commands.npy"
    SAYINGS = "sayings.npy"
    TEXTS = "texts.npy"


def vectors_of(texts: Sequence[str], shelf: Shelf) -> Vectors:
    """Return the shipped vector of each text, about 1 long, shape (n, 384); a row of zeros where there is none."""
    found = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    shipped = _shipped(shelf)
    if not len(shipped) or not texts:
        return found
    keys, wanted = np.ascontiguousarray(shipped["key"]), _keys(texts)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    known = np.flatnonzero(keys[at] == wanted)
    rows = shipped[at[known]]
    found[known] = rows["row"].astype(np.float32) * rows["scale"][:, None]
    return found


def packed(texts: Sequence[str], vectors: Vectors) -> Records:
    """Return vectors as records."""
    found = np.zeros(len(texts), dtype=_RECORD)
    if texts:
        scales = np.abs(vectors).max(axis=1, initial=_LEAST) / _MOST
        found["key"] = _keys(texts)
        found["scale"] = scales
        found["row"] = np.rint(vectors / scales[:, None])
    return found


def kept(texts: Sequence[str], shelf: Shelf) -> Records:
    """Return the shipped records that stand for one of these texts; the others are of no use any more."""
    shipped = _shipped(shelf)
    return np.asarray(shipped[np.isin(shipped["key"], _keys(texts))])


def joined(some: Records, others: Records) -> Records:
    """Return records in order of their keys, as they are shipped."""
    every = np.concatenate([some, others])
    return every[np.argsort(every["key"], kind="stable")]


def _keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    hashes = (hashlib.sha256(text.encode()).digest() for text in texts)
    return np.array([int.from_bytes(one[:8], "little") for one in hashes], dtype=np.uint64)


@cache
def _shipped(shelf: Shelf) -> Records:
    file = resources.files("agent_server.knowledge").joinpath("data", shelf)
    if not file.is_file():
        return np.zeros(0, dtype=_RECORD)
    with resources.as_file(file) as path:
        found: Records = np.load(Path(path), mmap_mode="r")
    return found
