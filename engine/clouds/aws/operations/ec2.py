"""EC2: instances and volumes.

Replay: start and stop take an instance to a state and change nothing when it is there already, and so do tags (`natural`).
A deletion refuses what is gone, so recovery looks first (`state`). A reboot leaves no trace and is never repeated.
"""

from engine.clouds.aws.operations.declaring import (
    KEYS,
    TAGS,
    CommandLine,
    as_tag_options,
    by_state,
    command,
    gone,
    listed,
    own_id,
    tagged,
    texts,
    undo_tagging,
    undo_untagging,
    untagged,
    untold,
    when,
)
from engine.clouds.operation import Effect, Inverse, Operation, ReplayClass
from engine.estate.resource import Cloud

INSTANCE, VOLUME = "ec2::instance", "ec2::volume"


def _on_instance(verb: str) -> CommandLine:
    return lambda resource, _params: command("ec2", verb, resource.region, instance_ids=own_id(resource))


_POWER = (
    Operation(
        id="aws.ec2.start_instances",
        action="start",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("ec2:StartInstances",),
        words=("Start", "Starting", "Started"),
        verdict=by_state(done=("running",), underway=("starting",)),
        cli=_on_instance("start-instances"),
        from_states=frozenset({"stopped"}),
        inverse=Inverse(operation="aws.ec2.stop_instances"),
        expected_seconds=25,
    ),
    Operation(
        id="aws.ec2.stop_instances",
        action="stop",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("ec2:StopInstances",),
        words=("Stop", "Stopping", "Stopped"),
        verdict=by_state(done=("stopped",), underway=("stopping",)),
        cli=_on_instance("stop-instances"),
        from_states=frozenset({"running"}),
        inverse=Inverse(operation="aws.ec2.start_instances"),
        expected_seconds=40,
        deadline_seconds=600,
    ),
    Operation(
        id="aws.ec2.reboot_instances",
        action="restart",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.ONCE,
        permissions=("ec2:RebootInstances",),
        words=("Restart", "Restarting", "Restarted"),
        verdict=untold,
        cli=_on_instance("reboot-instances"),
        from_states=frozenset({"running"}),
        no_inverse_because="a restart cannot be taken back",
        expected_seconds=5,
    ),
    Operation(
        id="aws.ec2.terminate_instances",
        action="delete",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.DESTROY,
        replay=ReplayClass.STATE,
        permissions=("ec2:TerminateInstances",),
        words=("Terminate", "Terminating", "Terminated"),
        verdict=gone,
        cli=_on_instance("terminate-instances"),
        from_states=frozenset({"running", "starting", "stopping", "stopped"}),
        no_inverse_because="a terminated instance and its instance-store data are gone for good",
        expected_seconds=40,
        deadline_seconds=900,
    ),
    Operation(
        id="aws.ec2.delete_volume",
        action="delete",
        type=VOLUME,
        cloud=Cloud.AWS,
        effect=Effect.DESTROY,
        replay=ReplayClass.STATE,
        permissions=("ec2:DeleteVolume",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command("ec2", "delete-volume", resource.region, volume_id=own_id(resource)),
        from_states=frozenset({"available", "error"}),
        no_inverse_because="a deleted volume is gone for good; only a snapshot would bring its data back",
    ),
)

_TAGGING = (
    Operation(
        id="aws.ec2.create_tags",
        action="tag",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("ec2:CreateTags",),
        words=("Tag", "Tagging", "Tagged"),
        verdict=when(tagged),
        cli=lambda resource, params: command(
            "ec2",
            "create-tags",
            resource.region,
            resources=own_id(resource),
            tags=as_tag_options(texts(params, "tags")),
        ),
        params=(TAGS,),
        inverse=undo_tagging(add="aws.ec2.create_tags", remove="aws.ec2.delete_tags"),
        expected_seconds=2,
        deadline_seconds=60,
    ),
    Operation(
        id="aws.ec2.delete_tags",
        action="untag",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("ec2:DeleteTags",),
        words=("Untag", "Untagging", "Untagged"),
        verdict=when(untagged),
        cli=lambda resource, params: command(
            "ec2",
            "delete-tags",
            resource.region,
            resources=own_id(resource),
            tags=[f"Key={key}" for key in listed(params, "keys")],
        ),
        params=(KEYS,),
        inverse=undo_untagging(add="aws.ec2.create_tags"),
        expected_seconds=2,
        deadline_seconds=60,
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_POWER, *_TAGGING)
