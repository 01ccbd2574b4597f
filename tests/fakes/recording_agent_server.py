"""An agent server on loopback that keeps every byte it is sent, and answers with the offline planner."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from agent_server.contract.intent import IntentRequest
from agent_server.contract.plan import PlanRequest
from agent_server.models.deterministic import Deterministic


class RecordingServer(ThreadingHTTPServer):
    """Holds what arrived: request line, headers and body of each request, as bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = Deterministic()
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
        """Keep the request, then understand or plan."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(f"{self.requestline}\n{self.headers}".encode() + body)
        self.server.paths.append(self.path)
        model = self.server.model
        if self.path == "/v1/intent":
            answer = asyncio.run(model.understand(IntentRequest.model_validate_json(body))).model_dump(mode="json")
        else:
            answer = asyncio.run(model.plan(PlanRequest.model_validate_json(body))).model_dump(mode="json")
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

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
