"""Settings beside a running runner: shown, changed, and in effect."""

import asyncio

import pytest

from bot import people
from bot.terminal.methods import Caller
from tests.fakes.house import opened

pytestmark = [pytest.mark.xdist_group("stories"), pytest.mark.filterwarnings("default")]


async def call(runner, name, **params):
    """Ask a runner as the local user does through its socket."""

    async def say(_words: str) -> None:
        """Let progress pass."""

    return await runner.methods.call(name, params, Caller(principal=people.own(), say=say))


async def test_a_change_is_in_effect_at_once_and_after_a_restart(home, tmp_path):
    """Times of the report and of the readings, and the tags the agent server may see."""
    config = home.settings(tmp_path, report=[{"channel": "web", "at": "02:00"}], web={"enabled": True, "port": 0})
    async with opened(config, sync=False) as play:
        for key, value in (("report.at", "07:30"), ("privacy.tag_keys", '["env", "owner"]'), ("sync.every", "20m")):
            answer = await call(play, "settings_set", key=key, value=value)
            assert "takes effect at once" in answer["text"], answer["text"]
        assert [f"{post.daily.at:%H:%M}" for post in play.runner.reporter._posts] == ["07:30"]
        assert play.runner.engine.workflow.proposing.tag_keys == ("env", "owner")
        assert play.runner.sync_seconds == 1200
    async with opened(config, sync=False) as play:
        assert [f"{post.daily.at:%H:%M}" for post in play.runner.reporter._posts] == ["07:30"]
        assert play.runner.engine.workflow.proposing.tag_keys == ("env", "owner")
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
        async with asyncio.timeout(60):
            await _read_again(play.runner.engine.estate, before)


async def _read_again(estate, before):
    while True:
        if all(state.tried_at > before[state.cell] for state in estate.coverage()):
            return
        await asyncio.sleep(0.1)
