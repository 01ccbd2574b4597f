"""One process has a data directory: a lock that the kernel takes back when the process ends, however it ends."""

import fcntl
import os
from pathlib import Path


class Claimed(Exception):
    """Another process has the directory."""


class Claim:
    """A claim on a directory, held until it is released or the process ends.

    Args:
        directory: The data directory; it must exist.

    Raises:
        Claimed: Another process has it.
    """

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / "runner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise Claimed(f"{directory} is in use by another process") from error

    def release(self) -> None:
        """Let others have it."""
        os.close(self._file)
