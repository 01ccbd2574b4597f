"""Playbooks of the library on three clouds, from the search to the undo: found, chosen, planned, approved, done at the endpoint, taken back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest

from engine.sandbox.landmarks import DEV
from tests.fakes.azure_sdk import compute_client
from tests.fakes.gcp_sdk import PROJECT, Clients
from tests.fakes.house import House, house
from tests.fakes.theatres import stage

pytestmark = [pytest.mark.xdist_group("library-playbooks"), pytest.mark.filterwarnings("default")]
Look = Callable[[House], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One playbook on one thing.

    Attributes:
        id: The playbook's.
        wish: What one would say to find it.
        on: What it is run on, with its values.
        look: What the endpoint says of that thing.
        after: What it says of it when the playbook was followed, as far as that changes.
        restore: How the outside world puts it back where taking it back weakens something and so takes two people.
    """

    id: str
    wish: str
    on: str
    look: Look
    after: dict[str, Any]
    restore: Callable[[House], object] | None = None

    def __str__(self) -> str:
        return self.id


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    """The clouds and an agent server."""
    with house() as running:
        yield running


@pytest.fixture
async def play(request, home, tmp_path):
    """The stage of one surface."""
    async with stage(request.param, home, tmp_path) as opened_stage:
        yield opened_stage


def instance(name: str) -> Look:
    """How an EC2 instance is: its state, its size, its tags."""

    def look(home: House) -> dict[str, Any]:
        found = home.aws.client("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
        one = found["Reservations"][0]["Instances"][0]
        tags = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
        return {"state": one["State"]["Name"], "size": one["InstanceType"], **tags}

    return look


def bucket(name: str) -> Look:
    """The tags of an S3 bucket."""

    def look(home: House) -> dict[str, Any]:
        found = home.aws.client("s3", region="us-west-2").get_bucket_tagging(Bucket=name)
        return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}

    return look


def database(name: str) -> Look:
    """How an RDS database is: whether it is protected, how long its backups are kept."""

    def look(home: House) -> dict[str, Any]:
        (one,) = home.aws.client("rds", DEV.id).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return {"protected": one["DeletionProtection"], "backup_days": one["BackupRetentionPeriod"]}

    return look


def machine(name: str) -> Look:
    """How an Azure VM is: its power state, its size, its tags."""

    def look(home: House) -> dict[str, Any]:
        compute = compute_client(home.azure)
        (one,) = [each for each in compute.virtual_machines.list_all() if each.name == name]
        group = one.id.split("/")[4]
        power = compute.virtual_machines.instance_view(group, name).statuses[1].code
        return {"state": power, "size": one.hardware_profile.vm_size, **one.tags}

    return look


def gce(name: str, zone: str) -> Look:
    """How a GCE instance is: its state, its size, its labels."""

    def look(home: House) -> dict[str, Any]:
        clients = Clients.of(home.gcp.url)
        one = clients.instances.get(project=PROJECT, zone=zone, instance=name)
        clients.close()
        return {"state": one.status, "size": one.machine_type.rpartition("/")[2], **one.labels}

    return look


PLAYS = (
    Play(
        id="aws-ec2-tag-owner",
        wish="tagging EC2 instances with their owner",
        on='spike-dev with owner="search team" and environment=test',
        look=instance("spike-dev"),
        after={"owner": "search team", "env": "test"},
    ),
    Play(
        id="aws-ec2-resize",
        wish="giving an EC2 instance another size",
        on="batch-dev with instance_type=m5.xlarge",
        look=instance("batch-dev"),
        after={"size": "m5.xlarge"},
    ),
    Play(
        id="aws-s3-tag-cost-center",
        wish="tagging S3 buckets with a cost center",
        on="acme-dev-scratch with owner=data and cost_center=4711",
        look=bucket("acme-dev-scratch"),
        after={"owner": "data", "cost-center": "4711"},
    ),
    Play(
        id="aws-rds-protect-from-deletion",
        wish="protecting an RDS database from deletion",
        on="sandbox-db",
        look=database("sandbox-db"),
        after={"protected": True},
        restore=lambda home: home.aws.client("rds").modify_db_instance(
            DBInstanceIdentifier="sandbox-db", DeletionProtection=False
        ),
    ),
    Play(
        id="aws-rds-extend-backups",
        wish="keeping automated RDS backups longer",
        on="sandbox-db with days=21",
        look=database("sandbox-db"),
        after={"backup_days": 21},
    ),
    Play(
        id="azure-vm-resize",
        wish="resizing an Azure VM",
        on="web-dev-az-1 with instance_type=Standard_B2ms",
        look=machine("web-dev-az-1"),
        after={"size": "Standard_B2ms"},
    ),
    Play(
        id="azure-vm-tag-owner",
        wish="tagging an Azure VM with owner and cost center",
        on="web-dev-az-2 with owner=platform, cost_center=4711 and environment=dev",
        look=machine("web-dev-az-2"),
        after={"owner": "platform", "costCenter": "4711", "environment": "dev"},
    ),
    Play(
        id="azure-vm-stop-dev",
        wish="stopping development VMs on Azure overnight",
        on="build-agent-dev",
        look=machine("build-agent-dev"),
        after={"state": "PowerState/deallocated", "stoppedBy": "cost-saving"},
    ),
    Play(
        id="gcp-gce-label-owner",
        wish="labelling GCE VMs with owner and cost centre",
        on="etl-dev-1 with owner=data, environment=development and cost_centre=4711",
        look=gce("etl-dev-1", "us-central1-a"),
        after={"owner": "data", "environment": "development", "cost-centre": "4711"},
    ),
    Play(
        id="gcp-gce-rightsize",
        wish="shrinking an oversized GCE VM",
        on="etl-dev-2 with machine_type=e2-standard-2 and review_month=2026-11",
        look=gce("etl-dev-2", "us-central1-a"),
        after={"size": "e2-standard-2", "rightsized": "2026-11"},
    ),
    Play(
        id="gcp-gce-mark-for-deletion",
        wish="stopping an abandoned GCE VM and marking it for deletion",
        on="trial-dev with delete_after=2026-12-31",
        look=gce("trial-dev", "us-central1-b"),
        after={"state": "TERMINATED", "delete-after": "2026-12-31"},
    ),
)


@pytest.mark.parametrize(
    ("play", "which"), list(zip(cycle(("terminal", "web")), PLAYS, strict=False)), ids=str, indirect=["play"]
)
async def test_a_playbook_of_the_library_is_found_run_and_taken_back(play, home, which):
    """The search names it as one that can be run; the card is of exactly this thing; the endpoint says so, and after the undo as before."""
    before = which.look(home)
    assert {key: before.get(key) for key in which.after} != which.after
    listed = await play.say(f"playbook for {which.wish}")
    assert which.id in listed.text
    assert "I can run it" in listed.text
    shown = await play.say(f"show playbook {which.id}")
    assert f"I can run it: say “run playbook {which.id} on …”" in " ".join(shown.text.split())
    card = await play.say(f"run playbook {which.id} on {which.on}")
    assert "waiting for approval" in card.text
    assert f"follows playbook {which.id}" in card.text
    assert which.look(home) == before
    await play.press(card, "Approve")
    done = await play.sees(card.plan_id, "verified", seconds=60)
    assert which.look(home) == {**before, **which.after}
    if which.restore is not None:
        which.restore(home)
        return
    await play.press(done, "Undo")
    back = await play.sees(f"Undo {card.plan_id}:", "waiting for approval")
    await play.press(back, "Approve")
    await play.sees(back.plan_id, "verified", seconds=60)
    assert which.look(home) == before


@pytest.mark.parametrize("play", ["terminal", "web"], indirect=True)
async def test_what_can_only_be_shown_says_so_before_anybody_tries(play):
    """In the list and on the card, with why; and again when somebody tries, with where its script can be read."""
    listed = await play.say("playbook for suspending the processes of an auto scaling group")
    assert "aws-asg-suspend-replacing" in listed.text
    why = "I can only show it, not run it: Escher does not do aws.autoscaling.suspend_processes"
    assert why in " ".join(listed.text.split())
    shown = await play.say("show playbook aws-asg-suspend-replacing")
    assert why in " ".join(shown.text.split())
    assert not any(button.startswith("Run") for button in shown.buttons)
    tried = await play.say("run playbook aws-asg-suspend-replacing on web-prod")
    assert "Escher does not do aws.autoscaling.suspend_processes" in " ".join(tried.text.split())
    script = await play.say("show playbook aws-ec2-move-volume-to-zone")
    assert "its procedure is a script, and this version of Escher runs no scripts" in " ".join(script.text.split())
