"""Questions about what there is, and the honest answers at their limits."""

import re

import pytest

from bot.views.estate import PAGE
from bot.views.replies import help_card
from bot.web.listener import TRY_OUT_EXAMPLES
from engine.sandbox.landmarks import DEV
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("questions"), pytest.mark.filterwarnings("default")]


@pytest.fixture
async def play(home, tmp_path):
    """Give the terminal's stage."""
    async with stage("terminal", home, tmp_path) as opened:
        yield opened


async def test_what_changed_is_answered_from_what_was_read(play, home):
    """A machine launched after the first reading is new; who did it is another question."""
    ec2 = home.aws.client("ec2", DEV.id, region="us-east-1", step="escher/p-0a1b2c3d/world")
    tags = [{"Key": "Name", "Value": "changeling-1"}, {"Key": "env", "Value": "dev"}]
    ec2.run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    await play.say("sync")
    answer = await play.say("what changed since yesterday")
    assert "changeling-1" in answer.text
    assert "new" in answer.text


async def test_a_long_list_is_read_page_by_page(play):
    """The count comes first, eight rows follow, and `more` shows the next ones until there are none."""
    answer = await play.say("list all EC2 instances")
    total = int(answer.text.split()[0])
    assert total > 2 * PAGE
    seen, pages = _machines(answer.text), 1
    assert seen == PAGE
    assert f"… and {total - PAGE} more" in answer.text
    while seen < total:
        assert "Type: more" in answer.text
        answer = await play.say("more")
        seen += _machines(answer.text)
        pages += 1
    assert pages == -(-total // PAGE)
    assert "Type: more" not in answer.text
    assert f"That was all: {total}" in (await play.say("more")).text


def _machines(text):
    return sum(bool(re.match(r"  .*\b(running|stopped|stopping|pending)\b", row)) for row in text.splitlines())


async def test_numbers_are_given_by_what_they_were_asked_by(play):
    """Each region with its count, the most first."""
    answer = await play.say("how many EC2 instances do I have per region")
    rows = [row for row in answer.text.splitlines() if "us-east-1" in row]
    assert len(rows) == 1
    assert rows[0].split()[-1].isdigit()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("list my lambda functions", ("ambda function", "do not look after")),
        ("delete pod web-1", ("I neither see nor change pods yet",)),
    ],
)
async def test_kinds_that_are_not_looked_after_are_said_so(play, words, said):
    """An empty table would be a lie about things that nobody looked for."""
    answer = " ".join((await play.say(words)).text.split())
    assert all(one in answer for one in said)


async def test_an_answer_over_several_kinds_says_which_it_leaves_out(play):
    """Databases of kinds that are not read are named."""
    answer = await play.say("show databases")
    assert "orders-db" in answer.text
    assert "without what I do not look after yet" in answer.text


async def test_what_must_be_done_first_is_offered(play):
    """A machine that runs cannot change its size; the answer says what it takes and how to ask for both."""
    answer = await play.say("resize web-dev-1 to t3.large")
    assert "it takes stopped" in answer.text
    assert "stop web-dev-1, then resize it" in answer.text


SUGGESTED = {
    *TRY_OUT_EXAMPLES,
    *(words for group in help_card().groups for words in group.examples if "<" not in words),
}


@pytest.mark.parametrize("words", sorted(SUGGESTED))
async def test_every_example_that_help_gives_works(play, words):
    """Nothing that help suggests ends in "I cannot do that yet"."""
    answer = await play.say(words)
    assert "cannot" not in answer.text
    assert not answer.text.startswith("I do not look after")
