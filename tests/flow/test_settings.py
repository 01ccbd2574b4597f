"""Settings beside a running runner: shown, changed, and in effect."""

import asyncio
import re

import pytest

from bot import people
from bot.terminal.asked import Caller
from tests.fakes.house import opened
from tests.fakes.patience import PATIENCE
from tests.fakes.theatres import theatre

pytestmark = [pytest.mark.xdist_group("settings"), pytest.mark.filterwarnings("default")]


async def call(runner, name, **params):
    """Ask a runner as the local user does through its socket."""

    async def say(_words: str) -> None:
        """Let progress pass."""

    return await runner.methods.call(name, params, Caller(principal=people.own(), say=say))


async def test_a_change_is_in_effect_at_once_and_after_a_restart(home, tmp_path):
    """Times of the report and of the readings."""
    config = home.settings(tmp_path, report=[{"channel": "web", "at": "02:00"}], web={"enabled": True, "port": 0})
    async with opened(config, sync=False) as play:
        for key, value in (("report.at", "07:30"), ("sync.every", "20m")):
            answer = await call(play, "settings_set", key=key, value=value)
            assert "takes effect at once" in answer["text"], answer["text"]
        assert [f"{post.daily.at:%H:%M}" for post in play.runner.reporter._posts] == ["07:30"]
        assert play.runner.sync_seconds == 1200
    async with opened(config, sync=False) as play:
        assert [f"{post.daily.at:%H:%M}" for post in play.runner.reporter._posts] == ["07:30"]
        shown = (await call(play, "settings_show"))["shape"]["settings"]
        assert shown["sync.every"] == {
            "value": "20m",
            "source": "database",
            "by": people.own().id,
            "at": shown["sync.every"]["at"],
        }


async def test_another_pace_does_not_wait_for_the_old_one(home, tmp_path):
    """A runner that would read in an hour reads soon after it was told to read every second."""
    async with opened(home.settings(tmp_path)) as play:
        play.runner.sync_seconds = 3600
        play.runner._begin(play.runner._sync_regularly(), "sync")
        before = {state.cell: state.tried_at for state in play.runner.engine.estate.coverage()}
        await asyncio.sleep(0)
        await call(play, "settings_set", key="sync.every", value="1s")
        async with asyncio.timeout(PATIENCE):
            await _read_again(play.runner.engine.estate, before)


async def _read_again(estate, before):
    while True:
        if all(state.tried_at > before[state.cell] for state in estate.coverage()):
            return
        await asyncio.sleep(0.1)


SET = re.compile(r"confirm (s-[0-9a-z]{8})")


@pytest.fixture(params=["terminal", "web"])
async def play(request, home, tmp_path):
    """Give a stage on a surface, over a runner with one report and one budget."""
    tables = {"report": [{"channel": "file:/tmp/never-written", "at": "02:00"}], "budgets": [{"monthly": 25000}]}
    async with theatre(request.param) as side:
        config = home.settings(tmp_path, **tables, **side.tables)
        async with opened(config, sync=False) as runner, side.stage(runner) as stage:
            yield stage


async def confirm(play, card, **who):
    """Press the button of a change, or type it where there are none."""
    if "Set it" in card.buttons:
        await play.press(card, "Set it", **who)
        return
    name = SET.search(card.text)
    assert name, card.text
    await play.say(f"confirm {name[1]}", **who)


SHOWN = [
    ("show settings", ("02:00 UTC", "$25,000", "sync.every", "6 rules, 1 role", "who are the approvers")),
    ("settings", ("02:00 UTC", "privacy.tag_keys")),
    ("who are the approvers", ("deleting prod, up to 10 resources", "2 approvals by platform", "local:*")),
    ("who can use escher", ("platform", "local:*")),
    ("which accounts are connected", ("AWS dev", "Azure", "us-east-1")),
    ("when does the morning report come?", ("The morning report comes at 02:00 UTC",)),
    ("where does the report go", ("file:/tmp/never-written",)),
    ("is read-only mode on", ("off: the policy lets changes be asked for",)),
]


async def test_what_is_set_is_answered_from_settings_and_policy(play):
    """In plain words, on one card."""
    for words, seen in SHOWN:
        card = await play.say(words)
        for each in seen:
            assert each in card.text, card.text


async def test_a_change_is_asked_back_with_key_and_values_and_then_made(play):
    """Nothing is set before the confirmation; afterwards the same card says who set what."""
    card = await play.say("send the morning report at 7:30")
    for words in ("Set report.at to 07:30?", "Now it is 02:00", "at once"):
        assert words in card.text, card.text
    assert play.open.runner.desk.loaded.settings.report[0].at == "02:00"
    await confirm(play, card)
    await play.sees("Set report.at to 07:30", "It was 02:00", "Changed by")
    assert play.open.runner.desk.loaded.settings.report[0].at == "07:30"
    assert [f"{post.daily.at:%H:%M}" for post in play.open.runner.reporter._posts] == ["07:30"]
    again = await play.say("when does the morning report come")
    assert "07:30 UTC" in again.text
    back = await play.say("unset report")
    assert play.open.runner.desk.loaded.settings.report[0].at == "02:00", back.text


KEYS = [
    ("set the timezone to Europe/Berlin", "report.timezone", "Europe/Berlin"),
    ("set sync interval to 45m", "sync.every", "45m"),
    ("set the monthly budget to $30,000", "budgets.monthly", "30000"),
    ("set budget to 30k", "budgets.monthly", "30000"),
    ("turn off the morning report", "report", "[]"),
    ("set web.port 9001", "web.port", "9001"),
]


async def test_every_key_that_may_be_set_can_be_asked_for(play):
    """In a person's own words, or by its exact name."""
    for words, key, value in KEYS:
        card = await play.say(words)
        assert f"Set {key} to {value}?" in card.text, card.text


BY_HAND = [
    (
        "connect my aws account 123456789012",
        ("[[aws.accounts]]", 'account_id = "123456789012"', "escher creds add"),
    ),
    ("connect the azure subscription corp", ("[[azure.subscriptions]]", 'name = "corp"', "keyring:azure-corp")),
    ("add a gcp project", ("[[gcp.projects]]", "project_id", "escher creds add gcp-data")),
    ("disconnect aws account dev", ("[[aws.accounts]]", 'name = "dev"', "escher creds remove")),
    ("make alice an approver", ("policy.toml", "[roles.platform]", "members = [")),
    ("require two approvals for prod deletes", ("policy.toml", "quorum = 2")),
    ("enable read-only mode", ("policy.toml", 'effect = "deny"', '"write", "destroy"')),
    ("set the default region to eu-west-1", ("escher.toml", 'regions = ["eu-west-1"]')),
    ("post the report to #ops", ("set report.channel slack:C0123",)),
    ("set slack.bot_token xoxb-1", ("slack.bot_token", "escher.toml", "ESCHER_SLACK__BOT_TOKEN")),
    ("set policy.file other.toml", ("policy.file", "escher.toml")),
]


async def test_what_a_chat_does_not_set_is_answered_with_the_lines_to_write(play):
    """Never a bare "cannot": the file, the lines, the command."""
    for words, seen in BY_HAND:
        card = await play.say(words)
        for each in seen:
            assert each in card.text, card.text
        assert "cannot" not in card.text
        assert "xoxb-1" not in card.text
        assert not play.open.runner.desk.kept()


async def test_a_mistake_is_told_and_asks_nothing(play):
    """A zone that does not exist is refused with what to write."""
    card = await play.say("set report.timezone Mars/One")
    assert "Europe/Berlin" in card.text
    assert "Set it" not in card.buttons
    assert not SET.search(card.text)


async def test_an_old_question_sets_nothing_over_a_newer_value(play):
    """Two questions about one setting: the second confirmation is told that it moved."""
    first = await play.say("set sync.every 10m")
    second = await play.say("set sync.every 20m")
    await confirm(play, first)
    await play.sees("Set sync.every to 10m")
    await confirm(play, second)
    await play.sees("was changed meanwhile")
    assert play.open.runner.desk.loaded.settings.sync.every == "10m"


async def test_a_question_can_be_confirmed_in_its_own_thread_alone(play):
    """Its name means nothing elsewhere."""
    card = await play.say("set sync.every 10m")
    name = SET.search(card.text)
    words = f"confirm {name[1]}" if name else "confirm s-00000000"
    told = await play.say(words, thread="elsewhere")
    assert "no longer open" in told.text
    assert not play.open.runner.desk.kept()
