"""The web console is shut to everybody but the person who started it, and to whatever their browser is made to send."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.web.doors import LINK_LIFE, Doors
from bot.web.gate import cookie_name
from tests.fakes.web_console import ADA, OPS, REVIEWER, Rig, plan_card, running


@pytest.fixture
async def rig(tmp_path) -> AsyncIterator[Rig]:
    """A console whose page is open."""
    async with running(tmp_path) as made:
        yield await made.enters()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.evil.example:{port}",
        "[::1]:{port}",
    ],
)
async def test_a_forged_host_is_refused(rig, host):
    """A name that was made to point here (DNS rebinding) gets nothing, not even the page."""
    host = host.format(port=rig.port)
    for path in ("/", "/static/main.js", "/api/session"):
        assert (await rig.asks("GET", path, headers={"Host": host})).status_code == 403
    said = await rig.says("stop everything", headers={"Host": host, "Origin": f"http://{host}"})
    assert said.status_code == 403
    with pytest.raises(InvalidStatus):
        async with rig.looks(host=host, origin=f"http://{host}"):
            pass
    assert rig.echo.heard == []


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://localhost:{port}"],
)
async def test_a_forged_origin_is_refused(rig, origin):
    """Another site, another port, no origin at all: neither a message, nor a press, nor the line."""
    origin = origin.format(port=rig.port)
    card = await rig.platform.post(OPS, plan_card())
    assert (await rig.says("stop everything", headers={"Origin": origin})).status_code == 403
    body = {"id": str(uuid4()), "room": "ops", "persona": ADA.id, "message": card.message, "action": "approve"}
    assert (await rig.asks("POST", "/api/press", json=body, headers={"Origin": origin})).status_code == 403
    with pytest.raises(InvalidStatus):
        async with rig.looks(origin=origin):
            pass
    assert rig.echo.heard == []


async def test_a_request_that_the_browser_marks_as_cross_site_is_refused(rig):
    """Even with our origin."""
    assert (await rig.says("stop everything", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await rig.says("report", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 202


@pytest.mark.parametrize("forged", ["", "x", "a" * 43, "session=1; other=2", '"'])
async def test_without_the_session_nothing_is_shown_or_done(rig, forged):
    """Another user of the machine, who can reach the port, has no session."""
    cookie = f"{cookie_name(rig.port)}={forged}" if forged else "none=1"
    page = await rig.asks("GET", "/", headers={"Cookie": cookie})
    assert page.status_code == 403
    assert "escher console" in page.text
    kept = await rig.platform.keep_file(b"\x89PNG\r\n\x1a\n")
    for path in ("/api/session", kept):
        assert (await rig.asks("GET", path, headers={"Cookie": cookie})).status_code == 401
    assert (await rig.says("stop everything", headers={"Cookie": cookie})).status_code == 401
    with pytest.raises(InvalidStatus):
        async with rig.looks(cookie=cookie):
            pass
    assert rig.echo.heard == []


@pytest.mark.parametrize("persona", ["local:root", "slack:T0ACME:U0ONE", "rule:nightly-stop", "reviewer", "local:ada "])
async def test_nobody_can_be_who_this_runner_does_not_know(rig, persona):
    """A principal in the request counts only when it is one of this runner's persons."""
    assert (await rig.says("approve p-7f3a9k2m", persona=persona)).status_code == 403
    card = await rig.platform.post(OPS, plan_card())
    assert (await rig.presses(card.message, persona=persona)).status_code == 403
    with pytest.raises(InvalidStatus):
        async with rig.looks(persona):
            pass
    assert rig.echo.heard == []


async def test_outside_a_try_out_there_is_no_second_person(tmp_path):
    """Without personas the console's user is the runner's own user, whatever is asked for."""
    async with running(tmp_path, personas=()) as rig:
        await rig.enters()
        assert (await rig.says("approve p-7f3a9k2m", persona=REVIEWER.id)).status_code == 403
        assert [one["id"] for one in (await rig.asks("GET", "/api/session")).json()["people"]] == [ADA.id]


async def test_a_session_ends_with_the_runner(tmp_path):
    """A cookie of an earlier start opens nothing."""
    async with running(tmp_path, demo_open=False) as before:
        await before.enters()
        assert (await before.says("report")).status_code == 202
    async with running(tmp_path, demo_open=False, port=before.port) as after:
        after.cookie = before.cookie
        assert (await after.says("report")).status_code == 401


async def test_a_try_out_keeps_its_address_until_it_is_started_anew(tmp_path):
    """A runner that died and was started again by the same keeper knows its pages; another start knows none."""
    async with running(tmp_path) as before:
        await before.enters()
    async with running(tmp_path, port=before.port) as after:
        assert after.url == before.url
        after.cookie = before.cookie
        assert (await after.says("report")).status_code == 202
        await after.listener.stop()
        after.listener._begun_by = "another start"
        assert await after.listener.start() != before.url
        assert (await after.says("report")).status_code == 401


async def test_a_link_opens_the_console_once(tmp_path):
    """Outside the try-out the printed address alone opens nothing, and a link works one time."""
    async with running(tmp_path, demo_open=False) as rig:
        assert "token" not in rig.url
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(rig.url)).status_code == 403
            link = rig.listener.new_link()
            assert (await browser.head(link)).status_code == 403
            opened = await browser.get(link)
            assert opened.status_code == 303
            assert "HttpOnly" in opened.headers["set-cookie"]
            assert "SameSite=Strict" in opened.headers["set-cookie"]
        async with httpx.AsyncClient() as another:
            assert (await another.get(link)).status_code == 403
            assert (await another.get(f"{rig.url}?token={'A' * 43}")).status_code == 403


def test_a_link_lives_five_minutes(ticking):
    """What was printed and forgotten opens nothing."""
    doors = Doors(ticking)
    early, late = doors.new_link(), doors.new_link()
    ticking.now += LINK_LIFE / 2
    session = doors.redeem(early)
    assert session is not None
    assert doors.knows(session)
    ticking.now += LINK_LIFE
    assert doors.redeem(late) is None
    assert not doors.knows("")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": "1"}, 422),
        ({"room": "../ops"}, 422),
        ({"room": "web-rooms|x"}, 422),
        ({"text": "  "}, 422),
        ({"text": "@escher"}, 422),
        ({"text": 5}, 422),
        ({"principal": "local:root"}, 422),
        ({"text": "x" * 70_000}, 413),
    ],
)
async def test_a_message_of_the_wrong_form_is_refused_with_a_sentence(rig, change, status):
    """Nothing half-understood reaches the inbox."""
    body = {"id": str(uuid4()), "room": "ops", "persona": ADA.id, "text": "report"} | change
    answer = await rig.asks("POST", "/api/say", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert rig.record.inbox.pending() == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"action": "DROP TABLE"}, 422),
        ({"message": "ops"}, 422),
        ({"message": "m-" + "f" * 16}, 410),
        ({"value": {"plan_id": ["p-1"]}}, 422),
        ({"value": {"plan_id": "x" * 401}}, 422),
        ({"inputs": {"choice_value": "[1]"}}, 422),
        ({"room": "morning-report"}, 410),
    ],
)
async def test_a_forged_press_is_refused(rig, change, status):
    """A card that is not there, or a value no card of ours carries."""
    card = await rig.platform.post(OPS, plan_card())
    answer = await rig.presses(**{"message": card.message} | change)
    assert answer.status_code == status
    assert rig.record.inbox.pending() == []


async def test_a_form_of_another_site_is_refused(rig):
    """What a plain HTML form can send, which needs no permission of the browser, is not read."""
    body = json.dumps({"id": str(uuid4()), "room": "ops", "persona": ADA.id, "text": "report"})
    answer = await rig.asks("POST", "/api/say", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/../gate.py", 404),
        ("GET", "/static/%2e%2e/gate.py", 404),
        ("GET", "/static/vendor/NOTICE", 404),
        ("GET", "/files/../../etc/passwd", 404),
        ("GET", "/files/" + "0" * 32, 404),
        ("GET", "/docs", 404),
        ("GET", "/api/say", 405),
        ("PUT", "/api/say", 405),
    ],
)
async def test_there_is_nothing_else_here(rig, method, path, status):
    """Paths outside the page are answered as JSON, and lead nowhere."""
    answer = await rig.asks(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_a_line_that_says_nonsense_is_closed(rig):
    """The line takes room names only."""
    async with rig.looks() as page:
        await page.socket.send("../secrets")
        with pytest.raises(ConnectionClosed):
            await page.next("room_log")
    async with rig.looks() as page:
        await page.socket.send(b"\x00" * 100)
        with pytest.raises(ConnectionClosed):
            await page.next("room_log")
