"""Playbooks beside an agent server that answers as it likes: what a hostile one achieves, what it sees, what a bare one is said to be."""

import json
from pathlib import Path

import pytest

from tests.fakes.house import House
from tests.fakes.playbook_orders import OWN, order, state
from tests.fakes.playbook_server import found, planned, scripted
from tests.fakes.playbooks import SCRIPTED, STOP, TERMINATE, playbook, step
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("playbooks"), pytest.mark.filterwarnings("default")]


def hostile(home: House, folder: Path, server):
    """A house whose agent server is hostile."""
    return stage("terminal", House(home.aws, home.azure, home.gcp, server.url), folder)


@pytest.mark.parametrize(
    ("book", "why"),
    [
        (playbook(step("aws.iam.delete_user")), "aws.iam.delete_user"),
        (playbook(step(TERMINATE)), "can destroy"),
        (playbook(step(STOP, target_type="s3::bucket")), "acts on ec2::instance"),
        (SCRIPTED.model_copy(update={"id": "nightly-stop"}), "runs no scripts"),
    ],
)
async def test_a_hostile_playbook_is_not_followed(home, tmp_path, book, why):
    """An operation Escher does not have, a deletion called a change, another kind, a script: said, and nothing planned."""
    with scripted() as server:
        server.replies["/v1/playbooks/search"] = found(book)
        server.replies["/v1/plan"] = planned({"operation": TERMINATE, "targets": ["r1"]})
        async with hostile(home, tmp_path, server) as play:
            said = await play.say("run playbook nightly-stop on web-dev-1")
            assert why in " ".join(said.text.split())
            assert "/v1/plan" not in [path for path, _ in server.received]
    assert state(home, "web-dev-1") == "running"


@pytest.mark.parametrize(
    "steps",
    [
        ({"operation": TERMINATE, "targets": ["r1"]},),
        ({"operation": STOP, "targets": ["r2"]},),
        (
            {"operation": STOP, "targets": ["r1"]},
            {"operation": "aws.ec2.start_instances", "targets": ["r1"], "depends_on": [0]},
        ),
        ({"operation": STOP, "targets": ["r1"], "params": {"Force": True}},),
    ],
)
async def test_a_hostile_plan_for_a_good_playbook_is_refused(home, tmp_path, steps):
    """Another operation, another target, a step too many, another value: the whole is refused, and nothing happens."""
    with scripted() as server:
        server.replies["/v1/playbooks/search"] = found(playbook(step(STOP)))
        server.replies["/v1/plan"] = planned(*steps)
        async with hostile(home, tmp_path, server) as play:
            said = await play.say("run playbook nightly-stop on web-dev-1")
            assert "I do not accept the plan" in said.text
            assert "waiting for approval" not in said.text
    assert state(home, "web-dev-1") == "running"


@pytest.mark.parametrize("size", [70_000, 5_000_000])
async def test_a_huge_script_is_not_taken(home, tmp_path, size):
    """More than the contract allows, or more than any answer may be: no card, no memory of it, a plain sentence."""
    with scripted() as server:
        reply = found(playbook(step(STOP)))
        reply["playbooks"][0]["playbook"]["scripts"] = {"bash": "x" * size}
        server.replies["/v1/playbooks/search"] = reply
        async with hostile(home, tmp_path, server) as play:
            said = await play.say("playbook for stopping idle instances")
            assert "agreed form" in said.text or "too large" in said.text


async def test_the_agent_server_sees_no_names_when_a_playbook_is_looked_for_or_followed(home, tmp_path):
    """Targets and values go as pseudonyms, the playbook without its scripts; real names come back on the card."""
    tagging = playbook(
        step("aws.ec2.create_tags", params={"tags": {"buddy": "{{buddy}}"}}),
        action="tag",
        parameters=[{"name": "buddy", "kind": "resource", "description": "A machine."}],
        scripts={"bash": "echo $BUDDY\n"},
    )
    with scripted() as server:
        server.replies["/v1/playbooks/search"] = found(tagging)
        step_back = {"operation": "aws.ec2.create_tags", "targets": ["r1"], "params": {"tags": {"buddy": "name-p2"}}}
        server.replies["/v1/plan"] = planned(step_back)
        async with hostile(home, tmp_path, server) as play:
            await play.say("run playbook nightly-stop on web-dev-1 with buddy=web-dev-2")
            sent = json.dumps([body for _, body in server.received])
            follow = next(body for path, body in server.received if path == "/v1/plan")["follow"]
    assert "web-dev" not in sent
    assert "11111111" not in sent
    assert follow["parameters"]["buddy"].startswith("name-p")
    assert follow["playbook"].get("scripts", {}) == {}


async def test_an_agent_server_without_playbooks_is_said_once(home, tmp_path):
    """A "no" is a refusal and not an outage: nothing is tried again, what is kept here is still shown."""
    with scripted() as server:
        async with hostile(home, tmp_path, server) as play:
            said = await play.say("playbook for stopping idle instances")
            assert "The agent server says no" in said.text
            await order(play, "new", text=OWN.format(id="night-duty", name="Night duty"))
            listed = await play.say("list my playbooks")
            assert "night-duty" in listed.text
            assert "library" not in listed.text
            refused = await order(play, "upload", name="night-duty")
            assert refused["code"] == "playbook.no_registry"
            assert (await order(play, "show", name="night-duty"))["playbook"]["state"] == "draft"


async def test_the_agent_server_sees_no_names_when_a_plan_is_saved(home, tmp_path):
    """Of the plan go its operations; what people wrote in its values goes as pseudonyms, and its targets not at all."""
    with scripted() as server:
        async with hostile(home, tmp_path, server) as play:
            card = await play.say("tag web-dev-1 with buddy=web-dev-2")
            assert "waiting for approval" in card.text
            await play.say("save this plan as playbook web-dev-1 buddies")
            draft = next(body for path, body in server.received if path == "/v1/playbooks/draft")
            sent = json.dumps([body for _, body in server.received])
    assert [one["operation"] for one in draft["steps"]] == ["aws.ec2.create_tags"]
    assert draft["steps"][0]["params"]["tags"]["buddy"].startswith("name-p")
    assert "web-dev" not in sent
    assert "11111111" not in sent


async def test_a_list_says_how_many_the_library_has_and_how_one_is_found(home, tmp_path):
    """Before there is any of one's own, and beside those that are there; said and ordered."""
    with scripted() as server:
        server.replies["/v1/playbooks/search"] = {"need": {"action": "none"}, "library": 294}
        async with hostile(home, tmp_path, server) as play:
            first = await play.say("list playbooks")
            assert "No playbooks of your own yet; the library has 294" in first.text
            assert "find a playbook for stopping idle instances" in first.text
            await order(play, "new", text=OWN.format(id="night-duty", name="Night duty"))
            second = await play.say("playbooks")
            assert "1 playbook; the library has 294" in second.text
            assert "night-duty" in second.text


async def test_what_was_looked_for_is_said_in_whole_words(home, tmp_path):
    """A gerund becomes its verb and not a piece of it."""
    with scripted() as server:
        server.replies["/v1/playbooks/search"] = {"need": {"action": "none"}}
        async with hostile(home, tmp_path, server) as play:
            said = await play.say("playbook for making a bucket private")
            assert "No playbook fits “make a bucket private”" in said.text
