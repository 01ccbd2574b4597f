"""What happens at the edges of the stories: restarts, expiry, things that are away, an empty estate, strangers."""

import asyncio
from datetime import timedelta

import pytest

from engine.clock import system_clock
from engine.plans import PlanState
from tests.fakes.house import agent_server, opened
from tests.fakes.slack.server import FakeSlack
from tests.fakes.stages import ASKER, SlackStage, TerminalStage
from tests.fakes.theatres import SURFACES, stage, theatre

pytestmark = [pytest.mark.xdist_group("edges"), pytest.mark.filterwarnings("default")]


@pytest.fixture(params=SURFACES)
async def side(request):
    """Give each surface's own side, which outlives the runner."""
    async with theatre(request.param) as opened_side:
        yield opened_side


@pytest.fixture(params=[name for name in SURFACES if name != "terminal"])
async def place(request):
    """Give the surfaces that have places to post to."""
    async with theatre(request.param) as opened_side:
        yield opened_side


async def test_a_press_after_a_restart_of_the_runner_still_counts(side, home, tmp_path):
    """The card was shown by one process, approved in the next; the conversation is still there."""
    config = home.settings(tmp_path, **side.tables)
    async with opened(config) as runner, side.stage(runner) as play:
        card = await play.say("restart web-dev-1")
    async with opened(config, sync=False) as runner, side.stage(runner) as play:
        again = await play.sees("Restart web-dev-1", card.plan_id)
        await play.press(again, "Approve")
        await play.sees("Restarted", "verified", card.plan_id)


async def test_an_expired_plan_is_refused_and_can_be_planned_again(side, home, tmp_path):
    """After its time a plan cannot be approved, and its card says so; asking again makes a new one."""
    config = home.settings(tmp_path, **side.tables)
    async with opened(config) as runner, side.stage(runner) as play:
        card = await play.say("restart web-dev-2")
        runner.runner.engine.clock.at_least(system_clock() + timedelta(hours=2))
        await play.press(card, "Approve")
        await play.sees("expired", card.plan_id)
        view = await runner.runner.engine.workflow.view(card.plan_id)
        assert view.state == PlanState.EXPIRED.value
        assert view.execution is None
        await runner.runner.conversation.refresh(card.plan_id)
        shown = await play.sees("expired, nothing was done", card.plan_id)
        if shown.buttons:
            await play.press(shown, "Plan it again")
            anew = await play.sees("Restart web-dev-2", "waiting for approval")
        else:
            anew = await play.say("restart web-dev-2")
        assert anew.plan_id != card.plan_id


async def test_while_the_agent_server_is_away_the_message_is_kept_and_answered_later(place, home, tmp_path):
    """A clear sentence at once, the answer in the same place when the server is back; commands work meanwhile."""
    with agent_server() as url:
        port = int(url.rsplit(":", 1)[1])
    config = home.settings(tmp_path, **place.tables, agent={"url": url})
    async with opened(config) as runner, place.stage(runner) as play:
        away = await play.say("list running EC2 instances in us-east-1")
        assert "cannot reach the agent server" in away.text
        status = await play.say("status")
        assert "resources" in status.text.casefold()
        with agent_server(port=port):
            await play.sees("running EC2 instances", "web-dev-1")


async def test_in_a_terminal_an_agent_server_that_is_away_is_said_at_once(home, tmp_path):
    """Who waits at a prompt is told, and can ask again."""
    with agent_server() as url:
        pass
    async with opened(home.settings(tmp_path, agent={"url": url})) as runner:
        away = await TerminalStage(runner).say("list running EC2 instances in us-east-1")
        assert "cannot reach the agent server" in away.text


async def test_an_empty_estate_says_so_and_names_the_next_step(home, tmp_path):
    """Before the first sync a question is answered honestly."""
    async with opened(home.settings(tmp_path), sync=False) as runner:
        play = TerminalStage(runner)
        answer = await play.say("list public buckets")
        assert "Never synced" in answer.text
        assert "sync" in answer.text


async def test_a_stranger_and_a_guest_are_told_who_could_let_them_in(home, tmp_path):
    """Guests of the workspace get a private refusal; nothing is planned for them."""
    async with FakeSlack(retry_delays=(0.0, 0.2, 0.5)) as slack:
        tables = {"slack": {"bot_token": slack.bot_token, "app_token": slack.app_token, "base_url": slack.api_url}}
        async with opened(home.settings(tmp_path, **tables)) as runner:
            assert await slack.connected(2)
            play = SlackStage(runner, slack)
            guest = next(user.id for user in slack.state.workspace.users.values() if user.is_restricted)
            await slack.says(guest, "@escher stop all dev EC2 instances", "C0OPS")
            seen = await slack.sees("C0OPS", "Guests may not use Escher", seen_by=guest)
            assert seen.ephemeral_to == guest
            assert runner.runner.engine.workflow.pending() == ()
            card = await play.say("stop web-dev-1", who=ASKER)
            assert "waiting for approval" in card.text


async def test_asked_in_one_place_and_approved_in_another_every_card_follows(home, tmp_path):
    """A plan asked for in Slack is approved in the terminal; the card in Slack ends as done."""
    async with stage("slack", home, tmp_path) as slack_stage:
        card = await slack_stage.say("restart web-dev-1")
        terminal = TerminalStage(slack_stage.open)
        await terminal.press(card, "Approve")
        done = await slack_stage.sees("Restarted", card.plan_id)
        assert done.handle.ts == card.handle.ts


async def test_the_morning_report_comes_once_at_its_time_and_after_a_night_off(place, home, tmp_path):
    """02:00 comes: one report in its channel. The runner was off at 02:00: it comes after the start, once."""
    report = {"channel": place.channel, "at": "02:00", "timezone": "UTC"}
    config = home.settings(tmp_path, **place.tables, report=[report])
    tomorrow = (system_clock() + timedelta(days=1)).replace(hour=2, minute=0, second=5)
    async with opened(config) as runner, place.stage(runner) as play:
        await play.say("status")
        await runner.runner.reporter.check()
        runner.runner.engine.clock.at_least(tomorrow)
        await asyncio.gather(*(runner.runner.reporter.check() for _ in range(3)))
        posted = await play.sees("Good morning", thread=place.room)
        assert "yesterday" in posted.text.casefold()
        assert "acme-payroll-exports" in posted.text
        await runner.runner.reporter.check()
    async with opened(config, sync=False) as runner, place.stage(runner) as play:
        later = tomorrow + timedelta(days=1)
        runner.runner.engine.clock.at_least(later + timedelta(hours=6))
        await runner.runner.reporter.check()
        await play.sees(f"Good morning. {later:%A} {later.day} {later:%B}", thread=place.room)
        await runner.runner.reporter.check()
        await runner.runner.outbox.flush()
        assert await play.count("Good morning", thread=place.room) == 2


async def test_the_data_directory_shows_nothing_while_the_runner_is_alive(home, tmp_path):
    """Account ids, names, principals and words are in no byte of a copy taken while it runs."""
    config = home.settings(tmp_path)
    async with opened(config) as runner:
        play = TerminalStage(runner)
        card = await play.say("stop web-dev-1 because the zebra crossing is closed")
        await play.press(card, "Reject", reason="zebra crossing reopened")
        data = runner.loaded.settings.data.path
        needles = [
            b"111111111111",
            b"web-dev-1",
            b"local:root",
            b"zebra",
            b"acme-payroll-exports",
            b"orders-db",
            b"local:reviewer",
        ]
        needles += [home.aws.machine("web-dev-1").id.encode(), (tmp_path / "keys" / "master").read_bytes().strip()]
        found = [
            (path.name, needle)
            for path in data.rglob("*")
            if path.is_file()
            for needle in needles
            if needle in path.read_bytes()
        ]
        assert found == []
