"""A theatre keeps a surface's own side (Slack, the Teams connector, what a terminal showed) while the runner is played anew on it.

`SURFACES` are opened by their names. Microsoft's Agents Playground is one more, `in_playground`: it needs node and a browser, which are
started once for many stories.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.fakes.bot_connector import BotConnector
from tests.fakes.house import House, Open, opened
from tests.fakes.playground import CHANNEL, Chat, Playground
from tests.fakes.playground_stage import PlaygroundStage
from tests.fakes.slack.server import FakeSlack
from tests.fakes.stages import SlackStage, Stage, TerminalStage, console
from tests.fakes.teams_rig import connected
from tests.fakes.teams_stage import ROOM, TeamsStage

SURFACES = ("terminal", "web", "slack", "teams")


class Theatre(Protocol):
    """One surface's own side.

    Attributes:
        tables: What the settings say about the surface.
        channel: Where a report is posted on it, as the settings write it; empty where there is no such place.
        room: The stage's name for that place.
    """

    tables: Mapping[str, Any]
    channel: str
    room: str

    def stage(self, runner: Open) -> AbstractAsyncContextManager[Stage]:
        """Play a running runner on it."""
        ...


@dataclass(slots=True)
class _Terminal:
    said: list[str]
    tables: Mapping[str, Any]
    channel: str = ""
    room: str = "main"

    @asynccontextmanager
    async def stage(self, runner: Open) -> AsyncIterator[Stage]:
        yield TerminalStage(runner, said=self.said)


@dataclass(slots=True)
class _Web:
    tables: Mapping[str, Any]
    channel: str = "web"
    room: str = "morning-report"

    @asynccontextmanager
    async def stage(self, runner: Open) -> AsyncIterator[Stage]:
        async with console(runner) as opened:
            yield opened


@dataclass(slots=True)
class _Slack:
    slack: FakeSlack
    tables: Mapping[str, Any]
    roots: dict[str, str]
    channel: str = "slack:C0OPS"
    room: str = "main"

    @asynccontextmanager
    async def stage(self, runner: Open) -> AsyncIterator[Stage]:
        assert await self.slack.connected(2)
        yield SlackStage(runner, self.slack, roots=self.roots)


@dataclass(slots=True)
class _Teams:
    connector: BotConnector
    tables: Mapping[str, Any]
    channel: str = f"teams:{ROOM}"
    room: str = "main"

    @asynccontextmanager
    async def stage(self, runner: Open) -> AsyncIterator[Stage]:
        port = next(one for one in runner.surfaces if one.name == "Teams").listener.port
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as http:
            yield TeamsStage(runner, self.connector, http)


@dataclass(slots=True)
class _InPlayground:
    chat: Chat
    room: str
    tables: Mapping[str, Any]
    channel: str = f"teams:{CHANNEL}"
    entered: bool = False

    @asynccontextmanager
    async def stage(self, runner: Open) -> AsyncIterator[Stage]:
        if not self.entered:
            await self.chat.enter(self.room)
            self.entered = True
        yield PlaygroundStage(runner, self.chat, self.room)


@asynccontextmanager
async def in_playground(playground: Playground, *, room: str) -> AsyncIterator[Theatre]:
    """Sit down in one room of the Playground: `personal`, `group` or `channel`."""
    async with playground.chat() as chat:
        teams = {"playground": True, "host": "127.0.0.1", "port": playground.endpoint_port}
        yield _InPlayground(chat=chat, room=room, tables={"teams": teams})


@asynccontextmanager
async def theatre(name: str) -> AsyncIterator[Theatre]:
    """Open the surface's own side."""
    match name:
        case "terminal":
            yield _Terminal(said=[], tables={})
        case "web":
            yield _Web(tables={"web": {"enabled": True, "port": 0}})
        case "slack":
            async with FakeSlack(retry_delays=(0.0, 0.2, 0.5)) as slack:
                tokens = {"bot_token": slack.bot_token, "app_token": slack.app_token, "base_url": slack.api_url}
                yield _Slack(slack=slack, tables={"slack": tokens}, roots={})
        case "teams":
            async with connected(BotConnector()) as connector:
                connector.join("29:cleo", name="Cleo")
                yield _Teams(
                    connector=connector,
                    tables={"teams": {"playground": True, "host": "127.0.0.1", "port": 0}},
                )
        case _:
            raise ValueError(name)


@asynccontextmanager
async def stage(name: str, house: House, home: Path, **tables: Any) -> AsyncIterator[Stage]:
    """Open a runner with one surface; `tables` are laid over the usual settings."""
    async with theatre(name) as side, played(side, house, home, **tables) as play:
        yield play


@asynccontextmanager
async def played(side: Theatre, house: House, home: Path, **tables: Any) -> AsyncIterator[Stage]:
    """Open a runner and play it on a surface that is there."""
    async with opened(house.settings(home, **side.tables, **tables)) as runner, side.stage(runner) as play:
        yield play
