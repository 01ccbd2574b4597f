"""The clouds and the agent server of the tests that kill and restart runners."""

from collections.abc import Iterator

import pytest

from tests.fakes.house import House, house


@pytest.fixture(scope="session")
def home() -> Iterator[House]:
    """Start them once; the number of kills is no setting, and runners would say so."""
    with pytest.MonkeyPatch.context() as environment, house() as running:
        environment.delenv("ESCHER_KILLS", raising=False)
        yield running
