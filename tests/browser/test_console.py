"""The console in a real browser: what a person sees, types and presses."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from blocks.components import ClarificationCard, Component, Option, State, line
from bot.messages import Click, Mention
from tests.fakes.web_console import DIGEST, OPS, PLAN, REVIEWER, Rig, plan_card, running
from tests.golden.card_samples import SAMPLES

CHROMIUM = os.environ.get("ESCHER_CHROMIUM") or shutil.which("chromium") or ""  # noqa: TID251 - where this machine's browser is
ALLOWED_NOISE = ("status of 404",)
# What a browser itself says when the runner was away: as late as it likes.
A_LOST_LINE = (" failed", "net::ERR_", "status of 401", "status of 403")
PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=20_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("console"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason="no Chromium: install it or set ESCHER_CHROMIUM"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A console over a record on disk."""
    async with running(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without windows."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Desk:
    """One person's page, and everything its browser complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.noise = ALLOWED_NOISE
        self.complaints: list[str] = []
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("requestfailed", lambda request: self._note("error", f"{request.url} failed"))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(noise in text for noise in self.noise):
            self.complaints.append(text)

    async def say(self, text: str) -> None:
        """Type and send."""
        await self.page.fill("#say", text)
        await self.page.press("#say", "Enter")

    def button(self, name: str) -> Locator:
        """Find a button of the newest card."""
        return self.page.locator(".card").last.get_by_role("button", name=name, exact=True)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(chromium: Browser, rig: Rig) -> AsyncIterator[Desk]:
    """The console, open; at the end nothing may have been complained about."""
    made = await _opened(await chromium.new_context(viewport={"width": 1280, "height": 900}), rig)
    yield made
    await made.page.context.close()
    assert made.complaints == []


async def _opened(context: BrowserContext, rig: Rig) -> Desk:
    context.set_default_timeout(20_000)
    desk = Desk(await context.new_page())
    await desk.page.goto(rig.url)
    await expect(desk.page.locator("#title")).to_have_text("#ops")
    return desk


async def _shows(desk: Desk, rig: Rig, component: Component) -> None:
    ref = await rig.platform.post(OPS, component)
    await expect(desk.page.locator(f"#{ref.message} .card .ac-adaptiveCard")).to_be_visible()


async def test_a_person_asks_and_sees_the_answer_as_a_card(desk):
    """The words stand under "You", the answer under "Escher"; the address holds no token any more."""
    assert "token" not in desk.page.url
    await desk.say("@escher plan")
    card = desk.page.locator(".card")
    await expect(card).to_contain_text("Stop 5 dev EC2 instances")
    await expect(desk.page.locator(".message").first).to_contain_text("You")
    await expect(desk.page.locator(".message").last).to_contain_text("Escher")
    await expect(desk.page.locator("#news")).to_contain_text("Stop 5 dev EC2 instances")
    await expect(desk.page.locator("#looking")).to_be_hidden()


async def test_an_example_is_one_press_away(desk, rig):
    """The empty room offers what to try; pressing it says it."""
    await desk.page.get_by_role("button", name="stop all dev EC2 instances").click()
    assert (await rig.hears(1))[0].text == "stop all dev EC2 instances"
    await expect(desk.page.locator("#empty")).to_be_hidden()


async def test_approve_pressed_twice_quickly_is_one_press(desk, rig):
    """The card's buttons sleep from the first press until the card changes; then they are gone."""
    await desk.say("plan")
    approve = desk.button("Approve")
    await approve.dblclick()
    await expect(approve).to_have_count(0)
    await expect(desk.page.locator(".card")).to_have_count(1)
    heard = await rig.hears(2)
    await desk.say("and then")
    heard = await rig.hears(3)
    presses = [event for event in heard if isinstance(event, Click)]
    assert [(press.action, dict(press.value)) for press in presses] == [
        ("approve", {"plan_id": PLAN, "digest": DIGEST}),
    ]


async def test_a_rejection_wants_a_reason_and_sends_it(desk, rig):
    """Without one the field says so and nothing is sent."""
    await desk.say("plan")
    await desk.button("Reject…").click()
    await expect(desk.page.locator(".card textarea")).to_be_focused()
    await desk.button("Reject").click()
    await expect(desk.page.locator(".card")).to_contain_text("Please fill this in.")
    await desk.page.locator(".card textarea").fill("not before the release")
    await desk.button("Reject").click()
    click = (await rig.hears(2))[1]
    assert click.action == "reject"
    assert dict(click.inputs) == {"reason": "not before the release"}


async def test_what_is_being_typed_survives_an_edit_of_the_card(desk, rig):
    """Somebody else's approval changes the card while one writes why not; the words stay."""
    ref = await rig.platform.post(OPS, plan_card())
    await desk.button("Reject…").click()
    await desk.page.locator(".card textarea").fill("not befo")
    await rig.platform.update(ref, plan_card(headline="Stop 5 dev EC2 instances, 1 of 2"), revision=1)
    await expect(desk.page.locator(".card")).to_contain_text("1 of 2")
    await expect(desk.page.locator(".card textarea")).to_have_value("not befo")
    await expect(desk.page.locator(".card textarea")).to_be_focused()


async def test_a_private_answer_wakes_the_buttons_again(desk, rig):
    """A press that changed nothing leaves the card usable."""

    async def refuse(event: Mention | Click) -> None:
        await rig.platform.reply_privately(event.principal, event.thread, SAMPLES["refusal"])

    rig.listener._inbox._handler = refuse
    await rig.platform.post(OPS, plan_card())
    card = desk.page.locator(".card").first
    for _ in range(2):
        await card.get_by_role("button", name="Approve").click()
        await expect(desk.page.get_by_text("only you see this").first).to_be_visible()
    await expect(desk.page.get_by_text("only you see this")).to_have_count(2)


async def test_cards_change_in_place(desk, rig):
    """Waiting, running, done: one card, one place."""
    ref = await rig.platform.post(OPS, plan_card())
    await expect(desk.page.locator(".card")).to_contain_text("waiting for approval")
    await rig.platform.update(ref, SAMPLES["progress"], revision=1)
    await expect(desk.page.locator(".card")).to_contain_text("3 of 5")
    await rig.platform.update(ref, SAMPLES["execution_result"], revision=2)
    await expect(desk.page.locator(".card")).to_contain_text("done in 0:31")
    await expect(desk.page.locator(".card")).to_have_count(1)


async def test_a_reload_shows_the_same_conversation(desk):
    """Nothing is lost by pressing F5."""
    await desk.say("plan")
    await expect(desk.page.locator(".card")).to_contain_text("waiting for approval")
    before = await desk.page.locator("#messages").inner_text()
    await desk.page.reload()
    await expect(desk.page.locator(".card")).to_contain_text("waiting for approval")
    assert await desk.page.locator("#messages").inner_text() == before


async def test_a_new_thread_has_an_address_and_a_name_of_its_own(desk, rig):
    """What is said there stays there, and its link leads back to it."""
    await desk.page.get_by_role("button", name="New thread").click()
    await desk.say("the move of payroll")
    await expect(desk.page.locator("#threads a[aria-current]")).to_contain_text("the move of payroll")
    thread = (await rig.hears(1))[0].thread.thread
    assert desk.page.url.endswith(f"#{thread}")
    await desk.page.get_by_role("link", name="ops", exact=True).click()
    await expect(desk.page.locator("#empty")).to_be_visible()
    await desk.page.goto(f"{rig.origin}/#{thread}")
    await expect(desk.page.locator("#messages")).to_contain_text("the move of payroll")


async def test_the_second_person_of_a_try_out_is_one_switch_away(desk, rig):
    """The switch decides who presses."""
    await desk.page.get_by_label("You are").select_option("reviewer")
    await desk.say("plan")
    await desk.button("Approve").click()
    heard = await rig.hears(2)
    assert [event.principal for event in heard] == [REVIEWER, REVIEWER]


async def test_the_arrow_up_brings_back_what_was_said(desk, rig):
    """As in a terminal, oldest last."""
    await desk.say("first")
    await rig.hears(1)
    await desk.say("second")
    await rig.hears(2)
    box = desk.page.locator("#say")
    await box.press("ArrowUp")
    await expect(box).to_have_value("second")
    await box.press("ArrowUp")
    await expect(box).to_have_value("first")
    await box.press("ArrowDown")
    await expect(box).to_have_value("second")


async def test_the_keyboard_alone_is_enough(desk, rig):
    """From the message box to Approve without a mouse."""
    await desk.say("plan")
    await expect(desk.button("Approve")).to_be_visible()
    for _ in range(12):
        await desk.page.keyboard.press("Shift+Tab")
        if await desk.button("Approve").evaluate("one => one === document.activeElement"):
            break
    await desk.page.keyboard.press("Enter")
    assert (await rig.hears(2))[1].action == "approve"


async def test_a_slow_answer_says_that_it_is_coming(desk, rig):
    """After a moment without an answer the page says that Escher is looking, until the answer is there."""
    rig.listener._inbox._handler = _silent
    await desk.say("report")
    await expect(desk.page.locator("#looking")).to_be_visible()
    await rig.platform.post(OPS, SAMPLES["morning_report"])
    await expect(desk.page.locator("#looking")).to_be_hidden()


async def _silent(_event: Mention | Click) -> None:
    """Answer nothing."""


async def test_a_lost_line_is_said_and_comes_back_by_itself(desk, rig):
    """A banner while the runner cannot be reached; afterwards what was missed is there."""
    desk.noise += A_LOST_LINE
    await rig.listener.stop()
    rig.listener._wanted_port = rig.port
    await expect(desk.page.locator("#banner")).to_be_visible()
    await rig.platform.post(OPS, SAMPLES["resource_table"])
    await rig.listener.start()
    await expect(desk.page.locator("#banner")).to_be_hidden(timeout=30_000)
    await expect(desk.page.locator(".card")).to_contain_text("web-dev-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_card_fits_a_phone_and_breaks_no_rule_of_the_page(chromium, rig, scheme):
    """All samples at 390 px: no sideways scrolling, no cut buttons, nothing that the page's policy had to block."""
    context = await chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=scheme)
    desk = await _opened(context, rig)
    for component in SAMPLES.values():
        await rig.platform.post(OPS, component)
    await expect(desk.page.locator(".card")).to_have_count(len(SAMPLES))
    assert await desk.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    cut = """[...document.querySelectorAll('.card')].flatMap((card) =>
        [...card.querySelectorAll('button, .ac-textBlock, .ac-richTextBlock')]
            .filter((one) => one.getBoundingClientRect().right > card.getBoundingClientRect().right + 1)
            .map((one) => one.textContent))"""
    assert await desk.page.evaluate(cut) == []
    assert desk.complaints == []


async def test_a_choice_between_long_names_can_be_read_to_its_end_on_a_phone(chromium, rig):
    """Two machines of one name differ by id and state, which stand last."""
    desk = await _opened(await chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True), rig)
    options = tuple(
        Option(id=str(number), label="prod · us-east-1a", detail=f"i-0d8f642adde81683{number} running")
        for number in (1, 2)
    )
    await rig.platform.post(
        OPS,
        ClarificationCard(question=line("There are 2 called bastion. Which one?"), question_id="q-1", options=options),
    )
    buttons = desk.page.locator(".card .ac-pushButton")
    await expect(buttons).to_have_count(2)
    beyond = """every => every.filter((one) => {
        const room = document.createRange(), row = one.parentElement.getBoundingClientRect();
        room.selectNodeContents(one);
        return room.getBoundingClientRect().right > row.right || one.getBoundingClientRect().right > row.right;
    }).length"""
    assert await buttons.evaluate_all(beyond) == 0


async def test_the_rooms_open_over_the_conversation_on_a_phone(chromium, rig):
    """The list comes with one press, and goes away when a room is chosen."""
    desk = await _opened(await chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True), rig)
    await desk.page.get_by_role("button", name="Rooms", exact=True).tap()
    await desk.page.get_by_role("link", name="morning-report").tap()
    await expect(desk.page.locator("#title")).to_have_text("#morning-report")
    await expect(desk.page.locator("#rail")).to_be_hidden()
    assert desk.complaints == []


async def test_hostile_words_stay_words(desk, rig):
    """Markup in what people and clouds say is shown, never run or linked."""
    hostile = "<img src=x onerror=alert(1)> [click](https://evil.example) <b>bold</b> javascript:alert(1)"
    await desk.say(hostile)
    await expect(desk.page.locator(".said").first).to_have_text(hostile)
    await _shows(desk, rig, plan_card(State.WAITING, hostile))
    assert await desk.page.locator(".card a, .card img, .card b, .card script").count() == 0


async def test_a_browser_without_the_link_is_told_how_to_get_in(chromium, rig):
    """The address alone shows how to open the console, and nothing of it."""
    page = await (await chromium.new_context()).new_page()
    answer = await page.goto(f"{rig.origin}/")
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator("main")).to_contain_text("escher console")
    assert await page.locator("#say").count() == 0


async def test_a_page_from_before_a_restart_says_how_to_come_back(desk, rig):
    """The session ended with the runner; the open page does not pretend otherwise."""
    desk.noise += A_LOST_LINE
    await rig.listener.stop()
    rig.listener._wanted_port = rig.port
    rig.listener._begun_by = "another start"
    await rig.listener.start()
    await expect(desk.page.locator("main")).to_contain_text("escher console", timeout=30_000)
