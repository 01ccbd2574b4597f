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
