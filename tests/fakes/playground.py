"""Microsoft's local Teams, the Agents Playground, with headless Chromium in front of it, and the one person who sits there.

`npm ci --prefix tests/node` installs the Playground. It speaks to one endpoint for as long as it lives and keeps no messages: a new
page is an empty chat in which we are installed anew. It has one person, so whatever takes two is for the strict connector.
"""

import asyncio
import itertools
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, async_playwright, expect

from bot.loopback import loopback_host

CHROMIUM = os.environ.get("ESCHER_CHROMIUM") or shutil.which("chromium") or ""  # noqa: TID251 - where this machine's browser is
NODE = shutil.which("node") or ""
PROGRAM = Path(__file__).parents[1] / "node" / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
ROOMS = {"personal": "Personal Chat", "group": "Group Chat", "channel": "General"}
CHANNEL = "19:operations@thread.tacv2"
PERSON = "Alex Wilber"
PATIENCE = 60_000
"""Milliseconds; only a machine that is stuck waits as long."""

NEEDED = [
    pytest.mark.node,
    pytest.mark.browser,
    pytest.mark.xdist_group("playground"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not NODE, reason="no node: install it"),
    pytest.mark.skipif(not PROGRAM.is_file(), reason="no Agents Playground: run npm ci --prefix tests/node"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason="no Chromium: install it or set ESCHER_CHROMIUM"),
]

_COLLEAGUES = ("Megan Bowen", "Adele Vance", "Isaiah Langer", "Patti Fernandez", "Lynne Robbins")
_CARDS = ".ac-preview-panel"
_READ = """panels => panels.map(panel => ({
  text: panel.innerText.replace(/\\s+/g, " ").trim(),
  buttons: [...panel.querySelectorAll("button")].map(button => button.innerText.trim()),
}))"""
_ports = itertools.count(21_000 + os.getpid() % 8_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A card as it is on the page."""

    text: str
    buttons: list[str]


class Chat:
    """A person in front of the Playground."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def enter(self, room: str) -> None:
        """Open a room of a fresh Playground, in which we greet; until the personal greeting is there, the page jumps back to it."""
        await self.page.goto(self._url, wait_until="domcontentloaded", timeout=PATIENCE)
        await expect(self.page.get_by_text("Just write, for example").last).to_be_visible()
        if room != "personal":
            await self.go(room)
            await expect(self.page.get_by_text("Mention me, for example").last).to_be_visible()

    async def go(self, room: str) -> None:
        """Look into another room."""
        await self.page.get_by_text(ROOMS[room], exact=True).first.click()

    async def say(self, room: str, text: str, *, reply: bool = False) -> None:
        """Type and send; outside the personal chat our mention is picked from the list that opens."""
        await self.page.locator("[contenteditable=true]").nth(1 if reply else 0).click()
        if room == "personal":
            await self.page.keyboard.type(text)
        else:
            await self.page.keyboard.type("@Esch", delay=20)
            await self.page.locator("[role=menuitem]").filter(has_text="Escher").click()
            await self.page.keyboard.type(f" {text}")
        await self.page.keyboard.press("Enter")

    def card(self, text: str) -> Locator:
        """Find the cards that show some words."""
        return self.page.locator(_CARDS).filter(has_text=text)

    def nth(self, index: int) -> Locator:
        """Find a card by its place in the room."""
        return self.page.locator(_CARDS).nth(index)

    async def press(self, card: Locator, name: str) -> None:
        """Press a button of a card."""
        await card.get_by_role("button", name=name, exact=True).last.click()

    async def shown(self) -> list[Shown]:
        """Read every card of the room, all in the same instant."""
        return [Shown(**one) for one in await self.page.locator(_CARDS).evaluate_all(_READ)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """A running Playground.

    Attributes:
        endpoint_port: Where it expects us to listen.
        url: Its page.
        browser: Where its pages are opened; what one has fetched, the next need not.
    """

    endpoint_port: int
    url: str
    browser: BrowserContext

    @asynccontextmanager
    async def chat(self) -> AsyncIterator[Chat]:
        """Sit down before an empty page; `enter` when we listen."""
        page = await self.browser.new_page()
        page.set_default_timeout(PATIENCE)
        try:
            yield Chat(page, self.url)
        finally:
            await page.close()


@asynccontextmanager
async def playground(home: Path) -> AsyncIterator[Playground]:
    """Start the Playground and a browser; both end with the block."""
    expect.set_options(timeout=PATIENCE)
    endpoint, port = _free(), _free()
    (home / ".m365agentsplayground.yml").write_text(json.dumps(_company()), encoding="utf-8")
    async with _served(home, endpoint, port), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": 1400, "height": 1000})
        await context.route("**/*", _loopback_only)
        yield Playground(endpoint_port=endpoint, url=f"http://localhost:{port}/", browser=context)
        await browser.close()


@asynccontextmanager
async def _served(home: Path, endpoint: int, port: int) -> AsyncIterator[None]:
    log = home / "playground.log"
    address = f"http://127.0.0.1:{endpoint}/api/messages"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(NODE, str(PROGRAM), "-e", address, "-c", "msteams", "--disable-telemetry", "-p", str(port)),
            cwd=home,
            env={"HOME": str(home), "PATH": os.defpath},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(PATIENCE / 1000):
            while f"Listening on {port}" not in log.read_text(encoding="utf-8"):
                assert process.returncode is None, log.read_text(encoding="utf-8")
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _company() -> dict[str, Any]:
    """Return who and what there is; the Playground takes exactly five colleagues, and calls the channel General by its team's id."""
    return {
        "version": "0.1.1",
        "tenantId": "00000000-0000-0000-0000-000000000001",
        "bot": {"id": "00000000-0000-0000-0000-000000000011", "name": "Escher"},
        "currentUser": _person(0, PERSON),
        "users": [_person(number, name) for number, name in enumerate(_COLLEAGUES, start=1)],
        "personalChat": {"id": "a:personal"},
        "groupChat": {"id": "19:group@thread.v2", "name": ROOMS["group"]},
        "team": {
            "id": CHANNEL,
            "name": "Acme Operations",
            "aadGroupId": "00000000-0000-0000-0000-000000000031",
            "channels": [{"id": "19:announcements@thread.tacv2", "name": "Announcements"}],
        },
    }


def _person(number: int, name: str) -> dict[str, str]:
    given, surname = name.split()
    address = f"{given.lower()}@acme.example"
    return {
        "id": f"29:user-{number}",
        "name": name,
        "userPrincipleName": address,
        "aadObjectId": f"00000000-0000-0000-0000-0000000001{number:02}",
        "givenName": given,
        "surname": surname,
        "email": address,
    }


def _free() -> int:
    """Find a port below those that connections take by themselves, so that it stays free while nobody listens."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable: the count has no end")


async def _loopback_only(route: Route) -> None:
    """Let the page ask this machine only; it wants fonts from elsewhere."""
    if loopback_host(urlsplit(route.request.url).hostname or ""):
        await route.continue_()
    else:
        await route.abort()
