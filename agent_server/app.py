"""The pages of the agent server: `POST /v1/intent`, `POST /v1/plan`, health. The only file that puts the parts together.

It answers and forgets: nothing is stored, and no socket is opened but the model's and the token issuer's.
"""

import time
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from agent_server import problems
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from agent_server.door import Door, Log
from agent_server.fields import field_errors
from agent_server.limiting import Limiter
from agent_server.logs import request_log
from agent_server.models.choose import choose
from agent_server.models.metering import meter
from agent_server.models.port import ModelUnavailable, PlanningModel
from agent_server.settings import Settings

_ERRORS: Mapping[int, str] = {
    400: "the body cannot be read",
    401: "no valid token",
    403: "another tenant",
    413: "more than 2 MiB",
    415: "not JSON",
    422: "not valid; `errors` names the fields",
    429: "too many requests; see Retry-After",
    503: "the model is not available; see Retry-After",
}


def create_app(settings: Settings, *, model: PlanningModel | None = None, log: Log | None = None) -> Door:
    """Return the ASGI application.

    Args:
        settings: What the operator set.
        model: Another model than the settings' (tests).
        log: Takes one record for each request; JSON lines on standard error when not given.
    """
    pages = _pages(model or choose(settings))
    limiter = Limiter(per_second=settings.rate_per_minute / 60, burst=settings.burst, clock=time.monotonic)
    return Door(pages, limiter=limiter, log=log or request_log(), authenticator=_authenticator(settings))


def _authenticator(settings: Settings) -> Any:
    if not settings.authenticates:
        return None
    from agent_server.auth import TokenAuthenticator  # noqa: PLC0415 - cryptography costs a quarter of a second

    return TokenAuthenticator(issuer=settings.issuer, audience=settings.audience, tenants=settings.tenants)


def _pages(model: PlanningModel) -> FastAPI:
    app = FastAPI(title="Escher agent server", version="1", docs_url=None, redoc_url=None)
    errors: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _PROBLEM_REF}}}}
        for status, text in _ERRORS.items()
    }

    @app.post("/v1/intent", responses=errors)
    async def intent(request: IntentRequest) -> Intent:
        """Say what a message means."""
        meter().request_id = request.request_id
        return await model.understand(request)

    @app.post("/v1/plan", responses=errors)
    async def plan(request: PlanRequest) -> PlanReply:
        """Propose a plan over handles, ask back, or say why not."""
        meter().request_id = request.request_id
        return await model.plan(request)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Say that the server runs, and which model answers."""
        return {"status": "ok", "model": model.name}

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        """Say that requests are taken."""
        return {"status": "ready"}

    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ModelUnavailable, _unavailable)
    app.add_exception_handler(Exception, _broken)
    _describe_problems(app)
    return app


_PROBLEM_REF = "#/components/schemas/ProblemDocument"


def _describe_problems(app: FastAPI) -> None:
    """Add the schema of errors to the OpenAPI document; FastAPI describes only what a page returns."""
    schemas = app.openapi()["components"]["schemas"]
    problem = problems.ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["ProblemDocument"] = problem


async def _invalid(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    if any(one["type"] == "json_invalid" for one in found):
        return problems.malformed().response()
    return problems.invalid(field_errors(found)).response()


async def _http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    allow = (error.headers or {}).get("Allow", "") if isinstance(error, HTTPException) else ""
    match status:
        case 404:
            return problems.not_found().response()
        case 405:
            return problems.not_allowed(allow).response()
        case _:
            return problems.malformed().response()


async def _unavailable(_request: Request, error: Exception) -> Response:
    wait = error.retry_after if isinstance(error, ModelUnavailable) else 5
    return problems.unavailable("the model is not available", wait).response()


async def _broken(_request: Request, _error: Exception) -> Response:
    return problems.broken().response()
