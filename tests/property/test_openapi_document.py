"""The OpenAPI document says what the server does: schemathesis plays all of it, with what fits and with what does not.

No answer is an error of ours, no status is one that the page does not document, and every body has the form that is said of it.
"""

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core import NOT_SET
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent_server.app import create_app
from agent_server.door import Door
from agent_server.settings import Settings

BASE = "http://agent.test"
EXAMPLES = 12


@cache
def server() -> Door:
    """One server for all requests; it remembers nothing of them."""
    return create_app(Settings(model="offline", rate_per_minute=10_000_000, burst=10_000_000), log=lambda _record: None)


@cache
def document() -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = sent("GET", "/openapi.json").json()
    return found


def sent(method: str, path: str, **parts: Any) -> httpx.Response:
    """Send one request in-process; an exception that leaves the server fails the test."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=server()), base_url=BASE) as http:
            return await http.request(method, path, **parts)

    return asyncio.run(send())


def pages() -> Iterator[tuple[str, str]]:
    """Every method of every page."""
    for path, methods in document()["paths"].items():
        for method in methods:
            yield method.upper(), path


def plays() -> Iterator[Any]:
    """Every page with what fits, and those that take anything with what does not."""
    for method, path in pages():
        told = document()["paths"][path][method.lower()]
        takes = bool(told.get("requestBody") or told.get("parameters"))
        for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if takes else [])):
            yield pytest.param(method, path, mode, id=f"{method} {path} {mode.value}")


def operation(method: str, path: str) -> APIOperation[Any, Any, Any, Any]:
    """One page as schemathesis knows it."""
    return openapi.from_dict(document())[path][method]


def answered(case: Case) -> httpx.Response:
    """Send what was made up."""
    body = case.body
    content = b"" if body is NOT_SET else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {**(case.headers or {}), **({} if body is NOT_SET else {"content-type": "application/json"})}
    plain = {key: value for key, value in headers.items() if str(value).isascii() and str(value).isprintable()}
    return sent(case.method, case.formatted_path, content=content, headers=plain, params=case.query or None)


def test_there_is_every_page_in_the_document() -> None:
    """Those of thinking, of the registry and of health."""
    paths = {path for _, path in pages()}
    assert {"/v1/intent", "/v1/plan", "/v1/answer", "/v1/assess", "/v1/playbooks/search", "/v1/playbooks"} <= paths
    assert len(paths) >= 12


@pytest.mark.parametrize(("method", "path", "mode"), list(plays()))
def test_what_is_answered_is_what_the_document_says(method: str, path: str, mode: GenerationMode) -> None:
    """Whatever is sent."""
    page = operation(method, path)
    seen: set[int] = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=page.as_strategy(generation_mode=mode))
    def play(case: Case) -> None:
        answer = answered(case)
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.text
        case.validate_response(
            answer, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
        )

    play()
    assert seen
