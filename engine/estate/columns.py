"""A few columns of every resource in memory: what keyed hashes cannot answer, in at most 150 bytes a resource.

Hashes answer equality only; ranges (age, size), name patterns, counts by group and "which records does this cell have" are
answered from here. A `Columns` is a value: changing it makes another, so readers never see a half-written one.
"""

import fnmatch
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from engine.estate.resource import Cloud, Resource, ScanCell
from engine.estate.selector import Bound, Comparator, Selector

Mask: TypeAlias = NDArray[np.bool_]

_SECONDS_PER_DAY = 86_400.0
_HALF = 64
_LOW = (1 << _HALF) - 1
_CODE_BITS = 32
_CODE_MASK = (1 << _CODE_BITS) - 1

_FIELDS = np.dtype(
    [
        ("high", "u8"),
        ("low", "u8"),
        ("version", "u8"),
        ("print", "u8"),
        ("created", "f8"),
        ("size_gb", "f4"),
        ("cell", "u4"),
        ("group", "u4"),
        ("embedded", "?"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource's columns.

    Attributes:
        id: Of the point.
        version: Of the record.
        print: `record.fingerprint` of the record.
        cell: The cell that owns it.
        resource: Read for the columns, not kept.
        embedded: Whether the point has a vector for its present text.
    """

    id: UUID
    version: int
    print: int
    cell: ScanCell
    resource: Resource
    embedded: bool


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Group:
    """What resources are counted by."""

    cloud: Cloud
    account: str
    region: str
    type: str
    state: str


class Dictionary:
    """Numbers for values that repeat; grows only."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._codes: dict[Any, int] = {}

    def code(self, value: Any) -> int:
        """Return the number of `value`, a new one when it is new."""
        if (found := self._codes.get(value)) is None:
            found = self._codes[value] = len(self.values)
            self.values.append(value)
        return found

    def known(self, value: Any) -> int | None:
        """Return the number of `value`, or None when it never came."""
        return self._codes.get(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of all resources, sorted by point id."""

    table: NDArray[Any]
    names: NDArray[Any]
    cells: Dictionary
    groups: Dictionary

    @classmethod
    def empty(cls) -> "Columns":
        """Return columns without rows."""
        return cls(
            table=np.empty(0, dtype=_FIELDS),
            names=np.empty(0, dtype=np.dtypes.StringDType()),
            cells=Dictionary(),
            groups=Dictionary(),
        )

    def __len__(self) -> int:
        return len(self.table)

    @property
    def bytes_each(self) -> float:
        """How much memory a resource takes on average, in bytes: arrays, and names too long to be kept in place."""
        long = sum(len(name.encode()) + 1 for name in self.names.tolist() if len(name.encode()) > 15)  # noqa: PLR2004 - numpy keeps up to 15 bytes in the array
        shared = sum(sys.getsizeof(value) for each in (self.cells, self.groups) for value in each.values)
        return (self.table.nbytes + self.names.nbytes + long + shared) / max(len(self), 1)

    def changed(self, *, put: Sequence[Row] = (), drop: Iterable[UUID] = ()) -> "Columns":
        """Return columns in which `put` replaced or joined its rows and `drop` are gone."""
        replaced = [*drop, *(row.id for row in put)]
        if not replaced:
            return self
        gone = self.where(replaced)
        keep = np.ones(len(self), dtype=np.bool_)
        keep[gone[gone >= 0]] = False
        table = np.concatenate([self.table[keep], np.array([self._packed(row) for row in put], dtype=_FIELDS)])
        fresh = np.array([row.resource.name for row in put], dtype=np.dtypes.StringDType())
        names = np.concatenate([self.names[keep], fresh])
        order = np.lexsort((table["low"], table["high"]))
        return replace(self, table=table[order], names=names[order])

    def embedded(self, ids: Sequence[UUID]) -> "Columns":
        """Return columns that note a vector for `ids`."""
        table = self.table.copy()
        at = self.where(ids)
        table["embedded"][at[at >= 0]] = True
        return replace(self, table=table)

    def where(self, ids: Sequence[UUID]) -> NDArray[np.int64]:
        """Return the row of each id, -1 for those that are not there."""
        wanted = np.array([(id_.int >> _HALF, id_.int & _LOW) for id_ in ids], dtype=np.uint64).reshape(-1, 2)
        at = np.searchsorted(self.table["high"], wanted[:, 0])
        inside = np.minimum(at, max(len(self) - 1, 0))
        if not len(self):
            return np.full(len(wanted), -1, dtype=np.int64)
        hit = (self.table["high"][inside] == wanted[:, 0]) & (self.table["low"][inside] == wanted[:, 1])
        return np.where(hit, inside, -1).astype(np.int64)

    def ids(self, mask: Mask | None = None) -> list[UUID]:
        """Return the point ids of the rows of `mask`, of all rows without one."""
        table = self.table if mask is None else self.table[mask]
        return [
            UUID(int=(high << _HALF) | low)
            for high, low in zip(table["high"].tolist(), table["low"].tolist(), strict=True)
        ]

    def of_cell(self, cell: ScanCell) -> Mask:
        """Return the rows that a cell owns."""
        code = self.cells.known(cell)
        return np.zeros(len(self), dtype=np.bool_) if code is None else self.table["cell"] == code

    def cells_present(self) -> frozenset[ScanCell]:
        """Return the cells that own at least one row."""
        return frozenset(self.cells.values[code] for code in np.unique(self.table["cell"]).tolist())

    def may_match(self, selector: Selector, now: datetime) -> Mask | None:
        """Return the rows that ranges and name patterns leave possible; None when the selector has neither.

        A value that is not known stays possible: whether it decides is said when the record itself is looked at.
        """
        masks = []
        if selector.age_days is not None:
            masks.append(_possible(selector.age_days, (now.timestamp() - self.table["created"]) / _SECONDS_PER_DAY))
        if selector.size_gb is not None:
            masks.append(_possible(selector.size_gb, self.table["size_gb"]))
        if selector.names and all("*" in name for name in selector.names):
            masks.append(self._like(selector.names))
        return np.logical_and.reduce(masks) if masks else None

    def tally(self) -> Counter[Group]:
        """Return how many resources there are of each group."""
        codes, counts = np.unique(self.table["group"], return_counts=True)
        return Counter(
            {self.groups.values[code]: count for code, count in zip(codes.tolist(), counts.tolist(), strict=True)}
        )

    def types_of_cells(self) -> dict[tuple[Cloud, str], set[str]]:
        """Return which types each service's cells were seen to hold, by cloud and service."""
        seen: dict[tuple[Cloud, str], set[str]] = {}
        both = (self.table["cell"].astype(np.uint64) << np.uint64(_CODE_BITS)) | self.table["group"]
        for code in np.unique(both).tolist():
            where: ScanCell = self.cells.values[code >> _CODE_BITS]
            group: Group = self.groups.values[code & _CODE_MASK]
            seen.setdefault((where.cloud, where.service), set()).add(group.type)
        return seen

    def _like(self, names: frozenset[str]) -> Mask:
        patterns = [fnmatch.translate(name.replace("[", "[[]").replace("?", "[?]")) for name in names]
        test = re.compile("|".join(patterns))
        return np.fromiter(
            (test.match(name.casefold()) is not None for name in self.names.tolist()), dtype=np.bool_, count=len(self)
        )

    def _packed(self, row: Row) -> tuple[Any, ...]:
        resource = row.resource
        size = resource.facts.get("size_gb")
        group = Group(
            cloud=resource.cloud,
            account=resource.account,
            region=resource.region,
            type=resource.type,
            state=resource.state,
        )
        return (
            row.id.int >> _HALF,
            row.id.int & _LOW,
            row.version,
            row.print,
            resource.created_at.timestamp() if resource.created_at else np.nan,
            size if isinstance(size, int | float) else np.nan,
            self.cells.code(row.cell),
            self.groups.code(group),
            row.embedded,
        )


def _possible(bound: Bound, values: NDArray[np.floating[Any]]) -> Mask:
    """Return where a bound holds or the value is unknown; a hair's width wider than the bound, since float32 rounds."""
    slack = 1e-4 * max(abs(bound.value), 1.0)
    return np.asarray(_holds(bound, values, slack) | np.isnan(values), dtype=np.bool_)


def _holds(bound: Bound, values: NDArray[np.floating[Any]], slack: float) -> Mask:
    match bound.op:
        case Comparator.LESS | Comparator.AT_MOST:
            return values <= bound.value + slack
        case Comparator.MORE | Comparator.AT_LEAST:
            return values >= bound.value - slack
        case Comparator.EQUAL:
            return np.asarray(np.abs(values - bound.value) <= slack, dtype=np.bool_)
