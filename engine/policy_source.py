"""The policy as it is now: read again when its file changes, and closed to everyone when it cannot be read."""

import threading
from pathlib import Path

import structlog

from engine.approval.policy import Policy, PolicyError, load

_log = structlog.get_logger(__name__)


class PolicyFromFile:
    """Gives the policy of a file.

    Args:
        path: The file.

    Raises:
        PolicyError: The file cannot be used at the start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._policy = load(path)
        self._stamp = self._now()

    def __call__(self) -> Policy:
        """Return the policy; when the file has become unusable, one that gives nobody any role."""
        with self._lock:
            stamp = self._now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._policy = self._read()
            return self._policy

    def _read(self) -> Policy:
        try:
            return load(self._path)
        except PolicyError as error:
            _log.error("the policy file cannot be used; nobody may do anything until it is mended", error=str(error))
            return Policy(version=1)

    def _now(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
