"""What somebody says and presses who tries Escher for the first time, on the whole house."""

import pytest

from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("first_words"), pytest.mark.filterwarnings("default")]


@pytest.fixture(params=("slack", "web"))
async def place(request, home, tmp_path):
    """Give a surface that has buttons."""
    async with stage(request.param, home, tmp_path) as opened:
        yield opened


@pytest.fixture
async def play(home, tmp_path):
    """Give the terminal."""
    async with stage("terminal", home, tmp_path) as opened:
        yield opened


async def test_a_button_that_says_a_command_does_what_the_command_does(place):
    """The help's `pending` and `status` are no riddles to be understood; nor is the `sync` under what was not found."""
    await place.press(await place.say("help"), "pending")
    await place.sees("Nothing waits for a decision")
    await place.press(await place.say("help"), "status")
    await place.sees("Resources", "Accounts")
    refused = await place.say("stop nothing-is-called-so")
    assert "I see nothing called nothing-is-called-so" in refused.text
    await place.press(refused, "sync")
    await place.sees("Read", "resources in")


async def test_what_is_already_so_is_said_as_a_sentence(play):
    """Names first, and the state they are in."""
    said = await play.say("stop web-dev-3")
    assert "Nothing to do: web-dev-3 is already stopped." in said.text


async def test_tagging_without_a_tag_asks_for_it(play):
    """What was not said is not taken for done."""
    for words in ("tag web-dev-1", "untag web-dev-1"):
        said = await play.say(words)
        assert "already" not in said.text
        assert "tag" in said.text
        assert "waiting for approval" not in said.text


async def test_what_cannot_be_read_is_answered_with_what_can(play):
    """No word at all, an id that lost a letter, a command where no plan is."""
    for words in ("", "@escher", "\U0001f44d"):
        assert "I read words, and there were none." in (await play.say(words)).text
    lost = await play.say("approve p-7f3a9k2")
    assert "p-7f3a9k2 is no plan's id" in lost.text
    assert "pending" in lost.text
    nothing = await play.say("details")
    assert "no plan in this thread that I could show the details of" in nothing.text
    version = await play.say("which version are you?")
    assert "Version" in version.text


@pytest.mark.parametrize(
    ("words", "said", "door"),
    [
        ("who changed acme-dev-scratch", "I cannot search the record from here.", "pending"),
        ("instances launched this week", "by age I can, such as “instances older than 30 days”", ""),
        ("stop instances with cpu below 5%", "what hardly works I can find, such as “idle instances”", ""),
        ("undo everything I did today", "one plan at a time: say “undo” in its thread", "pending"),
        ("list ec2 instances in eu-west-1 with t3.large", "No t3.large EC2 instances found in eu-west-1", ""),
        ("resize web-dev-1 to t3.large", "", "stop web-dev-1, then resize it to t3.large"),
    ],
)
async def test_what_cannot_be_done_says_what_comes_nearest(play, words, said, door):
    """In people's words, with something to say next."""
    answer = " ".join((await play.say(words)).text.split())
    assert said in answer
    assert door in answer


async def test_what_comes_nearest_is_understood(play):
    """The examples of a refusal are no dead ends."""
    for words in ("instances older than 30 days", "idle instances", "what changed today"):
        assert "refused" not in (await play.say(words)).text
    assert "AWS" in (await play.say("how many machines do we have per cloud")).text


async def test_a_bare_why_asks_about_the_plan_that_waits_in_the_thread(play):
    """Where none waits it is understood like any other word."""
    assert "plan" not in (await play.say("why?")).text
    plan = await play.say("restart web-dev-1")
    told = await play.say("why?")
    assert plan.plan_id in told.text
    assert "Who could" in told.text
