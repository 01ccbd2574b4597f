"""An agent server on loopback that keeps every byte it is sent, and answers as the real one does, with the offline planner."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from agent_server.app import create_app
from agent_server.settings import Settings

_PASSED_ON = ("content-type", "retry-after")


class RecordingServer(ThreadingHTTPServer):
    """Holds what arrived: request line, headers and body of each request, as bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app = create_app(Settings(model="offline"), log=lambda _record: None)
        self.received: list[bytes] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: RecordingServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Keep the request, then let the pages answer it."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(f"{self.requestline}\n{self.headers}".encode() + body)
        self.server.paths.append(self.path)
        answer = asyncio.run(self._answered(body))
        self.send_response(answer.status_code)
        for name in _PASSED_ON:
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    async def _answered(self, body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.server.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://agent.test") as http:
            return await http.post(self.path, content=body, headers={"content-type": self.headers["content-type"]})

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@contextmanager
def recording() -> Iterator[RecordingServer]:
    """Serve while the block runs."""
    with RecordingServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
