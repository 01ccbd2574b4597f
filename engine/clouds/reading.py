"""Reading a cell in parts: what was found, and how it ended when a part could not be read."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import structlog

from engine.clock import Clock
from engine.clouds.errors import CloudError, Denied, Throttled
from engine.estate.resource import CellScan, CellStatus, Resource, ScanCell
from engine.estate.well_formed import well_formed

_log = structlog.get_logger(__name__)

Part = Callable[[], Iterable[Resource]]
Translated = Callable[[str], AbstractContextManager[None]]


def read_cell(
    cell: ScanCell,
    parts: Sequence[Part],
    *,
    until: float,
    timed_out: frozenset[str],
    clock: Clock,
    translated: Translated,
    unsupported: frozenset[str] = frozenset(),
) -> CellScan:
    """Read all parts of a cell; never raises for what a cloud answers or does not answer.

    Args:
        cell: Which.
        parts: Each yields resources as pages arrive and may fail by itself.
        until: When to stop, on `time.monotonic`.
        timed_out: Codes of errors that mean that an answer took too long.
        clock: For the time of reading.
        translated: Turns the SDK's exceptions into `CloudError`; takes what is being done.
        unsupported: Codes of errors that mean that the service does not exist or is not enabled there.
    """
    found: list[Resource] = []
    failed: list[tuple[CellStatus, str]] = []
    for part in parts:
        try:
            with translated(f"list {cell.service}"):
                for resource in part():
                    found.append(well_formed(resource))
                    if time.monotonic() > until:
                        return ended(cell, CellStatus.TIMEOUT, found, "the deadline passed while listing", clock=clock)
        except CloudError as error:
            failed.append((_status(error, timed_out, unsupported), error.message))
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            _log.exception("could not understand a listing", service=cell.service, region=cell.region)
            reason = f"could not understand what {cell.cloud} answered: {type(error).__name__}"
            failed.append((CellStatus.UNREACHABLE, reason))
    if not failed:
        return ended(cell, CellStatus.OK, found, "", clock=clock)
    status, reason = failed[0]
    return ended(cell, CellStatus.PARTIAL if len(failed) < len(parts) else status, found, reason, clock=clock)


def read_one(resource: Resource | None) -> Resource | None:
    """Return one resource that was read again as `read_cell` would give it."""
    return well_formed(resource) if resource else None


def ended(cell: ScanCell, status: CellStatus, found: Sequence[Resource], reason: str, *, clock: Clock) -> CellScan:
    """Return the outcome of reading a cell."""
    return CellScan(cell=cell, status=status, read_at=clock(), resources=tuple(found), reason=reason)


def _status(error: CloudError, timed_out: frozenset[str], unsupported: frozenset[str]) -> CellStatus:
    match error:
        case _ if error.code in unsupported:
            return CellStatus.UNSUPPORTED
        case Denied():
            return CellStatus.DENIED
        case Throttled():
            return CellStatus.THROTTLED
        case _ if error.code in timed_out:
            return CellStatus.TIMEOUT
        case _:
            return CellStatus.UNREACHABLE
