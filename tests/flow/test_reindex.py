"""`escher reindex` beside a runner: progress on the way, figures at the end, and everything is found afterwards."""

import asyncio

import pytest

from bot import people
from bot.terminal.asked import Caller
from engine.estate.selector import Selector
from tests.fakes.house import opened

pytestmark = [pytest.mark.xdist_group("reindex"), pytest.mark.filterwarnings("default")]


async def test_the_index_is_made_anew_while_questions_are_answered(home, tmp_path):
    """By filters and by meaning, during it and after it."""
    told = []

    async def say(words):
        """Keep the progress."""
        told.append(words)

    async with opened(home.settings(tmp_path)) as play:
        engine, caller = play.runner.engine, Caller(principal=people.own(), say=say)
        before = [one.id for one in engine.estate.select(Selector()).resources]
        work = asyncio.ensure_future(play.methods.call("reindex", {}, caller))
        asked = await play.methods.call("ask", {"text": "how many EC2 instances do I have", "thread": "main"}, caller)
        assert asked["shape"]["kind"] == "answer"
        answer = await work
        assert answer["shape"]["resources"] == answer["shape"]["embedded"] == len(before)
        assert [one.id for one in engine.estate.select(Selector()).resources] == before
        assert engine.estate.unembedded() == 0
        assert told[-1] == f"{len(before):,} of {len(before):,} resources"
