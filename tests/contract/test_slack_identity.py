"""Only real people of our own workspace speak: forgeries, replays, strangers, guests, settings that would let them in."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from bot.inbox import Inbox
from bot.slack.client import SlackClient
from bot.slack.listener import SlackListener
from bot.slack.options import SlackMisconfigured, SlackOptions
from engine.clock import system_clock
from engine.principal import Standing
from tests.fakes.slack.callbacks import sign
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack_rig import Rig, running


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Give a Slack whose retries come soon."""
    async with FakeSlack(retry_delays=(0.0, 0.2, 0.5)) as server:
        yield server


@pytest.fixture
async def rig(slack, tmp_path) -> AsyncIterator[Rig]:
    """Give the surface in Socket Mode."""
    async with running(tmp_path, slack) as started:
        yield started


def mention_body(*, team="T0ACME", text="<@U0ESCHER> hello"):
    """Return the JSON of a mention that Slack never sent."""
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": team,
            "api_app_id": "A0ESCHER",
            "event_id": "Ev0FORGED",
            "event": {
                "type": "app_mention",
                "user": "U0OWNER",
                "channel": "C0OPS",
                "ts": "1800000000.000001",
                "text": text,
            },
        }
    ).encode()


def headers(slack, body, *, secret=None, age=0, kind="application/json", **changes):
    """Return request headers, signed with a secret."""
    timestamp = int(time.time()) - age
    signed = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": sign(secret or slack.signing_secret, timestamp, body),
    }
    return {name: value for name, value in {**signed, **changes}.items() if value is not None}


def forgeries(slack):
    """Yield (name, body, headers) of requests that must not count."""
    body = mention_body()
    now = str(int(time.time()))
    click = urlencode(
        {"payload": json.dumps({"type": "block_actions", "team": {"id": "T0ACME"}, "user": {"id": "U0OWNER"}})}
    ).encode()
    form = "application/x-www-form-urlencoded"
    return [
        ("wrong secret", body, headers(slack, body, secret="guess")),
        ("empty secret", body, headers(slack, body, secret=" ")),
        ("no signature", body, headers(slack, body, **{"X-Slack-Signature": None})),
        ("empty signature", body, headers(slack, body, **{"X-Slack-Signature": ""})),
        ("no timestamp", body, headers(slack, body, **{"X-Slack-Request-Timestamp": None})),
        ("text as timestamp", body, headers(slack, body, **{"X-Slack-Request-Timestamp": "now"})),
        ("too old", body, headers(slack, body, age=310)),
        ("from the future", body, headers(slack, body, age=-310)),
        ("other timestamp", body, headers(slack, body, age=60, **{"X-Slack-Request-Timestamp": now})),
        ("changed body", body.replace(b"hello", b"approve"), headers(slack, body)),
        ("other version", body, headers(slack, body, **{"X-Slack-Signature": "v1=" + "0" * 64})),
        (
            "signature cut short",
            body,
            headers(slack, body, **{"X-Slack-Signature": headers(slack, body)["X-Slack-Signature"][:20]}),
        ),
        ("form with a wrong signature", click, headers(slack, click, secret="guess", kind=form)),
        ("ssl_check shortcut", b"ssl_check=1&token=x", headers(slack, b"", secret="guess", kind=form)),
        (
            "unsigned url_verification",
            b'{"type":"url_verification","challenge":"c"}',
            headers(slack, b"", secret="guess"),
        ),
    ]


async def test_forged_requests_are_refused(slack, tmp_path):
    """In HTTP mode nothing counts without a fresh signature over exactly this body."""
    async with running(tmp_path, slack, mode="http") as rig:
        for name, body, forged in forgeries(slack):
            outcome = await slack.forge(body, forged)
            assert outcome.failure == "http_error 401", name
        await asyncio.sleep(0.05)
        assert rig.heard == []


async def test_a_replayed_request_is_refused_inside_the_window(slack, tmp_path):
    """The same signed request works once, also after a restart: seen signatures are in the record."""
    body = mention_body()
    signed = headers(slack, body)
    async with running(tmp_path, slack, mode="http") as rig:
        assert (await slack.forge(body, signed)).failure == ""
        assert (await slack.forge(body, signed)).failure == "http_error 401"
        assert len(await rig.hears(1)) == 1
    async with running(tmp_path, slack, mode="http"):
        assert (await slack.forge(body, signed)).failure == "http_error 401"


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_another_workspace_is_not_heard(slack, tmp_path, mode):
    """A payload for another workspace changes nothing, even when it is signed well."""
    async with running(tmp_path, slack, mode=mode) as rig:
        payload = json.loads(mention_body(team="T0EVIL"))
        await slack.send("events_api", payload).finished()
        press = {
            "type": "block_actions",
            "team": {"id": "T0EVIL"},
            "user": {"id": "U0OWNER", "team_id": "T0EVIL"},
            "actions": [],
        }
        await slack.send("interactive", press).finished()
        await asyncio.sleep(0.05)
        assert rig.heard == []


async def test_a_button_that_is_none_of_ours_is_dropped(rig, slack):
    """Unknown actions, values that are no ids and foreign dialogs are acknowledged and go nowhere."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    for change in (
        {"action_id": "rm -rf"},
        {"value": "[1,2]"},
        {"value": "{"},
        {"value": json.dumps({"plan_id": "x" * 700})},
    ):
        press = await slack.clicks("U0BOB", card, "Approve")
        press.payload["actions"][0] |= change
        assert (await press.finished()).acknowledged
    await asyncio.sleep(0.05)
    assert len(rig.heard) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mode": "http", "signing_secret": ""}, "slack.signing_secret"),
        ({"mode": "http", "signing_secret": "  "}, "slack.signing_secret"),
        ({"bot_token": ""}, "slack.bot_token"),
        ({"bot_token": "xapp-1"}, "slack.bot_token"),
        ({"app_token": ""}, "slack.app_token"),
        ({"app_token": "xoxb-1"}, "slack.app_token"),
        ({"mode": "rtm"}, "slack.mode"),
        ({"base_url": "https://slack.example/api/"}, "slack.base_url"),
        ({"base_url": "http://127.0.0.1.evil.example/api/"}, "slack.base_url"),
    ],
)
def test_settings_that_cannot_work_refuse_to_start(change, named):
    """An empty signing secret in HTTP mode, wrong tokens and foreign endpoints are refused by name."""
    with pytest.raises(SlackMisconfigured, match=named):
        SlackOptions(**{"bot_token": "xoxb-1", "app_token": "xapp-1", **change})


@pytest.mark.parametrize("which", ["bot_token", "app_token"])
async def test_a_token_that_slack_does_not_take_is_named_at_start(slack, which):
    """A revoked token stops the start with the setting to mend."""
    good = {"bot_token": slack.bot_token, "app_token": slack.app_token}
    options = SlackOptions(**{**good, which: good[which] + "-revoked"}, base_url=slack.api_url)
    client = SlackClient(options)
    listener = SlackListener(options, client=client, inbox=Inbox(None), clock=system_clock)
    with pytest.raises(SlackMisconfigured, match=f"slack.{which}"):
        await listener.start()
    await listener.stop()


def test_secrets_are_not_shown_by_the_options():
    """The options can be logged."""
    options = SlackOptions(bot_token="xoxb-secret", app_token="xapp-secret", signing_secret="hush")
    assert "secret'" not in repr(options)
    assert "hush" not in repr(options)


@pytest.mark.parametrize(
    ("user", "channel", "standing", "identity"),
    [
        ("U0GUEST", "C0OPS", Standing.GUEST, "slack:T0ACME:U0GUEST"),
        ("U0EXTERN", "C0SHARED", Standing.EXTERNAL, "slack:T0PARTNER:U0EXTERN"),
        ("U0ROBOT", "C0OPS", Standing.BOT, "slack:T0ACME:U0ROBOT"),
        ("U0OWNER", "C0OPS", Standing.MEMBER, "slack:T0ACME:U0OWNER"),
    ],
)
async def test_who_asks_is_stated_as_slack_states_it(rig, slack, user, channel, standing, identity):
    """Guests, people of another workspace and bots are named as such; an owner is a member like any other."""
    await slack.says(user, "@escher hello", channel)
    principal = (await rig.hears(1))[0].principal
    assert (principal.standing, principal.id) == (standing, identity)


@pytest.mark.usefixtures("rig")
async def test_a_guest_who_presses_is_named_a_guest(slack):
    """The press of a guest arrives as a guest's, and the answer is for the guest alone."""
    await slack.says("U0ALICE", "@escher plan")
    card = await slack.sees("C0OPS", "Stop 5")
    await slack.clicks("U0GUEST", card, "Approve")
    answer = await slack.sees("C0OPS", "not for a guest", seen_by="U0GUEST")
    assert answer.ephemeral_to == "U0GUEST"
    assert card.buttons()


async def test_a_renamed_person_stays_the_same_principal(rig, slack):
    """The display name is looked up and shown; the identity does not contain it."""
    slack.state.workspace.users["U0BOB"].name = "olga"
    await slack.says("U0BOB", "@escher hello")
    principal = (await rig.hears(1))[0].principal
    assert (principal.id, principal.display) == ("slack:T0ACME:U0BOB", "olga")


async def test_people_are_looked_up_once(rig, slack):
    """Five messages of one person cost one users.info, and nobody is ever listed."""
    for number in range(5):
        await slack.says("U0ALICE", f"@escher hello {number}")
    await rig.hears(5)
    assert len(slack.calls("users.info")) == 1
    assert not [call for call in slack.state.calls if call.method.endswith(".list")]
