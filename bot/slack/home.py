"""The App Home tab: status, pending approvals, settings, drawn when somebody opens it."""

from collections.abc import Awaitable, Callable

import structlog

from blocks.components import Component
from bot.platform import Busy, Gone, Rejected, Unreachable
from bot.slack.client import SlackClient
from bot.slack.people import SlackPeople
from engine.principal import Principal

_log = structlog.get_logger(__name__)

HomeView = Callable[[Principal], Awaitable[Component]]
"""Says what one person's Home tab shows; it must say nothing that this person may not see."""


class SlackHome:
    """Publishes Home tabs.

    Args:
        client: Publishes.
        people: Says who is looking.
        view: What to show.
    """

    def __init__(self, client: SlackClient, people: SlackPeople, view: HomeView) -> None:
        self._client = client
        self._people = people
        self._view = view

    async def show(self, user: str) -> None:
        """Draw the tab for one person; a failure leaves the old one standing."""
        try:
            principal = await self._people.vouched(self._people.at_first_sight(user))
            await self._client.publish_home(user, await self._view(principal))
        except (Busy, Gone, Rejected, Unreachable) as error:
            _log.warning("a home tab could not be drawn", error=type(error).__name__)
