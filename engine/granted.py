"""What the clouds said yes to, remembered for some minutes: rights and sizes that the next plan need not ask for again.

A no is not remembered, because it is what somebody goes and mends. Answers come in many threads.
"""

import threading
import time
from collections.abc import Callable, Iterable

from engine.estate.resource import Permitted

Key = tuple[str, ...]
"""What was asked."""
Answer = Permitted | bool | None
Asking = Callable[[], Answer]


class Granted:
    """Remembers each yes.

    Args:
        seconds: For how long.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[Key, tuple[float, Answer]] = {}
        self._lock = threading.Lock()

    def of(self, keys: Iterable[Key]) -> dict[Key, Answer]:
        """Return what is still known of these, and forget what has become old."""
        now = time.monotonic()
        with self._lock:
            self._until = {key: known for key, known in self._until.items() if known[0] > now}
            return {key: self._until[key][1] for key in keys if key in self._until}

    def keeping(self, key: Key, ask: Asking) -> Asking:
        """Return the same question, whose yes is kept."""

        def asked() -> Answer:
            answer = ask()
            if answer in {Permitted.ALLOWED, True}:
                with self._lock:
                    self._until[key] = (time.monotonic() + self._seconds, answer)
            return answer

        return asked
