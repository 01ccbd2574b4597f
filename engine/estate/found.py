"""What the estate answers: lists that are complete, and best matches that are not; and what a writing did."""

from dataclasses import dataclass
from uuid import UUID

from engine.estate.cells import CellState
from engine.estate.changes import Change
from engine.estate.resource import Resource, ScanCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything a selector means, complete, ordered by cloud, account, region, name and id.

    Attributes:
        resources: The resources.
        undecided: How many more might be meant, were a fact about them known.
        cells: The cells in which such things could be, with their state: when each was read.
    """

    resources: tuple[Resource, ...]
    undecided: int
    cells: tuple[CellState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer by meaning: cosine similarity, -1 to 1."""

    resource: Resource
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What taking in a reading did: records written, records removed, records that vanished but are held."""

    upserted: int = 0
    removed: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What writing a reading did: records written, points it showed, what changed, cells whose records changed."""

    count: int
    seen: frozenset[UUID]
    news: tuple[Change, ...]
    cells: frozenset[ScanCell]
