"""Which cells of the estate a question touches, and how well each is known."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine.estate.kinds import on_cloud
from engine.estate.resource import CellStatus, Cloud, ScanCell
from engine.estate.selector import Selector

GLOBAL = "global"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellState:
    """How well a cell is known.

    Attributes:
        cell: Which.
        status: How the last attempt to read it ended.
        tried_at: When that was.
        read_at: When it was last read in full; None when it never was.
        count: How many resources of it are in the estate.
        reason: Why the status is not `ok`, or what is being held back; for people.
        held: Points that vanished in a mass drop and wait for a second run to confirm it.
    """

    cell: ScanCell
    status: CellStatus
    tried_at: datetime
    read_at: datetime | None = None
    count: int = 0
    reason: str = ""
    held: frozenset[UUID] = frozenset()

    def age(self, now: datetime) -> timedelta | None:
        """Return how long ago the cell was read in full; None when it never was."""
        return None if self.read_at is None else now - self.read_at


def touched(
    selector: Selector, cells: Iterable[ScanCell], *, holds: Mapping[tuple[Cloud, str], AbstractSet[str]] | None = None
) -> tuple[ScanCell, ...]:
    """Return those of `cells` in which something that `selector` means could be.

    A cell is left out only when cloud, account, region or type rule it out for certain. What the services' cells are known
    to hold comes from `holds`; a type that was seen nowhere and whose service has no cell keeps all cells of its cloud.

    Args:
        selector: The question.
        cells: All cells there are.
        holds: Types seen in the cells of a cloud's service, from `Columns.types_of_cells`.
    """
    every = tuple(cells)
    seen = holds or {}
    services = {(cell.cloud, cell.service) for cell in every}
    return tuple(cell for cell in every if _in_place(selector, cell) and _of_type(selector, cell, seen, services))


def _in_place(selector: Selector, cell: ScanCell) -> bool:
    if selector.clouds and cell.cloud not in selector.clouds:
        return False
    if selector.accounts and cell.account.casefold() not in selector.accounts:
        return False
    region = cell.region.casefold()
    numbered = any(zone.isdigit() for zone in selector.zones)
    places = selector.regions if numbered else selector.regions | selector.zones
    return (
        not places
        or region in {GLOBAL, ""}
        or any(place == region or place.startswith(f"{region}-") or _zone(place, region) for place in places)
    )


def _zone(place: str, region: str) -> bool:
    """Say whether `place` is an availability zone of `region`, spelled as AWS does: `us-east-1a`."""
    return place[:-1] == region


def _of_type(
    selector: Selector,
    cell: ScanCell,
    seen: Mapping[tuple[Cloud, str], AbstractSet[str]],
    services: AbstractSet[tuple[Cloud, str]],
) -> bool:
    if not selector.types:
        return True
    key = (cell.cloud, cell.service)
    if not selector.types.isdisjoint(seen.get(key, frozenset())):
        return True
    return any(_could_hold(type_, key, seen, services) for type_ in selector.types)


def _could_hold(
    type_: str,
    key: tuple[Cloud, str],
    seen: Mapping[tuple[Cloud, str], AbstractSet[str]],
    services: AbstractSet[tuple[Cloud, str]],
) -> bool:
    cloud, service = key
    if not on_cloud(type_, cloud.value):
        return False
    own = type_.partition("::")[0]
    if service == own:
        return True
    placed = (cloud, own) in services or any(where[0] is cloud and type_ in types for where, types in seen.items())
    return not placed
