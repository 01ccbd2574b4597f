"""What every scanner is, and what all of them share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from engine.clouds.azure.session import AzureSession, Purpose
from engine.estate.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scanner reads: clients of one subscription, with the patience that the caller has."""

    session: AzureSession
    account: str
    purpose: Purpose = Purpose.READ


class Scanner(Protocol):
    """Reads one service in the whole subscription."""

    @property
    def types(self) -> frozenset[str]:
        """The types of the resources it gives."""
        ...

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """The parts a cell is read in; each yields resources as pages arrive, and can fail by itself."""
        ...

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone."""
        ...


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
