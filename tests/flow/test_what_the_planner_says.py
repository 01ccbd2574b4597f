"""What the agent server finds about a request is on the card or in the refusal, on every surface, with names and whose words it is."""

import pytest

from tests.fakes.theatres import SURFACES, stage

pytestmark = [pytest.mark.xdist_group("planner_says"), pytest.mark.filterwarnings("default")]


@pytest.fixture(params=SURFACES)
async def play(request, home, tmp_path):
    """Give the stage of one surface over the shared house."""
    async with stage(request.param, home, tmp_path) as opened_stage:
        yield opened_stage


async def test_a_deletion_without_a_copy_says_so_before_it_is_approved(play):
    """The planner's caution stands on the card that asks for the decision."""
    card = await play.say("delete web-dev-2")
    assert "waiting for approval" in card.text
    assert "No snapshot is taken first" in card.text


async def test_what_cannot_be_done_is_left_out_by_name_and_the_rest_is_planned(play):
    """One disk can grow, the other is larger already: the card says which and why."""
    card = await play.say("resize the volumes worker-staging-scratch and jenkins-data-old to 200 GB")
    assert "waiting for approval" in card.text
    assert "left out by the planner, larger than that; a disk can only grow: jenkins-data-old" in card.text


async def test_what_cannot_be_done_at_all_is_refused_with_the_names(play):
    """The refusal counts, and the line under it names; what was so already is said as well."""
    said = await play.say("resize the unattached ebs volumes to 100 GB")
    assert "a disk can only grow" in said.text
    assert "Which: jenkins-data-old, payroll-restore-test" in said.text
    assert "already so: worker-staging-scratch" in said.text


async def test_another_size_says_what_it_costs(play):
    """The runner's own price: the difference a day while it runs."""
    card = await play.say("resize jenkins-dev to m5.xlarge")
    assert "Costs about $0.53 a day more while running" in card.text


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("resize jenkins-dev to x9.large", "jenkins-dev"),
        ("resize web-dev-az-1 to Standard_NC6s_v3", "web-dev-az-1"),
        ("resize spark-dev-1 to n2-standard-99", "spark-dev-1"),
    ],
)
async def test_a_size_that_cannot_be_had_there_is_refused_before_anybody_approves_it(play, words, name):
    """Each cloud is asked where the machine is; the refusal names the machine."""
    said = await play.say(words)
    assert "size is not offered" in said.text
    assert f"Which: {name}" in said.text


async def test_the_card_says_that_the_credentials_may(play):
    """The rights on each target were asked for just before, and the risk says so."""
    assert "1 of 1 permitted" in (await play.say("stop web-dev-1")).text
