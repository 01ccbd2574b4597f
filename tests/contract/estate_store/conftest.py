"""An estate over both kinds of index: each test runs over each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.estate.store import EstateStore
from engine.storage.keys import KeyRing
from tests.fakes.estate import MovableClock
from tests.fakes.estate_places import Place


@pytest.fixture(params=["edge", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place of each kind."""
    made = Place(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture
def clock() -> MovableClock:
    """Return a clock that stands."""
    return MovableClock()


@pytest.fixture
def ring() -> KeyRing:
    """Return fresh keys."""
    return KeyRing.ephemeral()


@pytest.fixture
def store(place: Place, ring: KeyRing, clock: MovableClock) -> EstateStore:
    """Return an empty estate."""
    return EstateStore(place.index(), ring, clock)
