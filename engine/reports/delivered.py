"""Which report a thread is about: the last one that was delivered there, else in its channel."""

from engine.storage.threads import ThreadStore

_KIND = "report"


class Delivered:
    """Remembers deliveries.

    Args:
        store: Thread memory.
    """

    def __init__(self, store: ThreadStore) -> None:
        self._store = store

    def remember(self, thread: str, report_id: str) -> None:
        """Keep that a report was delivered to a thread, or to a channel, whose threads are then about it too."""
        self._store.keep_results(thread, f"{_KIND}-{report_id}", report_id.encode())

    def newest(self, thread: str) -> str:
        """Return the id of the report that a thread is about; empty when none was delivered there.

        A key ends with the name of the thread in its channel; a post to the channel itself has an empty one.
        """
        channel = thread[: thread.rfind("|") + 1]
        for key in (thread, channel):
            for found in self._store.result_sets(key):
                if found.set_id.startswith(f"{_KIND}-"):
                    return found.body.decode()
        return ""
