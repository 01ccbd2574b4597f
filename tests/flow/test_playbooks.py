"""Playbooks on the real stack: found, run, saved, published, reviewed by a second person; and what a hostile one achieves."""

import json
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import people
from bot.terminal.asked import Caller
from engine.audit.events import Tag
from engine.playbooks.server import HttpPlaybooks
from engine.sandbox.landmarks import DEV
from tests.fakes.house import MEMBERS, POLICY, House, house
from tests.fakes.playbook_server import found, planned, scripted
from tests.fakes.playbooks import SCRIPTED, STOP, TERMINATE, playbook, step
from tests.fakes.published import storage
from tests.fakes.stages import ASKER, REVIEWER, THIRD
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("playbooks"), pytest.mark.filterwarnings("default")]
OWN = """
id = "{id}"
version = "1.0.0"
name = "{name}"
clouds = ["aws"]
category = "cost"
action = "stop"
resource_types = ["ec2::instance"]
summary = "Stops machines that nobody needs at night."
keywords = ["night"]
explain = ["Stop each machine."]
risk = "low"
rollback = "Start the same machines."
[[steps]]
operation = "aws.ec2.stop_instances"
description = "Stops the machine."
target = "InstanceIds"
"""


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    """The clouds, and an agent server with a registry."""
    with storage() as s3, house(registry=s3) as running:
        yield running


@pytest.fixture(params=("terminal", "web"))
async def play(request, home, tmp_path):
    """The stage of one surface."""
    async with stage(request.param, home, tmp_path) as opened_stage:
        yield opened_stage


@asynccontextmanager
async def beside(home, folder):
    """The runner of a colleague: another data directory, the same registry."""
    async with stage("terminal", home, folder) as colleague:
        yield colleague


async def order(play, do, who=ASKER, **params):
    """What `escher playbook …` asks of the runner."""
    principal = {
        ASKER: people.own(),
        REVIEWER: people.persona("local:reviewer"),
        THIRD: people.persona("local:third"),
    }[who]

    async def say(_words: str) -> None:
        """Let progress pass."""

    answer = await play.open.methods.call("playbook", {"do": do, **params}, Caller(principal=principal, say=say))
    return answer["shape"]


def ec2(home):
    """A client of the outside world, which needs no plan."""
    return home.aws.client("ec2", DEV.id, region="us-east-1", step="escher/p-0a1b2c3d/world")


def instance(home, name):
    """One instance as EC2 says it now."""
    answer = ec2(home).describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return answer["Reservations"][0]["Instances"][0]


def state(home, name):
    """Its state."""
    return instance(home, name)["State"]["Name"]


def start(home, name):
    """Somebody starts it again."""
    ec2(home).start_instances(InstanceIds=[instance(home, name)["InstanceId"]])


def changes(play):
    """Who moved which playbook where, as the audit trail has it."""
    events = [one.event for one in play.open.runner.engine.audit.events()]
    return [(one.principal, one.detail["after"]) for one in events if one.tag is Tag.PLAYBOOK_CHANGED]


async def test_a_playbook_is_found_run_approved_and_counted(play, home):
    """Found in the library by what it is for, planned on one machine, approved, stopped at the endpoint, counted once."""
    listed = await play.say("playbook for stopping idle instances")
    assert "aws-ec2-stop-idle" in listed.text
    card = await play.say("run playbook aws-ec2-stop-idle on web-dev-1")
    assert "follows playbook aws-ec2-stop-idle, version 1.0.0, of the library" in card.text
    assert "web-dev-2" not in card.text
    assert state(home, "web-dev-1") == "running"
    try:
        await play.press(card, "Approve")
        await play.sees("Stopped", "verified", card.plan_id)
        assert state(home, "web-dev-1") == "stopped"
        seen = await play.say("status of playbook aws-ec2-stop-idle")
        assert "1, 1 of them well" in seen.text
    finally:
        start(home, "web-dev-1")


async def test_a_value_is_asked_for_and_only_a_value_answers(play):
    """One question a parameter; what does not fit is asked again with why; a sentence is a new message."""
    question = await play.say("run playbook aws-ec2-resize on web-staging-1")
    assert "instance_type" in question.text
    again = await play.say("huge")
    assert "must match" in again.text
    card = await play.say("t3.medium")
    assert "Stop, then resize, then start web-staging-1" in card.text
    assert "follows playbook aws-ec2-resize" in card.text
    strange = await play.say("run playbook aws-ec2-resize on web-staging-1 with colour=red")
    assert "asks for no colour" in strange.text
    given = await play.say("run playbook aws-ec2-resize on web-staging-1 with instance_type=t3.small")
    assert "waiting for approval" in given.text
    await play.say("run playbook aws-ec2-resize on web-staging-1")
    other = await play.say("list public buckets")
    assert "instance_type" not in other.text
    late = await play.say("t3.medium")
    assert "Stop, then resize" not in late.text


async def test_on_which_ones_is_asked_when_nobody_said(play):
    """A playbook without a target asks like any order, and the answer completes it."""
    question = await play.say("run playbook aws-ec2-stop-idle")
    assert "Which ones" in question.text
    card = await play.say("run playbook aws-ec2-stop-idle on the dev ones in us-west-2")
    assert "web-staging-1" not in card.text
    assert "follows playbook" in card.text


async def test_an_own_playbook_is_published_reviewed_by_another_and_found_by_a_colleague(play, home, tmp_path):
    """Draft, upload, the author may not approve, a second person does; then a colleague's runner finds it, runs it, and it counts."""
    name = {"terminal": "night-rest", "web": "sleep-well"}[play.name]
    title = {"terminal": "Night rest", "web": "Sleep well"}[play.name]
    made = await order(play, "new", text=OWN.format(id=name, name=title))
    assert made["playbook"]["state"] == "draft"
    async with beside(home, tmp_path / "colleague") as colleague:
        assert (await order(colleague, "show", name=name))["code"] == "playbook.unknown"
        waits = await play.say(f"playbook upload {name}")
        assert "waits for a review" in waits.text
        own = await play.say(f"approve playbook {name}")
        assert "somebody else reviews it" in own.text
        review = await play.say(f"show playbook {name}", who=REVIEWER)
        assert f"Review {title}" in review.text
        approved = await play.say(f"approve playbook {name}", who=REVIEWER)
        assert "active" in approved.text
        me, other = people.own().id, "local:reviewer"
        assert changes(play) == [
            (me, "draft"),
            (me, "ready"),
            (me, "pending_review"),
            (other, "approved"),
            (other, "active"),
        ]
        there = await colleague.say("playbook for stopping machines that nobody needs at night")
        assert name in there.text
        card = await colleague.say(f"run playbook {name} on web-dev-2")
        assert "published by a colleague" in card.text
        try:
            await colleague.press(card, "Approve")
            await colleague.sees("Stopped", "verified", card.plan_id)
            assert state(home, "web-dev-2") == "stopped"
        finally:
            start(home, "web-dev-2")
        refused = await order(colleague, "approve", name=name)
        assert refused["code"] == "playbook.elsewhere"
    registry = HttpPlaybooks(home.planner_url)
    known = await registry.one(name, "1.0.0")
    await registry.close()
    assert (known.metadata.execution_count, known.metadata.success_rate) == (1, 1.0)


async def test_a_plan_becomes_a_playbook_that_a_second_person_lets_in(play, home):
    """What the thread planned last is saved under a name as a draft, uploaded, approved by somebody else, found, and run elsewhere."""
    name = {"terminal": "quiet-hours", "web": "calm-weekend"}[play.name]
    nothing = await play.say(f"save this plan as playbook {name}", thread="empty")
    assert "no plan in this thread" in nothing.text
    await play.say("stop web-dev-1")
    saved = await play.say(f"save this plan as playbook {name}")
    assert name in saved.text
    assert "draft" in saved.text
    assert "aws.ec2.stop_instances" in saved.text
    assert "web-dev-1" not in saved.text
    again = await play.say(f"save this plan as playbook {name}")
    assert "1.0.1" in again.text
    uploaded = await play.say(f"playbook upload {name} 1.0.1")
    assert "waits for a review" in uploaded.text
    await play.say(f"approve playbook {name}", who=REVIEWER)
    card = await play.say(f"run playbook {name} on web-dev-2")
    assert f"follows playbook {name}, version 1.0.1" in card.text
    assert "web-dev-1" not in card.text
    await play.press(card, "Approve")
    try:
        await play.sees("Stopped", "verified", card.plan_id)
        assert (state(home, "web-dev-1"), state(home, "web-dev-2")) == ("running", "stopped")
    finally:
        start(home, "web-dev-2")


async def test_only_the_policys_reviewers_review(home, tmp_path):
    """Where the policy names reviewers, another approver is refused and told who could; a rejection says why."""
    members = json.dumps(MEMBERS)
    lines = POLICY.read_text(encoding="utf-8").splitlines()
    text = "\n".join(f"members = {members}" if one.startswith("members = ") else one for one in lines)
    text += '\n[roles.leads]\nmembers = ["local:third"]\n\n[playbooks]\nreviewers = ["leads"]\n'
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    async with stage("terminal", home, tmp_path) as play:
        await order(play, "new", text=OWN.format(id="only-leads", name="Only leads"))
        trusted = await order(play, "trust", name="only-leads")
        assert trusted["code"] == "playbook.reviewer"
        assert (await order(play, "upload", name="only-leads"))["playbook"]["state"] == "pending_review"
        refused = await order(play, "approve", REVIEWER, name="only-leads")
        assert refused["code"] == "playbook.reviewer"
        assert "leads" in refused["message"]
        unexplained = await order(play, "reject", THIRD, name="only-leads")
        assert unexplained["code"] == "playbook.reason"
        rejected = await order(play, "reject", THIRD, name="only-leads", text="it stops too much")
        assert (rejected["playbook"]["state"], rejected["playbook"]["note"]) == ("rejected", "it stops too much")
        run = await play.say("run playbook only-leads on web-dev-1")
        assert "rejected" in run.text
        back = await order(play, "state", name="only-leads", text="active|")
        assert back["code"] == "playbook.state"


async def test_what_names_this_runners_world_is_not_published(home, tmp_path):
    """A machine's name in a playbook's text keeps it from the registry, and is said."""
    async with stage("terminal", home, tmp_path) as play:
        text = OWN.format(id="names-one", name="Names one").replace("that nobody needs", "such as web-dev-1")
        await order(play, "new", text=text)
        refused = await order(play, "upload", name="names-one")
        assert refused["code"] == "playbook.identities"
        assert "web-dev-1" in refused["message"]


@pytest.mark.parametrize("surface", ["web", "slack", "teams"])
async def test_a_playbook_is_shown_and_run_by_buttons(home, tmp_path, surface):
    """Show opens the card of a found playbook; Run… asks on what, and the plan follows."""
    async with stage(surface, home, tmp_path) as play:
        listed = await play.say("playbook for stopping idle instances")
        await play.press(listed, "Show")
        shown = await play.sees("Undo", "Start the same instances again")
        assert any(button.startswith("Run") for button in shown.buttons)
        await play.press(shown, "Run…", text="web-dev-1")
        card = await play.sees("waiting for approval", "follows playbook")
        assert "web-dev-1" in card.text


async def test_on_the_console_one_card_lives_through_upload_and_review(home, tmp_path):
    """A press of Upload changes the card it is on; the reviewer's press decides on theirs; a refused press is told to its presser only."""
    async with stage("web", home, tmp_path) as play:
        await order(play, "new", text=OWN.format(id="one-card", name="One card"))
        shown = await play.say("show playbook one-card")
        assert "Upload for review" in shown.buttons
        await play.press(shown, "Upload for review")
        waits = await play.sees("One card", "waits for a review")
        assert waits.handle[0].id == shown.handle[0].id
        assert "Upload for review" not in waits.buttons
        review = await play.say("show playbook one-card", who=REVIEWER)
        await play.press(review, "Approve", who=ASKER)
        await play.sees("somebody else reviews it", who=ASKER)
        await play.press(review, "Approve", who=REVIEWER)
        done = await play.sees("One card", "active")
        assert done.handle[0].id == review.handle[0].id
        assert "Approve" not in done.buttons


async def test_what_is_planned_again_and_again_is_suggested_as_a_playbook(home, tmp_path):
    """The third time the same is asked for, its result says how to keep it."""
    async with stage("terminal", home, tmp_path) as play:
        for _ in range(2):
            await play.say("stop batch-dev")
        card = await play.say("stop batch-dev")
        try:
            await play.press(card, "Approve")
            done = await play.sees("Stopped", card.plan_id, "verified")
            assert "planned this 3 times" in done.text
            assert "save this plan as playbook" in done.text
        finally:
            start(home, "batch-dev")


async def test_schedules_are_declined_honestly(play):
    """Not in this version, and what is possible instead."""
    for text in ("run playbook aws-ec2-stop-idle every night at 8pm", "pause playbook aws-ec2-stop-idle"):
        said = await play.say(text)
        assert "no schedules in this version" in said.text
        assert "run playbook aws-ec2-stop-idle on" in said.text


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


async def test_a_saved_plan_of_several_calls_is_run_again(home, tmp_path):
    """To make a bucket private takes several calls of S3; saved as a playbook these are its steps, and they do the same."""
    s3 = home.aws.client("s3", DEV.id, region="us-west-2", step="escher/p-0a1b2c3d/world")
    async with stage("terminal", home, tmp_path) as play:
        await play.say("make bucket acme-dev-scratch private")
        saved = await play.say("save this plan as playbook shut-bucket")
        assert "aws.s3.put_public_access_block" in saved.text
        assert "I can run it" in saved.text
        card = await play.say("run playbook shut-bucket on acme-dev-scratch")
        assert "Set the access list, then set the public access block of acme-dev-scratch" in card.text
        assert "weaken" not in card.text
        await play.press(card, "Approve")
        try:
            await play.sees(card.plan_id, "verified", seconds=30)
            block = s3.get_public_access_block(Bucket="acme-dev-scratch")["PublicAccessBlockConfiguration"]
            assert all(block.values())
            assert "AllUsers" not in str(s3.get_bucket_acl(Bucket="acme-dev-scratch")["Grants"])
        finally:
            s3.delete_public_access_block(Bucket="acme-dev-scratch")
            s3.put_bucket_acl(Bucket="acme-dev-scratch", ACL="public-read")
