"""A "no" in the wire form of the service that was called, so that the real SDK raises its own error.

Forms: XML for the query and EC2 protocols and for S3, JSON for the others
(smithy.io/2.0/aws/protocols, docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from xml.sax.saxutils import escape

REQUEST_ID = "00000000-0000-4000-8000-000000000000"


class Trouble(StrEnum):
    """Why a call is refused."""

    DENIED_BY_GATE = "denied_by_gate"
    DENIED = "denied"
    UNKNOWN_KEY = "unknown_key"
    THROTTLED = "throttled"
    BROKEN = "broken"
    DRY_RUN = "dry_run"


class Form(StrEnum):
    """The four ways in which AWS services write an error."""

    EC2 = "ec2"
    QUERY = "query"
    S3 = "s3"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireError:
    """An answer ready to be sent."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


# What each service says, in its own code: (HTTP status, code).
_CODES: dict[Trouble, dict[Form, tuple[int, str]]] = {
    Trouble.DENIED_BY_GATE: {
        Form.EC2: (403, "AccessDenied"),
        Form.QUERY: (403, "AccessDenied"),
        Form.S3: (403, "AccessDenied"),
        Form.JSON: (403, "AccessDeniedException"),
    },
    Trouble.DENIED: {
        Form.EC2: (403, "UnauthorizedOperation"),
        Form.QUERY: (403, "AccessDenied"),
        Form.S3: (403, "AccessDenied"),
        Form.JSON: (400, "AccessDeniedException"),
    },
    Trouble.UNKNOWN_KEY: {
        Form.EC2: (401, "AuthFailure"),
        Form.QUERY: (403, "InvalidClientTokenId"),
        Form.S3: (403, "InvalidAccessKeyId"),
        Form.JSON: (403, "UnrecognizedClientException"),
    },
    Trouble.THROTTLED: {
        Form.EC2: (503, "RequestLimitExceeded"),
        Form.QUERY: (400, "Throttling"),
        Form.S3: (503, "SlowDown"),
        Form.JSON: (400, "ThrottlingException"),
    },
    # EC2 alone has dry runs; 412 is what it answers to one that would have gone through.
    Trouble.DRY_RUN: dict.fromkeys(Form, (412, "DryRunOperation")),
    Trouble.BROKEN: {
        Form.EC2: (500, "InternalError"),
        Form.QUERY: (500, "InternalFailure"),
        Form.S3: (500, "InternalError"),
        Form.JSON: (500, "InternalServerError"),
    },
}
_ENVELOPES = {
    Form.EC2: "<Response><Errors><Error>{inner}</Error></Errors><RequestID>{id}</RequestID></Response>",
    Form.QUERY: "<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{id}</RequestId></ErrorResponse>",
    Form.S3: "<Error>{inner}<RequestId>{id}</RequestId></Error>",
}


def form_of(service: str, *, has_target: bool, has_form_body: bool) -> Form:
    """Tell the error form from the request: JSON calls carry a target header, query calls a form body."""
    if service == "ec2":
        return Form.EC2
    if service in {"s3", "route53", "cloudfront"}:
        return Form.S3
    return Form.QUERY if has_form_body and not has_target else Form.JSON


def wire_error(trouble: Trouble, form: Form, message: str) -> WireError:
    """Write one error."""
    status, code = _CODES[trouble][form]
    inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if form is Form.JSON:
        return WireError(
            status=status,
            content_type="application/x-amz-json-1.1",
            body=json.dumps({"__type": code, "message": message}).encode(),
            headers=(("x-amzn-ErrorType", code), ("x-amzn-RequestId", REQUEST_ID)),
        )
    body = ('<?xml version="1.0" encoding="UTF-8"?>' + _ENVELOPES[form].format(inner=inner, id=REQUEST_ID)).encode()
    return WireError(status=status, content_type="text/xml", body=body, headers=(("x-amzn-RequestId", REQUEST_ID),))
