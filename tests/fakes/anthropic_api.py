"""A local Messages API that answers by script and is as strict as the real one about what it is sent.

It runs in a thread on loopback, so that both a client in the test and a server process can call it. A client that comes back before
`retry-after` is over is refused again and remembered in `complaints`.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.fakes.anthropic_rules import Complaint, cached_prefix, complaint
from tests.fakes.patience import PATIENCE

Input = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the script.

    Attributes:
        tool_input: Input of the forced tool, or a function from the request's body to it.
        text: Text instead of a tool use.
        stop_reason: Why it ended.
        status: Another status than 200, with `error`.
        error: Kind of the error.
        retry_after: Seconds, for the header of an error.
        raw: A body instead of a message.
        after: Seconds to wait before the answer.
    """

    tool_input: Input | None = None
    text: str = ""
    stop_reason: str = "tool_use"
    status: int = 200
    error: str = ""
    retry_after: float | None = None
    raw: str | None = None
    after: float = 0.0


def overloaded(retry_after: float | None = None) -> Answer:
    """Return a 529, as the API gives it when all of it is busy."""
    return Answer(status=529, error="overloaded_error", retry_after=retry_after)


def rate_limited(retry_after: float) -> Answer:
    """Return a 429."""
    return Answer(status=429, error="rate_limit_error", retry_after=retry_after)


def refused() -> Answer:
    """Return a message that the model refuses to give."""
    return Answer(text="I can't help with that.", stop_reason="refusal")


@dataclass
class FakeAnthropic:
    """The endpoint.

    Attributes:
        script: Answers still to be given; when none is left, 500.
        bodies: Every request in order, as sent, also refused ones.
        complaints: Why requests were refused.
        called_at: When each request came, in seconds.
    """

    api_key: str = "test-key"
    script: list[Answer] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        """Listen on a free port of loopback."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST", "PUT", "DELETE"])])
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        self._listening = listening
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self._closed_until = 0.0
        self._cached: set[str] = set()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=PATIENCE)
        self._listening.close()

    async def _serve(self, request: Request) -> Response:
        self.called_at.append(time.monotonic())
        raw = await request.body()
        try:
            body: Any = json.loads(raw)
        except ValueError:
            body = None
        self.bodies.append(body)
        wrong = complaint(request.method, request.url.path, request.headers, body, api_key=self.api_key)
        if wrong is None and time.monotonic() < self._closed_until:
            wrong = Complaint(429, "rate_limit_error", "came back before retry-after was over")
        if wrong is not None:
            self.complaints.append(wrong)
            return _error(wrong.status, wrong.kind, wrong.message)
        answer = self.script.pop(0) if self.script else Answer(status=500, error="api_error")
        await asyncio.sleep(answer.after)
        return self._answered(answer, body)

    def _answered(self, answer: Answer, body: dict[str, Any]) -> Response:
        if answer.raw is not None:
            return Response(answer.raw, status_code=answer.status, media_type="application/json")
        if answer.status != 200:
            headers = {} if answer.retry_after is None else {"retry-after": f"{answer.retry_after:g}"}
            self._closed_until = time.monotonic() + (answer.retry_after or 0) * 0.95
            return _error(answer.status, answer.error, "as scripted", headers)
        message = self._message(answer, body)
        if body.get("stream"):
            return StreamingResponse(_events(message), media_type="text/event-stream")
        return JSONResponse(message, headers={"request-id": "req_fake"})

    def _message(self, answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": answer.text}] if answer.text else []
        if answer.tool_input is not None:
            given = answer.tool_input(body) if callable(answer.tool_input) else answer.tool_input
            name = body["tool_choice"]["name"]
            content.append({"type": "tool_use", "id": "toolu_fake", "name": name, "input": dict(given)})
        prefix = cached_prefix(body)
        tokens = len(prefix) // 4
        seen = prefix in self._cached
        self._cached.add(prefix)
        return {
            "id": "msg_fake",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": answer.stop_reason,
            "stop_sequence": None,
            "usage": {
                "input_tokens": len(json.dumps(body["messages"])) // 4,
                "cache_creation_input_tokens": 0 if seen else tokens,
                "cache_read_input_tokens": tokens if seen else 0,
                "output_tokens": len(json.dumps(content)) // 4,
            },
        }


def _error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    content = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake"}
    return JSONResponse(content, status_code=status, headers=dict(headers or {}))


async def _events(message: dict[str, Any]) -> AsyncIterator[str]:
    """Yield a message as server-sent events, in the order of the streaming reference."""
    started = {**message, "content": [], "stop_reason": None}
    yield _event({"type": "message_start", "message": started})
    for index, block in enumerate(message["content"]):
        empty = {**block, "input": {}} if block["type"] == "tool_use" else {**block, "text": ""}
        yield _event({"type": "content_block_start", "index": index, "content_block": empty})
        for delta in _deltas(block):
            yield _event({"type": "content_block_delta", "index": index, "delta": delta})
        yield _event({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield _event({"type": "message_delta", "delta": delta, "usage": message["usage"]})
    yield _event({"type": "message_stop"})


def _deltas(block: dict[str, Any]) -> list[dict[str, Any]]:
    text = json.dumps(block["input"]) if block["type"] == "tool_use" else block["text"]
    halves = [text[: len(text) // 2], text[len(text) // 2 :]]
    if block["type"] == "tool_use":
        return [{"type": "input_json_delta", "partial_json": half} for half in halves]
    return [{"type": "text_delta", "text": half} for half in halves]


def _event(data: dict[str, Any]) -> str:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n"
