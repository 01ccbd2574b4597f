"""What every scanner is, and what all of them share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from engine.clouds.gcp.session import GcpSession, Purpose
from engine.estate.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scanner reads: clients of one project, with the patience that the caller has."""

    session: GcpSession
    account: str
    purpose: Purpose = Purpose.READ


class Scanner(Protocol):
    """Reads one service in the whole project."""

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


def in_utc(moment: str) -> datetime | None:
    """Return an RFC 3339 time in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC) if moment else None
