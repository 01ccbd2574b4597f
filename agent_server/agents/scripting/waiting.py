"""What to wait for after a call of AWS that is answered before its work is done: the SDK's own waiters.

Azure's and Google's command lines wait by themselves, their SDKs return something to wait for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agent_server.agents.scripting.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A waiter: its name in the SDK's spelling, and its arguments."""

    name: str
    arguments: Mapping[str, Value]


_INSTANCES = ("InstanceIds", "InstanceIds")
_DATABASE = ("DBInstanceIdentifier", "DBInstanceIdentifier")
_WAITS: Mapping[str, tuple[str, str, str]] = {
    "aws.ec2.start_instances": ("instance_running", *_INSTANCES),
    "aws.ec2.stop_instances": ("instance_stopped", *_INSTANCES),
    "aws.ec2.terminate_instances": ("instance_terminated", *_INSTANCES),
    "aws.ec2.detach_volume": ("volume_available", "VolumeIds", "VolumeId"),
    "aws.ec2.attach_volume": ("volume_in_use", "VolumeIds", "VolumeId"),
    "aws.ec2.delete_volume": ("volume_deleted", "VolumeIds", "VolumeId"),
    "aws.rds.create_db_snapshot": ("db_snapshot_available", "DBSnapshotIdentifier", "DBSnapshotIdentifier"),
    "aws.rds.start_db_instance": ("db_instance_available", *_DATABASE),
    "aws.rds.reboot_db_instance": ("db_instance_available", *_DATABASE),
    "aws.rds.modify_db_instance": ("db_instance_available", *_DATABASE),
    "aws.rds.delete_db_instance": ("db_instance_deleted", *_DATABASE),
    "aws.lambda.update_function_configuration": ("function_updated", "FunctionName", "FunctionName"),
}


def wait_for(operation: str, arguments: Mapping[str, Value]) -> Wait | None:
    """Return the waiter for what an operation has begun, or None."""
    known = _WAITS.get(operation)
    if known is None or known[2] not in arguments:
        return None
    name, to, from_ = known
    value = arguments[from_]
    return Wait(name=name, arguments={to: [value] if to.endswith("Ids") and not isinstance(value, list) else value})
