"""An agent server whose understanding is the offline planner's and whose playbooks and plans are whatever a test says: for hostile ones."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agent_server.contract.intent import IntentRequest
from agent_server.contract.plan import PlanRequest
from agent_server.models.deterministic import Deterministic


class ScriptedServer(ThreadingHTTPServer):
    """Answers each path with what stands in `replies`; `/v1/intent` is understood, and planned is honestly where nothing is said."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = Deterministic()
        self.replies: dict[str, Any] = {}
        self.received: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Keep the request, then understand, or answer as told."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.received.append((self.path, json.loads(body)))
        if self.path == "/v1/intent":
            understood = asyncio.run(self.server.model.understand(IntentRequest.model_validate_json(body)))
            self._answer(200, understood.model_dump(mode="json"))
        elif self.path == "/v1/plan" and self.path not in self.server.replies:
            made = asyncio.run(self.server.model.plan(PlanRequest.model_validate_json(body)))
            self._answer(200, made.model_dump(mode="json"))
        else:
            self._told()

    def do_GET(self) -> None:
        """Answer as told."""
        self._told()

    def log_message(self, *_told: object) -> None:
        """Say nothing."""

    def _told(self) -> None:
        reply = self.server.replies.get(self.path)
        if reply is None:
            self._answer(
                404, {"status": 404, "code": "not_enabled", "title": "x", "detail": "There is no registry here."}
            )
        else:
            self._answer(200, reply)

    def _answer(self, status: int, reply: Any) -> None:
        data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    """Serve while the block runs."""
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def found(playbook: Any, **fields: Any) -> dict[str, Any]:
    """A search reply with one playbook."""
    one = {
        "playbook": playbook.model_dump(mode="json"),
        "source": "library",
        "confidence": 0.9,
        "reason": "It fits.",
        "runnable": True,
    } | fields
    return {"need": {"action": "stop"}, "playbooks": [one], "summary": "", "model": "test"}


def planned(*steps: dict[str, Any]) -> dict[str, Any]:
    """A plan reply with these steps."""
    return {"kind": "plan", "summary": "As you said.", "plan": {"steps": list(steps)}}
