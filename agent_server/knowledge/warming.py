"""Loads what questions need beside the answering, so that neither the start nor an answer waits for it."""

import threading
from collections.abc import Iterator
from typing import Protocol

_GRACE_SECONDS = 1.5
"""Before it begins: whoever started the server for one question gets the cores first."""


class Loadable(Protocol):
    """Something that is loaded part by part."""

    def steps_to_warm(self) -> Iterator[None]:
        """Load a part each time the next step is asked for."""
        ...


class Warming:
    """Loads on a thread of its own once begun, until all is there or it is told to end.

    Args:
        loadable: What is loaded.
        grace: Seconds to wait before it begins.
    """

    def __init__(self, loadable: Loadable, grace: float = _GRACE_SECONDS) -> None:
        self._loadable = loadable
        self._grace = grace
        self._ended = threading.Event()
        # Not a daemon: a thread that the interpreter's end catches inside the model's own code would take the process down with it.
        self._thread = threading.Thread(target=self._run, name="warming")

    def begin(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def end(self) -> None:
        """Begin no further part; returns at once. The process ends when the part that is being loaded is there."""
        self._ended.set()

    def join(self, seconds: float) -> bool:
        """Wait until it has ended, at most so long; return whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._ended.wait(self._grace):
            return
        for _ in self._loadable.steps_to_warm():
            if self._ended.is_set():
                return
