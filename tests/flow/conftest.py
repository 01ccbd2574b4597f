"""The house of a test module, and the stage a story is played on."""

from collections.abc import Iterator

import pytest

from tests.fakes.house import House, house


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    """Start the clouds and the agent server once for a module."""
    with house() as running:
        yield running
