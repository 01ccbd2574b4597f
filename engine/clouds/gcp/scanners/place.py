"""Where a scanner reads, and what all of them share."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.clouds.gcp.session import GcpSession
from engine.clouds.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scanner reads: clients of one project, with the patience that the caller has."""

    session: GcpSession
    account: str
    purpose: Purpose = Purpose.READ


def in_utc(moment: str) -> datetime | None:
    """Return an RFC 3339 time in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC) if moment else None
