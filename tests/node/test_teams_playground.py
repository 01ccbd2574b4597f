"""Escher in Microsoft's own local Teams, the Agents Playground, in a real browser: what a person sees, types and presses.

`npm ci --prefix tests/node` installs the Playground.
"""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, Route, async_playwright, expect

from blocks import adaptive
from blocks.components.actions import ActionId
from bot.teams.connector import Outgoing
from bot.teams.options import TeamsOptions, loopback_host
from tests.fakes.bot_connector import BotConnector
from tests.fakes.teams_rig import DIGEST, PLAN, Rig, plan_card, running

CHROMIUM = os.environ.get("ESCHER_CHROMIUM") or shutil.which("chromium") or ""  # noqa: TID251 - where this machine's browser is
NODE = shutil.which("node") or ""
PLAYGROUND = Path(__file__).parent / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
ROOMS = {"personal": "Personal Chat", "group": "Group Chat", "channel": "General"}
HEADLINE = "Stop 5 dev EC2 instances"

expect.set_options(timeout=30_000)

pytestmark = [
    pytest.mark.node,
    pytest.mark.browser,
    pytest.mark.skipif(not NODE, reason="no node: install it"),
    pytest.mark.skipif(not PLAYGROUND.is_file(), reason="no Agents Playground: run npm ci --prefix tests/node"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason="no Chromium: install it or set ESCHER_CHROMIUM"),
]


class Chat:
    """A person in front of the Playground."""

    def __init__(self, page: Page, rig: Rig) -> None:
        self.page = page
        self.rig = rig

    async def enter(self, room: str) -> None:
        """Open a room and wait for our greeting; until the one in the personal chat is there, the page jumps back to it."""
        await expect(self.page.get_by_text("Just write, for example").last).to_be_visible()
        if room != "personal":
            await self.page.get_by_text(ROOMS[room], exact=True).first.click()
            await expect(self.page.get_by_text("Mention me, for example").last).to_be_visible()

    async def say(self, room: str, text: str, *, reply: bool = False) -> None:
        """Type and send; outside the personal chat our mention is picked from the list that opens."""
        editor = self.page.locator("[contenteditable=true]").nth(1 if reply else 0)
        await editor.click()
        if room != "personal":
            await self.page.keyboard.type("@Test", delay=20)
            await self.page.locator("[role=menuitem]").filter(has_text="Test Bot").click()
        await self.page.keyboard.type(f" {text}")
        await self.page.keyboard.press("Enter")

    def card(self, text: str) -> Locator:
        """Find the cards that show some words."""
        return self.page.locator(".ac-adaptiveCard").filter(has_text=text)

    async def press(self, card: Locator, name: str) -> None:
        """Press a button of a card."""
        await card.get_by_role("button", name=name, exact=True).last.click()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    """Run our surface, the Playground in front of it, and a browser."""
    options = TeamsOptions(playground=True, port=0)
    async with (
        running(tmp_path, BotConnector(), options=options) as rig,
        _playground(rig, tmp_path) as url,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(30_000)
        await page.route("**/*", _loopback_only)
        await page.goto(url, wait_until="domcontentloaded", timeout=60_000)
        yield Chat(page, rig)
        await browser.close()


@pytest.mark.parametrize("room", ROOMS)
async def test_a_plan_is_decided_in_every_kind_of_conversation(chat, room):
    """Say it, see the card, reject it with a reason, ask again, approve: one card, edited in place each time."""
    await chat.enter(room)
    await chat.say(room, "plan to stop dev & <test>")
    card = chat.card(HEADLINE)
    await expect(card).to_contain_text("waiting for approval")
    (mention,) = await chat.rig.hears(1, seconds=20)
    assert mention.text == "plan to stop dev & <test>"
    assert mention.principal.display == "Alex Wilber"

    await chat.press(card, "Reject…")
    await card.locator("textarea").fill("freeze until Monday")
    await chat.press(card, "Reject")
    await expect(card).to_contain_text("freeze until Monday")
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    assert (await chat.rig.hears(2, seconds=20))[1].inputs == {"reason": "freeze until Monday"}

    await chat.say(room, "plan it again", reply=room == "channel")
    await expect(card).to_contain_text("waiting for approval")
    await chat.press(card, "Approve")
    await expect(card).to_contain_text(re.compile("running", re.IGNORECASE))
    click = (await chat.rig.hears(4, seconds=20))[3]
    assert (click.action, click.value) == (ActionId.APPROVE, {"plan_id": PLAN, "digest": DIGEST})
    assert click.principal == mention.principal
    await expect(card).to_have_count(1)


async def test_a_host_without_universal_actions_sends_the_same_press(chat):
    """Where Action.Execute is not known its fallback, an Action.Submit, means the same."""
    await chat.enter("personal")
    await chat.say("personal", "hello")
    await expect(chat.card("you said: hello")).to_be_visible()
    shown = adaptive.render(plan_card())
    shown["actions"] = [action.get("fallback", action) for action in shown["actions"]]
    assert "Action.Submit" in {action["type"] for action in shown["actions"]}
    (thread,) = {event.thread for event in chat.rig.heard}
    address = chat.rig.client.addresses.of(thread.channel)
    await chat.rig.client.connector.send(address, "", Outgoing(card=shown))
    await chat.press(chat.card("waiting for approval"), "Approve")
    click = (await chat.rig.hears(2, seconds=20))[1]
    assert (click.action, click.value) == (ActionId.APPROVE, {"plan_id": PLAN, "digest": DIGEST})


async def test_a_private_answer_leaves_the_channel(chat):
    """What is for one person's eyes appears in their personal chat and not in the channel."""
    await chat.enter("channel")
    await chat.say("channel", "whisper to me")
    await chat.rig.hears(1, seconds=20)
    await chat.page.get_by_text(ROOMS["personal"], exact=True).first.click()
    await expect(chat.card("only for you")).to_be_visible()
    await chat.page.get_by_text(ROOMS["channel"], exact=True).first.click()
    await expect(chat.page.get_by_text("whisper to me").last).to_be_visible()
    await expect(chat.card("only for you")).to_have_count(0)


@asynccontextmanager
async def _playground(rig: Rig, home: Path) -> AsyncIterator[str]:
    """Start the Playground and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{rig.listener.port}/api/messages"
    process = await asyncio.create_subprocess_exec(
        *(NODE, str(PLAYGROUND), "-e", endpoint, "-c", "msteams", "--disable-telemetry", "-p", str(port)),
        cwd=home,
        env={"HOME": str(home), "PATH": os.defpath},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while f"Listening on {port}" not in (line := (await process.stdout.readline()).decode()):
                assert line, "the Playground ended"
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        await process.communicate()


async def _loopback_only(route: Route) -> None:
    """Let the page ask this machine only; it wants fonts from elsewhere."""
    if loopback_host(urlsplit(route.request.url).hostname or ""):
        await route.continue_()
    else:
        await route.abort()
