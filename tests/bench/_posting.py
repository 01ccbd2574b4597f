"""A load generator that costs little itself: requests written beforehand, sent over a few connections, at their time or as fast as they are answered."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of a load.

    Attributes:
        milliseconds: How long each took, sorted; from when it was due, so that waiting counts.
        seconds: From the first to the last answer.
        failed: How many were answered with anything but 200.
    """

    milliseconds: tuple[float, ...]
    seconds: float
    failed: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return what that share of the requests stayed under."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(len(self.milliseconds) * share))]


def written(path: str, body: dict[str, Any]) -> bytes:
    """Return a request as its bytes."""
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: agent\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def posted(url: str, requests: Sequence[bytes], *, rate: float = 0.0, connections: int = 8) -> Load:
    """Send requests: `rate` a second, or each as soon as a connection is free when it is 0."""
    return asyncio.run(_posted(url, requests, rate=rate, connections=connections))


async def _posted(url: str, requests: Sequence[bytes], *, rate: float, connections: int) -> Load:
    took: list[float] = []
    failed = 0
    began = time.perf_counter()
    waiting = iter(enumerate(requests))

    async def connection() -> None:
        nonlocal failed
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for number, request in waiting:
            due = began + number / rate if rate else time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(request)
            failed += await _status(reader) != "200"
            took.append((time.perf_counter() - due) * 1000)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(connections)))
    return Load(milliseconds=tuple(sorted(took)), seconds=time.perf_counter() - began, failed=failed)


async def _status(reader: asyncio.StreamReader) -> str:
    """Read one answer to its end; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    length = next(line for line in head if line.lower().startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))
    return head[0].split()[1]
