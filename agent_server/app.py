"""The pages of the agent server: thinking, the registry of published playbooks, health. The only file that puts the parts together.

The thinking pages answer and forget: nothing is stored, and no socket is opened but the model's, the token issuer's and, where a registry
is configured, the registry's for reading. The registry's pages store what a tenant publishes; they are off unless the operator opts in.
"""

import time
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from agent_server import problems
from agent_server.agents.playbook import PlaybookAgent
from agent_server.contract.answer import AnswerReply, AnswerRequest
from agent_server.contract.assess import AssessReply, AssessRequest
from agent_server.contract.intent import Intent, IntentRequest
from agent_server.contract.plan import PlanReply, PlanRequest
from agent_server.contract.playbook import DraftReply, DraftRequest, PlaybookSearchReply, PlaybookSearchRequest
from agent_server.contract.wire import Wire
from agent_server.door import Door, Log
from agent_server.embedding.minilm import MiniLm
from agent_server.embedding.port import Embedder
from agent_server.fields import field_errors
from agent_server.knowledge.store import Knowledge
from agent_server.limiting import Limiter
from agent_server.logs import request_log
from agent_server.models.choose import choose
from agent_server.models.deterministic import Deterministic
from agent_server.models.metering import meter
from agent_server.models.port import ModelUnavailable, PlanningModel
from agent_server.registry import scripts, store
from agent_server.registry.pages import routes
from agent_server.registry.published import Published
from agent_server.registry.unavailable import RegistryUnavailable
from agent_server.settings import Settings

_Reply = TypeVar("_Reply", bound=Wire)
_READING = (401, 403, 404, 409, 422, 429, 503)
_ERRORS: Mapping[int, str] = {
    400: "the body cannot be read",
    401: "no valid token",
    403: "another tenant",
    404: "there is no such thing, or no registry here",
    409: "it does not go with what is there",
    413: "more than 2 MiB",
    415: "not JSON",
    422: "not valid; `errors` names the fields",
    429: "too many requests; see Retry-After",
    503: "the model or the registry is not available; see Retry-After",
}


def create_app(
    settings: Settings,
    *,
    model: PlanningModel | None = None,
    log: Log | None = None,
    embedder: Embedder | None = None,
    knowledge: Knowledge | None = None,
) -> Door:
    """Return the ASGI application.

    Args:
        settings: What the operator set.
        model: Another model than the settings' (tests).
        log: Takes one record for each request; JSON lines on standard error when not given.
        embedder: Another than the one that is loaded when first needed; tests share theirs.
        knowledge: What answers are found in; searched by words alone when not given.
    """
    knows = knowledge or Knowledge()
    answering = model or choose(settings, knows)
    pages = _pages(answering, settings, embedder or MiniLm(), knows)
    limiter = Limiter(per_second=settings.rate_per_minute / 60, burst=settings.burst, clock=time.monotonic)
    return Door(
        pages,
        limiter=limiter,
        log=log or request_log(),
        authenticator=_authenticator(settings),
        seconds=settings.request_seconds,
    )


def _authenticator(settings: Settings) -> Any:
    if not settings.authenticates:
        return None
    from agent_server.auth import TokenAuthenticator  # noqa: PLC0415 - cryptography costs a quarter of a second

    return TokenAuthenticator(issuer=settings.issuer, audience=settings.audience, tenants=settings.tenants)


def _registry(settings: Settings, embedder: Embedder) -> Published | None:
    if not settings.has_registry:
        return None
    index = store.connect(settings.registry_qdrant_url, settings.registry_qdrant_key.get_secret_value())
    packages = scripts.connect(
        bucket=settings.registry_bucket, endpoint=settings.registry_endpoint, region=settings.registry_region
    )
    return Published(index=index, packages=packages, embedder=embedder, clock=_now)


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), tz=UTC)


def _pages(model: PlanningModel, settings: Settings, embedder: Embedder, knowledge: Knowledge) -> FastAPI:
    app = FastAPI(title="Escher agent server", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
    published = _registry(settings, embedder)
    if settings.serves != "registry":
        agent = PlaybookAgent(
            reader=Deterministic(), ranker=model, knowledge=knowledge, published=published, embedder=embedder
        )
        app.include_router(_thinking(model, agent))
    open_registry = published if settings.serves != "thinking" else None
    app.include_router(routes(open_registry, reading=_errors(*_READING), writing=_errors(*_ERRORS)))

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
    app.add_exception_handler(RegistryUnavailable, _unavailable)
    app.add_exception_handler(Exception, _broken)
    _describe_problems(app)
    return app


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "description": _ERRORS[status],
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _PROBLEM_REF}}},
        }
        for status in statuses
    }


def _thinking(model: PlanningModel, playbooks: PlaybookAgent) -> APIRouter:
    """Return the pages that write nothing."""
    app = APIRouter()
    errors = _errors(*(status for status in _ERRORS if status not in {404, 409}))

    @app.post("/v1/intent", responses=errors)
    async def intent(request: IntentRequest) -> Intent:
        """Say what a message means."""
        return await _thought(request.request_id, model.understand(request))

    @app.post("/v1/playbooks/draft", responses=errors)
    async def draft(request: DraftRequest) -> DraftReply:
        """Make a playbook of what was done."""
        return await _thought(request.request_id, model.draft(request))

    @app.post("/v1/playbooks/search", responses=errors)
    async def search(asked: Request, request: PlaybookSearchRequest) -> PlaybookSearchReply:
        """Say which playbooks fit, best first."""
        return await _thought(request.request_id, playbooks.search(request, str(asked.state.tenant)))

    @app.post("/v1/plan", responses=errors)
    async def plan(request: PlanRequest) -> PlanReply:
        """Propose a plan over handles, ask back, or say why not."""
        return await _thought(request.request_id, model.plan(request))

    @app.post("/v1/answer", responses=errors)
    async def answer(request: AnswerRequest) -> AnswerReply:
        """Answer a question from the figures that came along."""
        return await _thought(request.request_id, model.answer(request))

    @app.post("/v1/assess", responses=errors)
    async def assess(request: AssessRequest) -> AssessReply:
        """Judge an event or the outcome of an execution."""
        return await _thought(request.request_id, model.assess(request))

    return app


async def _thought(request_id: str, thinking: Awaitable[_Reply]) -> _Reply:
    """Return what is thought up for a request, with what it cost of a vendor's model.

    What is awaited here has not begun before: the request's record knows its id when the first token is counted.
    """
    meter().request_id = request_id
    reply = await thinking
    return reply.model_copy(update={"usage": meter().usage})


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
    wait = error.retry_after if isinstance(error, ModelUnavailable | RegistryUnavailable) else 5
    return problems.unavailable(str(error), wait).response()


async def _broken(_request: Request, _error: Exception) -> Response:
    return problems.broken().response()
