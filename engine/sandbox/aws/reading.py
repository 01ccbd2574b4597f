"""Which call a request is: told from its signature, its body and its path, before moto sees it."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from engine.sandbox.gate import OUTSIDE_HEADER, Incoming, is_outside

Environ = dict[str, Any]

# Verbs that begin the name of an operation which leaves the account as it was. AWS names are regular here: the
# first word is the verb ("API naming" in the service models).
READ_VERBS = frozenset(
    {
        "BatchDescribe", "BatchGet", "Check", "Count", "Decode", "Describe", "Estimate", "Evaluate", "Filter", "Generate",
        "Get", "Head", "List", "Lookup", "Preview", "Query", "Scan", "Search", "Select", "Simulate", "Validate", "View",
    }
)  # fmt: skip
# Operations whose verb misleads. The queue's three: consuming messages is how alarms are received and changes nothing
# of the estate. The session's three: handing out a short-lived identity likewise.
READ_ACTIONS = frozenset(
    {
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibility",
        "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML",
        "cognito-idp:InitiateAuth", "cognito-idp:RespondToAuthChallenge",
        "logs:StartQuery", "logs:StopQuery", "logs:FilterLogEvents", "dynamodb:PartiQLSelect",
    }
)  # fmt: skip
WRITE_ACTIONS = frozenset({"kms:GenerateDataKey", "ec2:GetPasswordData"})

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_FIRST_WORD = re.compile(r"[A-Z][a-z]+")
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SANDBOX_SERVICE = "moto-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The SigV4 credential scope of a request; all empty where it is not signed."""

    access_key: str = ""
    region: str = ""
    service: str = ""


def read(environ: Environ) -> Incoming:
    """Say which call a WSGI request is; a form body that is looked at is put back."""
    scope = credential_scope(environ)
    service, action, dry_run = _action(environ, scope.service)
    return Incoming(
        service=service,
        action=action,
        region=scope.region or "aws-global",
        mutating=not dry_run and is_mutating(service, action, method=environ["REQUEST_METHOD"]),
        account=scope.access_key,
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        outside=is_outside(environ.get("HTTP_" + OUTSIDE_HEADER.upper().replace("-", "_"))),
    )


def credential_scope(environ: Environ) -> Scope:
    """Read the scope from the Authorization header or, for a pre-signed URL, from the query.

    Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
    """
    header = environ.get("HTTP_AUTHORIZATION", "")
    query = parse_qs(environ.get("QUERY_STRING", ""))
    found = _SCOPE.search(header) or _SCOPE.search("Credential=" + query.get("X-Amz-Credential", [""])[0])
    if not found:
        return Scope()
    access_key, _, region, service = found.groups()
    return Scope(access_key=access_key, region=region, service=service.lower())


def is_mutating(service: str, action: str, *, method: str) -> bool:
    """Whether a call changes something. What is not known to be a read is taken for a change."""
    if service == "s3" or not action[:1].isupper():
        return method not in READ_METHODS and action != "SelectObjectContent"
    name = f"{service}:{action}"
    if name in WRITE_ACTIONS:
        return True
    return name not in READ_ACTIONS and not any(
        action.startswith(verb) and not action[len(verb) : len(verb) + 1].islower() for verb in READ_VERBS
    )


def _action(environ: Environ, signed_for: str) -> tuple[str, str, bool]:
    """Return service, action and whether the call is EC2's dry run (which changes nothing by definition)."""
    path = environ.get("PATH_INFO", "")
    if path.startswith("/moto-api"):
        return SANDBOX_SERVICE, path.removeprefix("/moto-api"), False
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return signed_for or target.split(".")[0].lower(), target.rpartition(".")[2], False
    form = _form(environ)
    if action := form.get("Action"):
        return signed_for or "query", action, form.get("DryRun", "").lower() == "true"
    service = signed_for or "s3"
    return service, _rest_action(environ, service), False


def _form(environ: Environ) -> Mapping[str, str]:
    text = environ.get("QUERY_STRING", "")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        text += "&" + body.decode("utf-8", errors="replace")
    return {key: values[0] for key, values in parse_qs(text).items()}


def _rest_action(environ: Environ, service: str) -> str:
    """Match a REST call against the service's own model; the HTTP method stands in where nothing matches."""
    try:
        operation, _ = get_service_router(service).match(Request({**environ, "wsgi.input": io.BytesIO()}))
    except (NotFound, LookupError, ValueError, NotImplementedError):
        return str(environ["REQUEST_METHOD"]).lower()
    return str(operation.name)
