"""The data directory: there, ours to write in, and with room.

Room is asked for before the index is written. It is mapped into memory as files with holes: where the disk cannot fill a hole the kernel
ends the process with SIGBUS (mmap(2)), and nobody could say why.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from engine.storage.database import StorageUnavailable

TO_OPEN: Final = 64 * 1024 * 1024
"""Bytes that must be free to open a data directory: a fresh one takes about 4 MB, and the index grows in steps of 32 MB."""
TO_WRITE: Final = 16 * 1024 * 1024
"""Bytes that must be free to write to an open index."""


def prepare(directory: Path) -> None:
    """Make the data directory, readable by this user only, where it is missing.

    Raises:
        StorageUnavailable: It cannot be made, nothing can be written in it, or it has no room.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(b"\0")
    except OSError as error:
        why = (
            "a file stands there"
            if isinstance(error, FileExistsError)
            else (error.strerror or type(error).__name__).lower()
        )
        raise StorageUnavailable(
            f"the data directory {directory} cannot be used: {why}; let this user write there, or set another [data] dir"
        ) from error
    room(directory, TO_OPEN)


def room(directory: Path, wanted: int) -> None:
    """Refuse to go on where fewer bytes are free.

    Raises:
        StorageUnavailable: So it is.
    """
    free = shutil.disk_usage(directory).free
    if free < wanted:
        raise StorageUnavailable(
            f"the disk of {directory} is full: {free / 1e6:,.0f} MB free, {wanted / 1e6:,.0f} MB wanted; make room and try again"
        )
