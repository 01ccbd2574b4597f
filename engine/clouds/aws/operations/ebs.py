"""EBS volumes: snapshots, size, attachment, deletion.

Replay: a second snapshot would be another snapshot, and attaching, detaching and deleting refuse what is so already, so
recovery looks first (`state`).
"""

from engine.clouds.aws.operations.declaring import SNAPSHOT_TAG, SUFFIX, command, own_id, snapshots_taken
from engine.clouds.operation import (
    Effect,
    ExpandedStep,
    Inverse,
    Operation,
    Param,
    ParamKind,
    Params,
    ReplayClass,
    Verdict,
)
from engine.clouds.verdicts import gone, text, when
from engine.estate.resource import Cloud, Resource

VOLUME = "ec2::volume"
# https://docs.aws.amazon.com/ebs/latest/userguide/volume_constraints.html: 64 TiB at most.
_MOST_GB = 65_536


def _detached(now: Resource | None, _params: Params) -> Verdict:
    if now is None:
        return Verdict.NOT_DONE
    if now.facts.get("attached"):
        return Verdict.UNDERWAY if now.facts.get("attachment") == "detaching" else Verdict.NOT_DONE
    return Verdict.DONE if now.state == "available" else Verdict.UNDERWAY


def _attached(now: Resource | None, params: Params) -> Verdict:
    if now is None or now.facts.get("attached_to") != text(params, "instance"):
        return Verdict.NOT_DONE
    return Verdict.DONE if now.facts.get("attachment") == "attached" else Verdict.UNDERWAY


def _attached_again(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    where = {name: before.facts.get(fact) for name, fact in (("instance", "attached_to"), ("device", "device"))}
    return (ExpandedStep(operation="aws.ec2.attach_volume", params=where),) if all(where.values()) else ()


def _larger(now: Resource, params: Params) -> bool:
    return now.facts.get("size_gb") == params["size_gb"]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="aws.ec2.create_snapshot",
        action="snapshot",
        type=VOLUME,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("ec2:CreateSnapshot", "ec2:CreateTags"),
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        verdict=snapshots_taken,
        cli=lambda resource, params: command(
            "ec2",
            "create-snapshot",
            resource.region,
            volume_id=own_id(resource),
            tag_specifications=f"ResourceType=snapshot,Tags=[{{Key={SNAPSHOT_TAG},Value={text(params, 'suffix')}}}]",
        ),
        params=(SUFFIX,),
        from_states=frozenset({"available", "in-use"}),
        no_inverse_because="the snapshot is kept; delete it by hand when it is no longer needed",
        expected_seconds=120,
        deadline_seconds=3600,
    ),
    Operation(
        id="aws.ec2.modify_volume",
        action="resize",
        type=VOLUME,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("ec2:ModifyVolume",),
        words=("Enlarge", "Enlarging", "Enlarged"),
        verdict=when(_larger),
        cli=lambda resource, params: command(
            "ec2", "modify-volume", resource.region, volume_id=own_id(resource), size=str(params["size_gb"])
        ),
        params=(Param(name="size_gb", kind=ParamKind.INTEGER, most=_MOST_GB),),
        from_states=frozenset({"available", "in-use"}),
        no_inverse_because="AWS makes no volume smaller",
        expected_seconds=30,
        deadline_seconds=600,
    ),
    Operation(
        id="aws.ec2.detach_volume",
        action="detach",
        type=VOLUME,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("ec2:DetachVolume", "ec2:DescribeVolumes"),
        words=("Detach", "Detaching", "Detached"),
        verdict=_detached,
        cli=lambda resource, _params: command("ec2", "detach-volume", resource.region, volume_id=own_id(resource)),
        from_states=frozenset({"in-use"}),
        inverse=Inverse(operation="aws.ec2.attach_volume", choose=_attached_again),
    ),
    Operation(
        id="aws.ec2.attach_volume",
        action="",
        type=VOLUME,
        cloud=Cloud.AWS,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("ec2:AttachVolume",),
        words=("Attach", "Attaching", "Attached"),
        verdict=_attached,
        cli=lambda resource, params: command(
            "ec2",
            "attach-volume",
            resource.region,
            volume_id=own_id(resource),
            instance_id=text(params, "instance"),
            device=text(params, "device"),
        ),
        params=(
            Param(name="instance", kind=ParamKind.TEXT, pattern=r"i-[0-9a-f]{8,17}", most=24),
            Param(name="device", kind=ParamKind.TEXT, pattern=r"[/a-z0-9]+", most=32),
        ),
        from_states=frozenset({"available"}),
        inverse=Inverse(operation="aws.ec2.detach_volume"),
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
