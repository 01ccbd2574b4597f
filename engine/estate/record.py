"""What is stored of a resource, and the words it can be found by.

A record is the JSON of a resource and its cell, carrying its format version; it is sealed before it leaves. Tokens are the
equality filters, as plain pairs here and as keyed hashes in the index.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from engine.estate.environment import environment_of
from engine.estate.resource import Cloud, Permitted, Resource, ScanCell

FORMAT = 1
Pair: TypeAlias = tuple[str, str]
"""A field and its value: what is hashed to filter by."""

UNSAID = "?"
"""The value that stands for "not known" in the tokens of a field with three answers."""


class UnknownFormat(Exception):
    """A record was written by a newer version of Escher."""


def encode(resource: Resource, cell: ScanCell) -> bytes:
    """Return the record as canonical JSON: equal resources give equal bytes."""
    body = {
        "v": FORMAT,
        "cell": [cell.cloud.value, cell.account, cell.region, cell.service],
        "id": resource.id,
        "type": resource.type,
        "cloud": resource.cloud.value,
        "account": resource.account,
        "region": resource.region,
        "name": resource.name,
        "state": resource.state,
        "tags": dict(resource.tags),
        "zone": resource.zone,
        "size": resource.size,
        "created_at": resource.created_at.isoformat() if resource.created_at else None,
        "public": resource.public,
        "encrypted": resource.encrypted,
        "facts": resource.facts,
        "permissions": {key: value.value for key, value in resource.permissions.items()},
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def decode(record: bytes) -> tuple[Resource, ScanCell]:
    """Return what `encode` was given.

    Raises:
        UnknownFormat: The record is of a later format.
    """
    body: dict[str, Any] = json.loads(record)
    if body["v"] != FORMAT:
        raise UnknownFormat(f"a record of format {body['v']} was written by a newer version; this one knows {FORMAT}")
    cloud, account, region, service = body["cell"]
    created = body["created_at"]
    resource = Resource(
        id=body["id"],
        type=body["type"],
        cloud=Cloud(body["cloud"]),
        account=body["account"],
        region=body["region"],
        name=body["name"],
        state=body["state"],
        tags=body["tags"],
        zone=body["zone"],
        size=body["size"],
        created_at=datetime.fromisoformat(created) if created else None,
        public=body["public"],
        encrypted=body["encrypted"],
        facts=body["facts"],
        permissions={key: Permitted(value) for key, value in body["permissions"].items()},
    )
    return resource, ScanCell(cloud=Cloud(cloud), account=account, region=region, service=service)


def fingerprint(record: bytes) -> int:
    """Return 64 bits that tell two records apart; kept in memory only."""
    return int.from_bytes(hashlib.blake2b(record, digest_size=8).digest(), "big")


def pairs(resource: Resource, cell: ScanCell, env_keys: Sequence[str]) -> frozenset[Pair]:
    """Return everything a resource can be filtered by for equality."""
    found = {
        ("kind", "resource"),
        ("cell", cell_text(cell)),
        ("cloud", resource.cloud.value),
        ("account", resource.account.casefold()),
        ("region", resource.region.casefold()),
        ("type", resource.type),
        ("state", resource.state.casefold()),
        ("env", environment_of(resource.tags, env_keys) or UNSAID),
        ("public", three_valued(resource.public)),
        ("encrypted", three_valued(resource.encrypted)),
        ("id", resource.id),
    }
    found |= {("region", resource.zone.casefold()), ("zone", resource.zone.casefold())} if resource.zone else set()
    found |= {("name", word.casefold()) for word in (resource.name, resource.id, resource.short_id)}
    for key, value in resource.tags.items():
        found |= {("tag", f"{key.casefold()}={value.casefold()}"), ("tag-key", key.casefold())}
    return frozenset(found)


def three_valued(value: bool | None) -> str:
    """Return the token value of a field with three answers."""
    return UNSAID if value is None else str(value).lower()


def cell_text(cell: ScanCell) -> str:
    """Return a cell as one line: `aws/111111111111/us-east-1/ec2`."""
    return f"{cell.cloud.value}/{cell.account}/{cell.region}/{cell.service}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return sorted(value, key=str) if not isinstance(value, tuple) else list(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
