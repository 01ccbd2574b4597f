"""One Web API call: reading its arguments, checking its token and scope, pacing it, answering it.

Sources: https://docs.slack.dev/apis/web-api/ (form or JSON bodies, bearer token, answers with `ok`),
https://docs.slack.dev/authentication/tokens/ (xoxb and xapp tokens open different methods),
https://docs.slack.dev/reference/scopes/ (scope by method). Stricter than Slack in one thing, on purpose: an argument
that the method does not document is refused with `invalid_arguments`, where Slack would ignore it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.pacing import POSTING, UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What a Web API method needs.

    Attributes:
        handler: Takes (state, arguments) and returns the answer without `ok`.
        scopes: Any one of these opens it; empty means any token of the right kind.
        tier: Rate limit tier.
        required: Arguments that must be there.
        optional: Arguments that may be there.
        token: `bot` or `app`.
    """

    handler: Callable[[Any, Json], Json]
    scopes: tuple[str, ...] = ()
    tier: str = UNLIMITED
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    token: str = "bot"


@dataclass(slots=True, kw_only=True)
class Call:
    """A call that arrived, for tests to look at."""

    method: str
    arguments: Json
    answer: Json = field(default_factory=dict)


async def read_arguments(request: Request) -> tuple[str, Json]:
    """Return the token and the arguments of a call.

    Raises:
        SlackError: `not_authed`, `invalid_json`, `json_not_object`.
    """
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind == "application/json":
        arguments |= _json_object(await request.body())
    elif kind == "application/x-www-form-urlencoded":
        arguments |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    header = request.headers.get("authorization", "")
    in_body = arguments.pop("token", "") if kind != "application/json" else ""
    token = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else str(in_body)
    if not token:
        raise SlackError(code="not_authed")
    return token, arguments


def check_token(token: str, method: Method, tokens: Mapping[str, str], scopes: frozenset[str]) -> None:
    """Refuse a token that is unknown, of the wrong kind, or lacks the scope.

    Raises:
        SlackError: `invalid_auth`, `not_allowed_token_type`, `missing_scope`.
    """
    kind = tokens.get(token)
    if kind is None:
        raise SlackError(code="invalid_auth")
    if kind != method.token:
        raise SlackError(code="not_allowed_token_type")
    if method.scopes and kind == "bot" and not scopes & set(method.scopes):
        raise SlackError(
            code="missing_scope",
            extra={"needed": ",".join(method.scopes), "provided": ",".join(sorted(scopes))},
        )


def check_arguments(method: Method, arguments: Json) -> None:
    """Refuse missing and unknown arguments.

    Raises:
        SlackError: `invalid_arguments` with a line for each.
    """
    faults = [f"missing required field: {name}" for name in method.required if not arguments.get(name)]
    known = {*method.required, *method.optional}
    faults += [f"unknown argument: {name}" for name in arguments if name not in known]
    if faults:
        raise SlackError(code="invalid_arguments", messages=faults)


def parsed(arguments: Json, name: str, error: str) -> Any:
    """Return an argument that is JSON, or JSON in a string (as form bodies carry it).

    Raises:
        SlackError: `error`, when it cannot be parsed.
    """
    value = arguments.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(code=error) from None


def pace_channel(method: Method, arguments: Json) -> str | None:
    """Return the channel that a posting limit counts by."""
    return str(arguments.get("channel")) if method.tier == POSTING else None


def _json_object(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise SlackError(code="invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError(code="json_not_object")
    return value
