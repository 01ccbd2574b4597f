"""An agent server on loopback that keeps every byte it is sent, and answers with the offline planner."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel

from agent_server.contract.answer import AnswerRequest
from agent_server.contract.assess import AssessRequest
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
        answer = asyncio.run(_thought(model, self.path, body))
        data = json.dumps(answer.model_dump(mode="json")).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


def _thought(model: Deterministic, path: str, body: bytes) -> Coroutine[Any, Any, BaseModel]:
    match path:
        case "/v1/intent":
            return model.understand(IntentRequest.model_validate_json(body))
        case "/v1/plan":
            return model.plan(PlanRequest.model_validate_json(body))
        case "/v1/answer":
            return model.answer(AnswerRequest.model_validate_json(body))
        case "/v1/assess":
            return model.assess(AssessRequest.model_validate_json(body))
        case _:
            raise AssertionError(f"the runner asks for {path}")


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
