"""What people order of playbooks in a house, one playbook of their own, and what became of the machines."""

from bot import people
from bot.terminal.asked import Caller
from engine.sandbox.landmarks import DEV
from tests.fakes.stages import ASKER, REVIEWER, THIRD

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
