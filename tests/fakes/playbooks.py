"""Playbooks for tests, as people write them and as a hostile server would send them."""

from typing import Any

from agent_server.contract.playbook import Playbook

STOP, START, TERMINATE = "aws.ec2.stop_instances", "aws.ec2.start_instances", "aws.ec2.terminate_instances"
SNAPSHOT, TAG = "aws.ec2.create_snapshots", "aws.ec2.create_tags"
RESIZE, GROW = "aws.ec2.modify_instance_attribute", "aws.ec2.modify_volume"


def step(operation: str, **fields: Any) -> dict[str, Any]:
    """One step as a file has it."""
    return {"operation": operation, "description": f"Does {operation}.", **fields}


def playbook(*steps: dict[str, Any], **fields: Any) -> Playbook:
    """A playbook on EC2 instances; `fields` are laid over the usual ones."""
    usual: dict[str, Any] = {
        "id": "nightly-stop",
        "version": "1.0.0",
        "name": "Stop for the night",
        "clouds": ["aws"],
        "category": "cost",
        "action": "stop",
        "resource_types": ["ec2::instance"],
        "summary": "Stops machines that nobody needs at night.",
        "keywords": ["night", "idle"],
        "explain": ["Stop each machine."],
        "steps": list(steps),
        "risk": "low",
        "rollback": "Start the same machines.",
    }
    return Playbook.model_validate(usual | fields)


SIZE = {"name": "size", "kind": "string", "description": "The new size.", "pattern": r"[a-z0-9]+\.[a-z0-9]+"}
RESIZING = playbook(
    step(STOP),
    step(RESIZE, params={"instance_type": "{{size}}"}, depends_on=[0]),
    step(START, depends_on=[1]),
    id="resize-machine",
    name="Resize a machine",
    action="resize",
    parameters=[SIZE],
)
DELETING = playbook(
    step(SNAPSHOT),
    step(TERMINATE, effect="destroy"),
    id="retire-machine",
    name="Retire a machine",
    action="delete",
)
SCRIPTED = playbook(id="by-hand", name="By hand", scripts={"bash": "aws ec2 stop-instances --instance-ids $INSTANCE\n"})
