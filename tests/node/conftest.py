"""The Playground and the house, each started once for every test here."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.fakes.house import House, house
from tests.fakes.playground import Playground, playground


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def teams(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Playground]:
    """Run the Playground with a browser."""
    async with playground(tmp_path_factory.mktemp("playground")) as running:
        yield running


@pytest.fixture(scope="session")
def home() -> Iterator[House]:
    """Run the clouds and the agent server."""
    with house() as running:
        yield running
