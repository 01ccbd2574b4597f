"""Local Azure and GCP endpoints as child processes, and their own pages (`/_escher/…`) as methods."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.sandbox.process import start
from tests.fakes.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running endpoint."""

    url: str

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the calls after `since`, oldest first."""
        return self._ask("GET", f"calls?since={since}")["calls"]

    def last(self) -> int:
        """Return the number of the newest call."""
        return self._ask("GET", "calls")["last"]

    def fault(self, **fault: Any) -> None:
        """Order a misfortune for the next matching call."""
        self._ask("POST", "faults", fault)

    def lift(self) -> None:
        """Take back all misfortunes that still wait."""
        self._ask("DELETE", "faults")

    def _ask(self, method: str, page: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_escher/{page}", data=data, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
            return json.load(answer)


@contextmanager
def local_cloud(cloud: str, *options: str) -> Iterator[LocalCloud]:
    """Run `python -m engine.sandbox.<cloud>` with `options` until the block ends."""
    with start(cloud, options) as running:
        yield LocalCloud(running.url)
