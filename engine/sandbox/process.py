"""A local endpoint as a child process: started, waited for, stopped, and never left behind.

The child holds the other end of a pipe as its standard input and ends when that ends, so that a parent which is
killed leaves no orphan.
"""

import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

MARK = " endpoint: "
READY_SECONDS = 120.0
END_SECONDS = 3.0
KEPT_LINES = 40


class EndpointNotStarted(Exception):
    """The child ended or stayed silent; the message carries what it wrote on standard error."""


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """A running endpoint: where it answers and the process behind it."""

    name: str
    url: str
    process: subprocess.Popen[str]
    _readers: tuple[threading.Thread, ...] = field(default=(), repr=False)

    def stop(self) -> None:
        """End the child: by closing its standard input, then by signals. Safe to call twice."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        harder: tuple[Callable[[], None], ...] = (self.process.terminate, self.process.kill)
        for signal in (None, *harder):
            if signal is not None:
                signal()
            try:
                self.process.wait(END_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        for reader in self._readers:
            reader.join(END_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(name: str, argv: Sequence[str], *, ready_seconds: float = READY_SECONDS) -> Endpoint:
    """Run `python -m engine.sandbox.<name> <argv>` and wait for its line `<name> endpoint: URL`.

    Args:
        name: `aws`, `azure` or `gcp`.
        argv: the options, as in `["--scale", "300", "--gate"]`; port 0 and `--exit-with-parent` are added.
        ready_seconds: how long seeding may take.

    Raises:
        EndpointNotStarted: the child ended before it was ready, or the time was up.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        [sys.executable, "-m", f"engine.sandbox.{name}", "--port", "0", *argv, "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    complaints: deque[str] = deque(maxlen=KEPT_LINES)
    readers = (
        threading.Thread(target=_read_url, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_keep, args=(process.stderr, complaints), daemon=True),
    )
    for reader in readers:
        reader.start()
    endpoint = Endpoint(name=name, url="", process=process, _readers=readers)
    try:
        url = lines.get(timeout=ready_seconds)
    except queue.Empty:
        url = None
    if url is None:
        endpoint.stop()
        raise EndpointNotStarted(f"the local {name} endpoint did not start: {''.join(complaints).strip() or 'no word'}")
    endpoint.url = url
    return endpoint


def _read_url(stream: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    """Hand on the URL once, then read on so that the child never waits for a full pipe; None at the end."""
    for line in stream:
        _, mark, url = line.partition(MARK)
        if mark:
            lines.put(url.strip())
    lines.put(None)


def _keep(stream: IO[str], complaints: deque[str]) -> None:
    complaints.extend(stream)
