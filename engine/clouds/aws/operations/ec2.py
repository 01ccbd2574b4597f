"""EC2 instances: power, size, snapshots, tags, deletion.

Replay: start and stop take an instance to a state and change nothing when it is there already, and so do tags (`natural`).
A deletion refuses what is gone and a snapshot would be a second one, so recovery looks first (`state`). A reboot leaves no trace and is never repeated.
"""

from engine.clouds.aws.operations.declaring import (
    KEYS,
    SNAPSHOT_TAG,
    SUFFIX,
    TAGS,
    CommandLine,
    as_tag_options,
    command,
    own_id,
    snapshots_taken,
    tagged,
    undo_tagging,
    undo_untagging,
    untagged,
)
from engine.clouds.operation import Effect, ExpandedStep, Inverse, Operation, Param, ParamKind, Params, ReplayClass
from engine.clouds.verdicts import by_state, gone, listed, text, texts, untold, when
from engine.estate.resource import Cloud, Resource

INSTANCE = "ec2::instance"
RESIZE = "aws.ec2.modify_instance_attribute"


def _on_instance(verb: str) -> CommandLine:
    return lambda resource, _params: command("ec2", verb, resource.region, instance_ids=own_id(resource))


def _size_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    return (ExpandedStep(operation=RESIZE, params={"instance_type": before.size}),) if before.size else ()


_INSTANCES = (
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
        id=RESIZE,
        action="resize",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("ec2:ModifyInstanceAttribute",),
        words=("Resize", "Resizing", "Resized"),
        verdict=when(lambda now, params: now.size == text(params, "instance_type")),
        cli=lambda resource, params: command(
            "ec2",
            "modify-instance-attribute",
            resource.region,
            instance_id=own_id(resource),
            instance_type=text(params, "instance_type"),
        ),
        params=(Param(name="instance_type", kind=ParamKind.TEXT, pattern=r"[a-z0-9\-]+\.[a-z0-9\-]+", most=40),),
        from_states=frozenset({"stopped"}),
        inverse=Inverse(operation=RESIZE, choose=_size_back),
        expected_seconds=2,
        deadline_seconds=60,
    ),
    Operation(
        id="aws.ec2.create_snapshots",
        action="snapshot",
        type=INSTANCE,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("ec2:CreateSnapshots", "ec2:CreateTags"),
        words=("Snapshot", "Taking snapshots of", "Took snapshots of"),
        verdict=snapshots_taken,
        cli=lambda resource, params: command(
            "ec2",
            "create-snapshots",
            resource.region,
            instance_specification=f"InstanceId={own_id(resource)}",
            tag_specifications=f"ResourceType=snapshot,Tags=[{{Key={SNAPSHOT_TAG},Value={text(params, 'suffix')}}}]",
        ),
        params=(SUFFIX,),
        no_inverse_because="the snapshots are kept; delete them by hand when they are no longer needed",
        expected_seconds=120,
        deadline_seconds=3600,
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

OPERATIONS: tuple[Operation, ...] = (*_INSTANCES, *_TAGGING)
