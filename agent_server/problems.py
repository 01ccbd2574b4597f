"""Errors on the wire: RFC 9457 problem documents, in words that never repeat what was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One field that is not as it must be: where it stands, and what it must be."""

    path: str
    message: str


class ProblemDocument(BaseModel):
    """An RFC 9457 problem document; `type` is `urn:escher:problem:` and `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A "no" of the server.

    Attributes:
        status: The HTTP status.
        code: One word for machines.
        title: The same for every occurrence.
        detail: What the caller can do about it.
        errors: Fields that are wrong, for 422.
        headers: Such as `Retry-After`.
    """

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the answer that says so."""
        document = ProblemDocument(
            type=f"urn:escher:problem:{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            code=self.code,
            errors=list(self.errors),
        )
        content = document.model_dump(exclude={"errors"} if not self.errors else None)
        return Response(
            json.dumps(content, ensure_ascii=False),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers={"cache-control": "no-store", **self.headers},
        )


def malformed(detail: str = "the body is not JSON in UTF-8") -> Problem:
    """Say that a request cannot be read."""
    return Problem(status=400, code="malformed", title="The request cannot be read.", detail=detail)


def unauthorized(detail: str) -> Problem:
    """Say that there is no good token (RFC 6750, section 3)."""
    headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    return Problem(status=401, code="unauthorized", title="No valid token.", detail=detail, headers=headers)


def forbidden() -> Problem:
    """Say that the token is good, but for somebody who is not served here."""
    detail = "this server does not serve the tenant of your token"
    return Problem(status=403, code="forbidden", title="Another tenant.", detail=detail)


def not_found() -> Problem:
    """Say that there is no such page."""
    detail = "see /openapi.json for what there is"
    return Problem(status=404, code="not_found", title="There is nothing here.", detail=detail)


def not_enabled() -> Problem:
    """Say that this server keeps no registry."""
    detail = "this server keeps no registry of playbooks; its operator has to turn it on"
    return Problem(status=404, code="not_enabled", title="There is no registry here.", detail=detail)


def no_playbook() -> Problem:
    """Say that the tenant published no such thing; other tenants' playbooks are not there for it."""
    detail = "your registry holds no such playbook, version or script"
    return Problem(status=404, code="no_playbook", title="There is no such playbook.", detail=detail)


def conflict(detail: str) -> Problem:
    """Say why something cannot be done to what is there."""
    return Problem(status=409, code="conflict", title="That does not go with what is there.", detail=detail)


def altered() -> Problem:
    """Say that what is stored is not what was published."""
    detail = "what is stored is not what was published; archive this version and publish another"
    return Problem(status=409, code="altered", title="It was altered.", detail=detail)


def not_allowed(allow: str) -> Problem:
    """Say which methods there are."""
    headers = {"allow": allow} if allow else {}
    detail = f"use {allow}" if allow else "see /openapi.json"
    return Problem(status=405, code="method_not_allowed", title="Another method.", detail=detail, headers=headers)


def too_large(most: int) -> Problem:
    """Say how large a body may be, in bytes."""
    detail = f"a body may have at most {most} bytes; group the targets"
    return Problem(status=413, code="too_large", title="The request is too large.", detail=detail)


def unsupported_media() -> Problem:
    """Say what a body must be."""
    detail = "send application/json, not compressed"
    return Problem(status=415, code="unsupported_media_type", title="Another media type.", detail=detail)


def invalid(errors: tuple[FieldError, ...]) -> Problem:
    """Say which fields are wrong."""
    detail = f"{errors[0].path}: {errors[0].message}" if errors else "the request does not have the agreed form"
    return Problem(status=422, code="invalid", title="The request is not valid.", detail=detail, errors=errors)


def credential() -> Problem:
    """Say that a credential came along; it was read no further, and should be seen as known to others."""
    detail = "the request holds what looks like a credential; take it out, and rotate it if it is real"
    return Problem(status=422, code="credential", title="No credentials here.", detail=detail)


def too_many(retry_after: int) -> Problem:
    """Say when the next request is taken."""
    detail = f"try again in {retry_after} s"
    headers = {"retry-after": str(retry_after)}
    return Problem(status=429, code="rate_limited", title="Too many requests.", detail=detail, headers=headers)


def unavailable(what: str, retry_after: int) -> Problem:
    """Say what is not there just now."""
    headers = {"retry-after": str(retry_after)}
    detail = f"{what}; try again in {retry_after} s"
    return Problem(status=503, code="unavailable", title="Not available now.", detail=detail, headers=headers)


def broken() -> Problem:
    """Say that it is our fault."""
    detail = "something broke here; the request changed nothing"
    return Problem(status=500, code="internal", title="Internal error.", detail=detail)
