"""Which call a request is: told from its signature, its body and its path, before moto sees it."""

import contextlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError
from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

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
# Operations whose verb misleads: consuming a queue is how alarms are received, a short-lived identity and a
# cipher are given out, a log is searched. None of them changes the estate.
READ_ACTIONS = frozenset(
    {
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibility",
        "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML",
        "cognito-idp:InitiateAuth", "cognito-idp:RespondToAuthChallenge",
        "kms:Decrypt", "kms:Encrypt", "logs:StartQuery", "logs:StopQuery",
    }
)  # fmt: skip

# Services whose requests are signed under another name than boto3's (`signingName` in the service models).
BOTO3_NAMES = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "elasticfilesystem": "efs",
    "s3express": "s3",
}

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SANDBOX_SERVICE = "moto-api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The SigV4 credential scope of a request, the service by boto3's name; all empty where it is not signed."""

    access_key: str = ""
    region: str = ""
    service: str = ""


def read(environ: Environ) -> Incoming:
    """Say which call a WSGI request is; a form body that is looked at is put back.

    A request that could be read as several calls (a target header and a form action, say) changes something as soon as
    one of them would.
    """
    scope = credential_scope(environ)
    method = environ["REQUEST_METHOD"]
    service, actions, dry_run = _actions(environ, scope.service)
    return Incoming(
        service=service,
        action=actions[0],
        region=scope.region or "aws-global",
        mutating=not dry_run and any(is_mutating(service, action, method=method) for action in actions),
        account=scope.access_key,
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        outside=is_outside(environ.get("HTTP_" + OUTSIDE_HEADER.upper().replace("-", "_"))),
    )


def is_dry_run(environ: Environ) -> bool:
    """Whether a call asks EC2 only what it would have said; a form body that is looked at is put back."""
    return _actions(environ, credential_scope(environ).service)[2]


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
    return Scope(access_key=access_key, region=region, service=BOTO3_NAMES.get(service.lower(), service.lower()))


def is_mutating(service: str, action: str, *, method: str) -> bool:
    """Whether a call changes something. What is not known to be a read is taken for a change."""
    if service == "s3" or not action[:1].isupper():
        return method not in READ_METHODS and action != "SelectObjectContent"
    return f"{service}:{action}" not in READ_ACTIONS and not any(
        action.startswith(verb) and not action[len(verb) : len(verb) + 1].islower() for verb in READ_VERBS
    )


def _actions(environ: Environ, signed_for: str) -> tuple[str, list[str], bool]:
    """Return the service, what may be the action (moto's choice first) and whether it is EC2's dry run."""
    path = environ.get("PATH_INFO", "")
    if path.startswith("/moto-api"):
        return SANDBOX_SERVICE, [path.removeprefix("/moto-api")], False
    form = _form(environ)
    named = list(form.get("Action", ()))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        named.append(target.rpartition(".")[2])
    service = signed_for or target.partition(".")[0].lower() or "s3"
    dry_run = service == "ec2" and {value.lower() for value in form.get("DryRun", ())} == {"true"}
    return service, named or [_rest_action(environ, service)], dry_run


def _form(environ: Environ) -> Mapping[str, list[str]]:
    text = environ.get("QUERY_STRING", "")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        text += "&" + body.decode("utf-8", errors="replace")
    return parse_qs(text)


def _rest_action(environ: Environ, service: str) -> str:
    """Match a REST call against the service's own model; the HTTP method stands in where nothing matches."""
    try:
        operation, _ = get_service_router(service).match(Request({**environ, "wsgi.input": io.BytesIO()}))
    except (HTTPException, BotoCoreError, LookupError, ValueError, NotImplementedError):
        return str(environ["REQUEST_METHOD"]).lower()
    return str(operation.name)


def parameters(environ: Environ, service: str) -> dict[str, Any]:
    """Return what a call asks for, by name, as far as it can be told without the service's model; bodies are put back."""
    if service == "s3":
        bucket, _, key = environ.get("PATH_INFO", "/").lstrip("/").partition("/")
        return {"bucketName": bucket, **({"key": key} if key else {})}
    found: dict[str, Any] = {key: values[0] for key, values in _form(environ).items()}
    if "json" in environ.get("CONTENT_TYPE", ""):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with contextlib.suppress(ValueError):
            named = json.loads(body)
            found |= named if isinstance(named, dict) else {}
    return {key: value for key, value in found.items() if key not in {"Action", "Version"}}
