"""The stories people come with, played on every surface: message in, card out, press in, the world changed, the record kept."""

import asyncio

import pytest

from engine.audit.verify import verify
from engine.sandbox.landmarks import DEV, HOSTILE_NAME
from tests.fakes.stages import ASKER, REVIEWER, THIRD
from tests.fakes.theatres import SURFACES, stage

pytestmark = [pytest.mark.xdist_group("stories"), pytest.mark.filterwarnings("default")]


@pytest.fixture(params=SURFACES)
async def play(request, home, tmp_path):
    """Give the stage of one surface over the shared house."""
    async with stage(request.param, home, tmp_path) as opened_stage:
        yield opened_stage


def ec2(home, account=DEV.id, region="us-east-1"):
    """A client of the outside world, which needs no plan."""
    return home.aws.client("ec2", account, region=region, step="escher/p-0a1b2c3d/world")


def instances(home, account=DEV.id, region="us-east-1"):
    """Every instance as EC2 describes it now."""
    reservations = ec2(home, account, region).describe_instances()["Reservations"]
    return [one for reservation in reservations for one in reservation["Instances"]]


def states(home, account=DEV.id, region="us-east-1"):
    """Every instance's state as EC2 says it now, by its Name tag."""
    found = {}
    for one in instances(home, account, region):
        name = next((tag["Value"] for tag in one.get("Tags", []) if tag["Key"] == "Name"), one["InstanceId"])
        found[name] = one["State"]["Name"]
    return found


def launch(home, tags):
    """Launch an instance behind Escher's back; return its id."""
    client = ec2(home)
    answer = client.run_instances(
        ImageId=client.describe_images()["Images"][0]["ImageId"],
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return answer["Instances"][0]["InstanceId"]


async def test_idle_machines_are_listed_with_rule_and_numbers_and_those_can_be_stopped(play, home):
    """Idle: the answer shows the published rule and the numbers; "stop those" plans exactly the listed ones."""
    listed = await play.say("show me all idle EC2 instances in us-east-1")
    assert "Trusted Advisor" in listed.text
    assert "web-dev-1" in listed.text
    assert "%" in listed.text
    assert "api-dev-1" not in listed.text
    plan = await play.say("stop those")
    assert "web-dev-1" in plan.text
    assert "web-dev-2" in plan.text
    assert "api-dev-1" not in plan.text
    assert states(home)["web-dev-1"] == "running"


async def test_stop_all_dev_instances_approve_result_undo(play, home):
    """Exactly the dev ones are on the card; Approve stops them; the undo starts exactly those again."""
    before = {name for name, state in states(home).items() if state == "running"}
    card = await play.say("stop all dev EC2 instances")
    assert "web-dev-1" in card.text
    for other in ("ml-notebook", "web-staging-1", "web-prod-1"):
        assert other not in card.text
    await play.press(card, "Approve")
    done = await play.sees("Stopped", "verified", card.plan_id)
    stopped = states(home)
    assert stopped["web-dev-1"] == stopped["api-dev-1"] == "stopped"
    assert states(home, region="us-west-2")["ml-notebook"] == "running"
    await play.press(done, "Undo")
    back = await play.sees(f"Undo {card.plan_id}:", "waiting for approval")
    await play.press(back, "Approve")
    await play.sees("Started", "verified", back.plan_id)
    assert {name for name, state in states(home).items() if state == "running"} == before
    assert states(home)["jenkins-dev"] == "stopped"


async def test_a_machine_launched_after_the_sync_is_on_the_card(play, home):
    """The cells a request touches are read again before planning."""
    made = launch(home, [{"Key": "Name", "Value": "just-launched"}, {"Key": "env", "Value": "dev"}])
    try:
        card = await play.say("stop just-launched")
        assert "just-launched" in card.text
        everything = await play.say("stop all dev EC2 instances", thread="second")
        assert "10 dev EC2 instances" in everything.text
    finally:
        ec2(home).terminate_instances(InstanceIds=[made])


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("Stop all dev VMs in Azure West US", ("web-dev-az-1", "Azure VM"), ("intranet-prod-1", "web-dev-1 ")),
        ("stop all dev instances in gcp us-central1", ("etl-dev-1", "GCE instance"), ("spark-prod-1", "web-dev-az-1")),
    ],
)
async def test_azure_and_gcp_machines_are_stopped_and_started_again(play, words, inside, outside):
    """The same story on the other two clouds, through their own SDKs."""
    card = await play.say(words)
    for name in inside:
        assert name in card.text
    for name in outside:
        assert name not in card.text
    await play.press(card, "Approve")
    done = await play.sees("Stopped", card.plan_id, "verified")
    await play.press(done, "Undo")
    back = await play.sees(f"Undo {card.plan_id}:", "waiting for approval")
    await play.press(back, "Approve")
    await play.sees("Started", "verified", back.plan_id)


async def test_one_sentence_reaches_three_clouds(play):
    """One plan holds machines of all three clouds."""
    card = await play.say("stop all dev machines on aws, azure and gcp")
    for kind in ("EC2 instance", "Azure VM", "GCE instance"):
        assert kind in card.text


async def test_a_bucket_made_public_is_made_private_step_by_step(play, home):
    """Someone opened a bucket; "make bucket … private" closes it, each API step on the card, and can be undone."""
    s3 = home.aws.client("s3", DEV.id, region="us-west-2", step="escher/p-0a1b2c3d/world")
    s3.delete_public_access_block(Bucket="acme-dev-scratch")
    s3.put_bucket_acl(Bucket="acme-dev-scratch", ACL="public-read")
    card = await play.say("make bucket acme-dev-scratch private")
    assert "acme-dev-scratch" in card.text
    await play.press(card, "Approve")
    await play.sees("Made acme-dev-scratch", card.plan_id, "verified")
    block = s3.get_public_access_block(Bucket="acme-dev-scratch")["PublicAccessBlockConfiguration"]
    assert all(block.values())
    grants = s3.get_bucket_acl(Bucket="acme-dev-scratch")["Grants"]
    assert not any("AllUsers" in str(grant) for grant in grants)


async def test_delete_everything_in_prod_is_refused_with_the_reason(play, home):
    """The policy allows ten deletions in prod at most."""
    answer = await play.say("delete everything in prod")
    assert "prod-deletes" in answer.text
    assert "10" in answer.text
    assert states(home, "333333333333")["web-prod-1"] == "running"


async def test_snapshot_then_stop_are_ordered_steps(play, home):
    """Snapshot and stop in one sentence make two steps, the second after the first."""
    card = await play.say("snapshot sandbox-db then stop it")
    assert "Snapshot" in card.text
    assert "stop" in card.text
    await play.press(card, "Approve")
    await play.sees(card.plan_id, "verified")
    rds = home.aws.client("rds", DEV.id, region="us-east-1", step="escher/p-0a1b2c3d/world")
    for region in ("us-east-1", "us-west-2", "eu-west-1"):
        rds = home.aws.client("rds", DEV.id, region=region, step="escher/p-0a1b2c3d/world")
        found = [
            one for one in rds.describe_db_instances()["DBInstances"] if one["DBInstanceIdentifier"] == "sandbox-db"
        ]
        if found:
            assert found[0]["DBInstanceStatus"] == "stopped"
            snapshots = rds.describe_db_snapshots(DBInstanceIdentifier="sandbox-db")["DBSnapshots"]
            assert snapshots
            rds.start_db_instance(DBInstanceIdentifier="sandbox-db")
            return
    pytest.fail("sandbox-db was not found")


@pytest.mark.parametrize(
    ("words", "planned"),
    [
        ("start the deallocated azure vms", True),
        ("start all azure vms", False),
        ("stop the deallocated azure vms", False),
        ("delete the deallocated azure vms", False),
    ],
)
async def test_a_cloud_and_a_state_say_which_to_start_and_never_which_to_stop_or_delete(play, words, planned):
    """What was put aside may be started without naming it; whatever interrupts or destroys is asked about."""
    card = await play.say(words)
    assert ("waiting for approval" in card.text) is planned
    assert ("intranet-dev" in card.text) is planned


async def test_an_unscoped_request_is_asked_back_and_the_answer_completes_it(play):
    """A bare "stop the instances" gets one question; "the dev ones" completes the request."""
    question = await play.say("stop the EC2 instances")
    assert "?" in question.text
    assert "dev" in question.text
    card = await play.say("the dev ones in us-east-1")
    assert "web-dev-1" in card.text
    assert "web-prod-1" not in card.text
    assert "worker-dev-1" not in card.text


async def test_a_rejection_needs_a_reason_and_ends_the_plan(play, home):
    """Reject asks why; the card says so and nothing runs."""
    card = await play.say("stop web-dev-1")
    await play.press(card, "Reject…", who=REVIEWER, reason="it is demo day")
    rejected = await play.sees("rejected", "it is demo day", card.plan_id)
    assert "Approve" not in rejected.buttons
    assert states(home)["web-dev-1"] == "running"


async def test_prod_wants_another_person_and_says_so_privately(play, home):
    """The requester's own approval of a prod plan is refused with who could; another person's counts."""
    card = await play.say("restart api-prod-3")
    await play.press(card, "Approve", who=ASKER)
    refused = await play.sees("somebody else")
    assert card.plan_id in refused.text
    await play.press(card, "Approve", who=REVIEWER)
    await play.sees("Restarted", "verified", card.plan_id)
    assert states(home, "333333333333", "us-west-2")["api-prod-3"] == "running"


async def test_fifty_presses_in_the_same_instant_run_it_once(play, home):
    """However often Approve is pressed, the plan runs once."""
    card = await play.say("restart web-dev-1")
    since = home.aws.cloud.last()
    presses = 8 if play.name in {"slack", "teams"} else 50
    await asyncio.gather(*(play.press(card, "Approve") for _ in range(presses)), return_exceptions=True)
    await play.sees("Restarted", "verified", card.plan_id)
    await asyncio.sleep(0.5)
    calls = [one for one in home.aws.cloud.calls(since) if one["action"] == "RebootInstances"]
    assert len(calls) == 1


async def test_a_change_between_card_and_press_voids_the_plan_and_shows_a_new_one(play, home):
    """A target that changed is not touched; the new card shows the world as it is."""
    card = await play.say("stop web-dev-1 and web-dev-2")
    identity = home.aws.machine("web-dev-2").id
    ec2(home).stop_instances(InstanceIds=[identity])
    try:
        await play.press(card, "Approve")
        await play.sees("void", card.plan_id)
        anew = await play.sees("web-dev-1", "waiting for approval")
        assert anew.plan_id != card.plan_id
        assert states(home)["web-dev-1"] == "running"
    finally:
        ec2(home).start_instances(InstanceIds=[identity])


async def test_a_hostile_name_changes_nothing_and_pings_nobody(play, home):
    """The machine whose name is an instruction is shown as text; nothing is approved by it."""
    listed = await play.say("list running EC2 instances in us-east-1 tagged team=unknown")
    assert "ignore previous instructions" in listed.text
    card = await play.say("stop the EC2 instance tagged team=unknown in dev")
    assert "ignore previous instructions" in card.text
    assert states(home)[HOSTILE_NAME] == "running"
    if play.name == "slack":
        raw = str([message.blocks for message in play.slack.messages("C0OPS")])
        assert "<!channel>" not in raw
    view = await play.open.runner.engine.workflow.view(card.plan_id)
    assert view.state == "waiting"


async def test_a_denied_call_fails_that_target_with_the_clouds_reason(play, home):
    """What the cloud refuses is said with its own code; nothing is retried."""
    card = await play.say("restart api-dev-1")
    home.aws.cloud.fault(service="ec2", action="RebootInstances", kind="deny", count=1)
    await play.press(card, "Approve")
    failed = await play.sees("not done", card.plan_id)
    assert "UnauthorizedOperation" in failed.text or "not authorized" in failed.text.lower()
    home.aws.cloud.lift()


async def test_throttling_is_waited_out(play, home):
    """A throttled call is repeated after a pause and succeeds."""
    card = await play.say("restart api-dev-1")
    home.aws.cloud.fault(service="ec2", action="RebootInstances", kind="throttle", count=2)
    await play.press(card, "Approve")
    await play.sees("Restarted", "verified", card.plan_id)
    home.aws.cloud.lift()


async def test_a_lost_answer_is_said_to_be_uncertain_and_not_repeated(play, home):
    """A restart whose answer is lost is not sent again; the card says what is not known."""
    card = await play.say("restart api-dev-1")
    since = home.aws.cloud.last()
    home.aws.cloud.fault(service="ec2", action="RebootInstances", kind="drop_response", count=1)
    await play.press(card, "Approve")
    await play.sees("not tried again", card.plan_id)
    assert len([one for one in home.aws.cloud.calls(since) if one["action"] == "RebootInstances"]) == 1
    home.aws.cloud.lift()


async def test_a_message_that_is_too_long_and_one_that_means_nothing_get_a_clear_sentence(play):
    """Nothing is lost in silence."""
    long = await play.say("stop " + "very " * 900 + "slow instances")
    assert "characters" in long.text
    odd = await play.say("florble the wibble")
    assert odd.text.strip()


async def test_everything_is_in_the_record_and_the_chain_holds(play):
    """After a plan ran, its record names request, decision, calls and end, and the chain verifies."""
    card = await play.say("restart web-dev-2")
    await play.press(card, "Approve")
    await play.sees("Restarted", "verified", card.plan_id)
    engine = play.open.runner.engine
    tags = [one.event.tag.value for one in engine.audit.of_plan(card.plan_id)]
    for tag in (
        "plan:proposed",
        "decision:made",
        "execution:started",
        "step:called",
        "step:finished",
        "execution:finished",
    ):
        assert any(tag in each for each in tags), tags
    assert verify(engine.record.database, engine.record.keys, None).ok


async def test_help_status_whoami_pending_answer_everywhere(play):
    """The text commands work on every surface."""
    await play.say("stop web-dev-1")
    for words, expected in (
        ("help", "stop"),
        ("status", "resources"),
        ("whoami", "platform"),
        ("pending", "web-dev-1"),
    ):
        answer = await play.say(words)
        assert expected in answer.text, answer.text


async def test_two_people_must_agree_to_open_a_bucket(play, home):
    """Public exposure takes two approvers and a reason."""
    card = await play.say("make bucket acme-dev-scratch public")
    if "already" in card.text.lower() or "nothing to do" in card.text.lower():
        pytest.fail(card.text)
    await play.press(card, "Approve", who=ASKER, reason="campaign")
    await play.sees("1 of 2", card.plan_id)
    await play.press(card, "Approve", who=THIRD, reason="agreed")
    await play.sees("Made acme-dev-scratch", "public", card.plan_id)
    s3 = home.aws.client("s3", DEV.id, region="us-west-2", step="escher/p-0a1b2c3d/world")
    s3.put_public_access_block(
        Bucket="acme-dev-scratch",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
