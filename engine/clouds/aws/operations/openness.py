"""Bucket policies as text: whether one opens something, and one more statement that lets everyone read. Pure."""

import json
from collections.abc import Mapping
from typing import Any

READ_SID = "EscherPublicRead"


def policy_opens(policy: str) -> bool:
    """Say whether a policy could let anyone in; what cannot be judged here counts as open.

    Stricter than S3's own status, which knows which conditions narrow a wildcard enough
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
    """
    statements = _statements(policy)
    return statements is None or any(_lets_anyone(statement) for statement in statements)


def with_public_read(policy: str, *, bucket: str, partition: str) -> str:
    """Return the policy with one more statement that lets everyone read the bucket's objects; "" begins a new one."""
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17"}
    given = document.get("Statement") or []
    kept = [one for one in (given if isinstance(given, list) else [given]) if one.get("Sid") != READ_SID]
    reading = {
        "Sid": READ_SID,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:{partition}:s3:::{bucket}/*",
    }
    return json.dumps({**document, "Statement": [*kept, reading]}, separators=(",", ":"), sort_keys=True)


def same_policy(one: str, other: str) -> bool:
    """Say whether two texts are the same document."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _statements(policy: str) -> list[Any] | None:
    try:
        document = json.loads(policy)
    except ValueError:
        return None
    given = document.get("Statement") if isinstance(document, Mapping) else None
    if given is None:
        return None
    return given if isinstance(given, list) else [given]


def _lets_anyone(statement: Any) -> bool:
    if not isinstance(statement, Mapping):
        return True
    if statement.get("Effect") != "Allow":
        return False
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    named = principal.values() if isinstance(principal, Mapping) else [principal]
    flat = [one for value in named for one in (value if isinstance(value, list) else [value])]
    return "*" in flat
