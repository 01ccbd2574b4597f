"""What the accounts of all clouds do alike: they read by scanners, and say how the reading ended.

Nothing of an SDK is here. A cloud says in a `Reading` which scanners it has, what its errors mean and what it is called; its own
account adds where to read, and all that changes, measures or costs.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from engine.clock import Clock
from engine.clouds.errors import Invalid
from engine.clouds.purpose import Purpose
from engine.clouds.reading import Translated, ended, read_cell, read_one
from engine.clouds.scanner import Scanner
from engine.estate.resource import CellScan, CellStatus, Cloud, Resource, ScanCell

GLOBAL = "global"
_SHORT_DEADLINE_SECONDS = 15.0
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[Place]):
    """How one cloud is read: by which scanners, what its errors mean, and what it calls things.

    Attributes:
        cloud: Which.
        called: As a person says it: `Google Cloud`.
        unit: What it calls an account: `project`.
        scanners: By the service of a cell.
        translated: Turns the SDK's exceptions into `CloudError`; takes what is being done.
        timed_out: Codes of errors that mean that an answer took too long.
        unsupported: Codes of errors that mean that the service does not exist or is not enabled there.
    """

    cloud: Cloud
    called: str
    unit: str
    scanners: Mapping[str, Scanner[Place]]
    translated: Translated
    timed_out: frozenset[str]
    unsupported: frozenset[str] = frozenset()


class ScannedAccount(ABC, Generic[Place]):
    """The reading half of `engine.clouds.ports.CloudAccount`."""

    def __init__(self, reading: Reading[Place], *, account: str, name: str, clock: Clock) -> None:
        self._reading = reading
        self._account = account
        self._name = name
        self._clock = clock

    @property
    def cloud(self) -> Cloud:
        """Which cloud."""
        return self._reading.cloud

    @property
    def account(self) -> str:
        """The account id, subscription id or project id."""
        return self._account

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self._name

    @property
    def types(self) -> frozenset[str]:
        """The types that are read here."""
        return frozenset[str]().union(*(scanner.types for scanner in self._reading.scanners.values()))

    def cells(self) -> tuple[ScanCell, ...]:
        """Return each service, once for all regions."""
        return tuple(self._cell(GLOBAL, service) for service in self._reading.scanners)

    def scan(self, cell: ScanCell, *, deadline: float) -> CellScan:
        """Read a cell; `deadline` in seconds from now. Never raises: the outcome says how it ended."""
        reading = self._reading
        scanner = reading.scanners.get(cell.service)
        if scanner is None or cell.account != self.account:
            reason = f"{cell.service} is not read in this {reading.unit}"
            return ended(cell, CellStatus.UNSUPPORTED, [], reason, clock=self._clock)
        purpose = Purpose.QUICK_READ if deadline <= _SHORT_DEADLINE_SECONDS else Purpose.READ
        place = self._place(cell.region, purpose)
        return read_cell(
            cell,
            [partial(part, place) for part in scanner.parts],
            until=time.monotonic() + deadline,
            timed_out=reading.timed_out,
            unsupported=reading.unsupported,
            clock=self._clock,
            translated=reading.translated,
        )

    def read(self, resource: Resource) -> Resource | None:
        """Read one resource again; None when it is gone.

        Raises:
            CloudError: When it could not be read.
        """
        scanner = self._reading.scanners.get(resource.service)
        if scanner is None:
            called = self._reading.called
            raise Invalid("UnknownType", f"could not read {resource.name}: {resource.type} is not read on {called}")
        with self._reading.translated(f"read {resource.short_id}"):
            return read_one(scanner.read(self._place(resource.region, Purpose.QUICK_READ), resource))

    def _cell(self, region: str, service: str) -> ScanCell:
        return ScanCell(cloud=self.cloud, account=self.account, region=region, service=service)

    @abstractmethod
    def _place(self, region: str, purpose: Purpose) -> Place:
        """Return where scanners read for `region`, which is `global` for what has none."""
