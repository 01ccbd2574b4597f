"""Playbooks on the real stack: found, run, saved, published, reviewed by a second person."""

import json
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest

from bot import people
from engine.audit.events import Tag
from engine.playbooks.server import HttpPlaybooks
from engine.sandbox.landmarks import DEV
from tests.fakes.house import MEMBERS, POLICY, House, house
from tests.fakes.playbook_orders import OWN, order, start, state
from tests.fakes.published import storage
from tests.fakes.stages import ASKER, REVIEWER, THIRD
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("playbooks"), pytest.mark.filterwarnings("default")]


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
