"""Where a scanner reads, and what all of them share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.clouds.azure.session import AzureSession
from engine.clouds.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scanner reads: clients of one subscription, with the patience that the caller has."""

    session: AzureSession
    account: str
    purpose: Purpose = Purpose.READ


def nested(document: Mapping[str, Any], *path: str) -> Any:
    """Return a value inside a JSON document; None when a part of the path is missing."""
    value: Any = document
    for part in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def in_utc(moment: str | None) -> datetime | None:
    """Return an ISO 8601 time in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC) if moment else None
