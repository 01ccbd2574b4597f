"""What became different between two readings of a cell."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.estate.resource import Cloud, Json, Resource

FORMAT = 1
KEPT_DAYS = 35
"""How long changes are kept."""

_COMPARED = ("name", "state", "region", "zone", "size", "public", "encrypted")
_RESTLESS = frozenset({"last_used_at", "last_used", "last_activity_at", "object_count", "messages"})
"""Facts that move by themselves and are no change anybody made."""


class ChangeKind(StrEnum):
    """What happened."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field's values; `field` is dotted for tags and facts: `tags.env`, `facts.size_gb`. None: it was or is not there."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that became different, as seen at `at` (it happened between the reading before and this one)."""

    at: datetime
    kind: ChangeKind
    id: str
    name: str
    type: str
    cloud: Cloud
    account: str
    region: str
    fields: tuple[FieldChange, ...] = ()


def added(resource: Resource, at: datetime) -> Change:
    """Return that a resource is new."""
    return _change(resource, at, ChangeKind.ADDED, ())


def removed(resource: Resource, at: datetime) -> Change:
    """Return that a resource is gone."""
    return _change(resource, at, ChangeKind.REMOVED, ())


def changed(before: Resource, after: Resource, at: datetime) -> Change | None:
    """Return what is different between two readings of one resource; None when nothing worth telling is."""
    fields = [
        FieldChange(field=name, before=getattr(before, name), after=getattr(after, name))
        for name in _COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    for prefix, old, new in (("tags", before.tags, after.tags), ("facts", before.facts, after.facts)):
        fields += [
            FieldChange(field=f"{prefix}.{key}", before=old.get(key), after=new.get(key))
            for key in sorted(old.keys() | new.keys())
            if key not in _RESTLESS and old.get(key) != new.get(key)
        ]
    return _change(after, at, ChangeKind.CHANGED, tuple(fields)) if fields else None


def encode(changes: Iterable[Change]) -> bytes:
    """Return changes as JSON with a format version."""
    return json.dumps({"v": FORMAT, "changes": [_plain(change) for change in changes]}, separators=(",", ":")).encode()


def decode(record: bytes) -> tuple[Change, ...]:
    """Return what `encode` was given."""
    body: dict[str, Any] = json.loads(record)
    return tuple(
        Change(
            at=datetime.fromisoformat(each["at"]),
            kind=ChangeKind(each["kind"]),
            id=each["id"],
            name=each["name"],
            type=each["type"],
            cloud=Cloud(each["cloud"]),
            account=each["account"],
            region=each["region"],
            fields=tuple(FieldChange(field=name, before=before, after=after) for name, before, after in each["fields"]),
        )
        for each in body["changes"]
    )


def _change(resource: Resource, at: datetime, kind: ChangeKind, fields: tuple[FieldChange, ...]) -> Change:
    return Change(
        at=at,
        kind=kind,
        id=resource.id,
        name=resource.name,
        type=resource.type,
        cloud=resource.cloud,
        account=resource.account,
        region=resource.region,
        fields=fields,
    )


def _plain(change: Change) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "kind": change.kind.value,
        "id": change.id,
        "name": change.name,
        "type": change.type,
        "cloud": change.cloud.value,
        "account": change.account,
        "region": change.region,
        "fields": [[each.field, each.before, each.after] for each in change.fields],
    }
