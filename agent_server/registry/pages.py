"""The routes of the registry: each says what it takes and gives, and hands on to `Published`.

They exist on every server, so that its OpenAPI document does not depend on its settings; where no registry is configured each answers 404
`not_enabled`. The tenant is the one that the door found in the token.
"""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from agent_server import problems
from agent_server.contract.playbook import (
    Language,
    PlaybookId,
    PlaybookListing,
    PlaybookMetadata,
    PlaybookStatus,
    PublishedPlaybook,
    PublishRequest,
    ReviewRequest,
    ScriptLink,
    StatusRequest,
    UsageReport,
    Version,
)
from agent_server.problems import Problem
from agent_server.registry.published import Published

Id = Annotated[PlaybookId, Path(description="the playbook")]
Number = Annotated[Version, Path(description="its version")]
Responses = dict[int | str, dict[str, Any]]
_Answer = TypeVar("_Answer", bound=BaseModel)


def routes(published: Published | None, *, reading: Responses, writing: Responses) -> APIRouter:
    """Return the routes.

    Args:
        published: The registry; None where none is configured.
        reading: Which problems a page that only reads may answer.
        writing: The same for a page that changes something.
    """
    router = APIRouter(prefix="/v1/playbooks")

    @router.post("", status_code=201, responses=writing, response_model=PlaybookMetadata)
    def publish(asked: Request, request: PublishRequest) -> Any:
        """Upload one version; the same upload again changes nothing."""
        return _said(published and published.publish(_tenant(asked), request))

    @router.get("", responses=reading, response_model=PlaybookListing)
    def listed(asked: Request, status: PlaybookStatus | None = None) -> Any:
        """List what the tenant published."""
        return _said(published and published.listed(_tenant(asked), status))

    @router.get("/{id}", responses=reading, response_model=PlaybookListing)
    def versions(asked: Request, id: Id) -> Any:  # noqa: A002 - the name in the path
        """List the versions of one playbook, the highest first."""
        return _said(published and published.versions(_tenant(asked), id))

    @router.get("/{id}/{version}", responses=reading, response_model=PublishedPlaybook)
    def one(asked: Request, id: Id, version: Number) -> Any:  # noqa: A002 - likewise
        """Give one version whole."""
        return _said(published and published.one(_tenant(asked), id, version))

    @router.post("/{id}/{version}/review", responses=writing, response_model=PlaybookMetadata)
    def review(asked: Request, id: Id, version: Number, request: ReviewRequest) -> Any:  # noqa: A002 - likewise
        """Approve or reject what waits for a review."""
        return _said(published and published.review(_tenant(asked), id, version, request))

    @router.post("/{id}/{version}/status", responses=writing, response_model=PlaybookMetadata)
    def status(asked: Request, id: Id, version: Number, request: StatusRequest) -> Any:  # noqa: A002 - likewise
        """Move a version to another state of its life."""
        return _said(published and published.move(_tenant(asked), id, version, request))

    @router.get("/{id}/{version}/scripts/{language}", responses=reading, response_model=ScriptLink)
    def script(asked: Request, id: Id, version: Number, language: Language) -> Any:  # noqa: A002 - likewise
        """Say where a script can be fetched for a while."""
        return _said(published and published.link(_tenant(asked), id, version, language))

    @router.post("/{id}/{version}/usage", responses=writing, response_model=PlaybookMetadata)
    def usage(asked: Request, id: Id, version: Number, request: UsageReport) -> Any:  # noqa: A002 - likewise
        """Count executions."""
        return _said(published and published.count(_tenant(asked), id, version, request))

    return router


def _tenant(asked: Request) -> str:
    return str(asked.state.tenant)


def _said(found: _Answer | Problem | None) -> _Answer | Response:
    if found is None:
        return problems.not_enabled().response()
    return found.response() if isinstance(found, Problem) else found
