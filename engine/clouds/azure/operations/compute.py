"""Virtual machines, managed disks and snapshots.

Replay: start, stop and delete take a thing to a state and change nothing when it is there already (`natural`). Tags are written under
the machine's etag (`cas`). A restart leaves no trace and is never repeated.
"""

from dataclasses import replace

from engine.clouds.azure.operations.declaring import (
    INSTANCE_TYPE,
    KEYS,
    REMOVE,
    SIZE,
    SNAPSHOT_TAG,
    SUFFIX,
    TAGS,
    UNDO_UPDATE,
    collection_name,
    command,
    copied,
    settled,
    snapshot_name,
    tagged,
)
from engine.clouds.operation import Composite, Effect, ExpandedStep, Inverse, Operation, Params, ReplayClass
from engine.clouds.verdicts import by_state, gone, listed, text, texts, untold, when
from engine.estate.resource import Cloud, Json, Resource

MACHINE, DISK, SNAPSHOT = "compute::virtualmachine", "compute::disk", "compute::snapshot"
START, DEALLOCATE = "azure.compute.virtual_machines_start", "azure.compute.virtual_machines_deallocate"
POWER_OFF, UPDATE = "azure.compute.virtual_machines_power_off", "azure.compute.virtual_machines_update"
COLLECT, POINT = "azure.compute.restore_point_collections_create_or_update", "azure.compute.restore_points_create"
_VM = "Microsoft.Compute/virtualMachines"


def _stopped_again(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Return how to stop what was started: the way in which it had been stopped."""
    return (ExpandedStep(operation=POWER_OFF if before.state == "stopped" else DEALLOCATE),)


def _as_it_ran(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Return how to take a stop back: what did not run before is not started."""
    return (ExpandedStep(operation=START),) if before.state == "running" else ()


def _update_line(resource: Resource, params: Params) -> str:
    pairs = [f"tags.{key}={value}" for key, value in texts(params, "tags").items()]
    gone_keys = [f"tags.{key}" for key in listed(params, "remove")]
    if size := text(params, "size"):
        pairs.append(f"hardwareProfile.vmSize={size}")
    options = (*(("--set", *pairs) if pairs else ()), *(("--remove", *gone_keys) if gone_keys else ()))
    return command("vm", "update", resource=resource, options=options)


def _snapshot_line(resource: Resource, params: Params) -> str:
    name = snapshot_name(resource, params)
    mark = f"{SNAPSHOT_TAG}={text(params, 'suffix')}"
    options = ("--source", resource.id, "--incremental", "true", "--tags", mark)
    return command("snapshot", "create", resource=replace(resource, name=name), options=options)


_POWER = (
    Operation(
        id=START,
        action="start",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=(f"{_VM}/start/action",),
        words=("Start", "Starting", "Started"),
        verdict=settled(by_state(done=("running",), underway=("starting",))),
        cli=lambda resource, _params: command("vm", "start", resource=resource),
        from_states=frozenset({"deallocated", "stopped"}),
        inverse=Inverse(operation=DEALLOCATE, choose=_stopped_again),
        expected_seconds=40,
        deadline_seconds=600,
    ),
    Operation(
        id=DEALLOCATE,
        action="stop",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=(f"{_VM}/deallocate/action",),
        words=("Stop", "Stopping", "Stopped"),
        verdict=settled(by_state(done=("deallocated",), underway=("stopping",))),
        cli=lambda resource, _params: command("vm", "deallocate", resource=resource),
        from_states=frozenset({"running", "stopped"}),
        inverse=Inverse(operation=START, choose=_as_it_ran),
        expected_seconds=60,
        deadline_seconds=900,
    ),
    Operation(
        id=POWER_OFF,
        action="",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=(f"{_VM}/powerOff/action",),
        words=("Power off", "Powering off", "Powered off"),
        verdict=settled(by_state(done=("stopped", "deallocated"), underway=("stopping",))),
        cli=lambda resource, _params: command("vm", "stop", resource=resource),
        from_states=frozenset({"running"}),
        inverse=Inverse(operation=START, choose=_as_it_ran),
        expected_seconds=40,
        deadline_seconds=600,
    ),
    Operation(
        id="azure.compute.virtual_machines_restart",
        action="restart",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.ONCE,
        permissions=(f"{_VM}/restart/action",),
        words=("Restart", "Restarting", "Restarted"),
        verdict=untold,
        cli=lambda resource, _params: command("vm", "restart", resource=resource),
        from_states=frozenset({"running"}),
        no_inverse_because="a restart cannot be taken back",
        expected_seconds=40,
    ),
)

_TAGGING = (
    Operation(
        id=UPDATE,
        action="tag",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.CAS,
        permissions=(f"{_VM}/write",),
        words=("Tag", "Tagging", "Tagged"),
        verdict=settled(when(tagged)),
        cli=_update_line,
        params=(TAGS, REMOVE, SIZE),
        inverse=UNDO_UPDATE,
        expected_seconds=5,
        deadline_seconds=120,
    ),
)

_DELETING = (
    Operation(
        id="azure.compute.virtual_machines_delete",
        action="delete",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.DESTROY,
        replay=ReplayClass.NATURAL,
        permissions=(f"{_VM}/delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command("vm", "delete", resource=resource, options=("--yes",)),
        from_states=frozenset({"running", "stopped", "deallocated"}),
        no_inverse_because="a deleted virtual machine is gone for good; its disks are kept unless they were set to go with it",
        expected_seconds=60,
        deadline_seconds=900,
    ),
    Operation(
        id="azure.compute.disks_delete",
        action="delete",
        type=DISK,
        cloud=Cloud.AZURE,
        effect=Effect.DESTROY,
        replay=ReplayClass.NATURAL,
        permissions=("Microsoft.Compute/disks/delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command("disk", "delete", resource=resource, options=("--yes",)),
        from_states=frozenset({"available"}),
        no_inverse_because="a deleted disk is gone for good; only a snapshot would bring its data back",
    ),
)


_COPYING = (
    Operation(
        id=COLLECT,
        action="",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("Microsoft.Compute/restorePointCollections/write", f"{_VM}/read"),
        words=("Prepare restore points of", "Preparing restore points of", "Prepared restore points of"),
        verdict=when(lambda now, _params: now.facts.get("restore_points") is True),
        cli=lambda resource, _params: command(
            "restore-point",
            "collection",
            "create",
            resource=resource,
            named=("--collection-name", collection_name(resource)),
            options=("--source-id", resource.id),
        ),
        no_inverse_because="the collection holds restore points and costs nothing by itself",
        expected_seconds=5,
    ),
    Operation(
        id=POINT,
        action="",
        type=MACHINE,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.STATE,
        permissions=("Microsoft.Compute/restorePointCollections/restorePoints/write",),
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        verdict=copied(lambda _now, params: text(params, "suffix")),
        cli=lambda resource, params: command(
            "restore-point",
            "create",
            resource=resource,
            named=("--name", text(params, "suffix")),
            options=("--collection-name", collection_name(resource)),
        ),
        params=(SUFFIX,),
        no_inverse_because="the restore point is kept; delete it when it is no longer needed",
        expected_seconds=120,
        deadline_seconds=3600,
    ),
    Operation(
        id="azure.compute.snapshots_create_or_update",
        action="snapshot",
        type=DISK,
        cloud=Cloud.AZURE,
        effect=Effect.WRITE,
        replay=ReplayClass.NATURAL,
        permissions=("Microsoft.Compute/snapshots/write", "Microsoft.Compute/disks/beginGetAccess/action"),
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        verdict=copied(snapshot_name),
        cli=_snapshot_line,
        params=(SUFFIX,),
        no_inverse_because="the snapshot is kept; delete it when it is no longer needed",
        expected_seconds=60,
        deadline_seconds=3600,
    ),
    Operation(
        id="azure.compute.snapshots_delete",
        action="delete",
        type=SNAPSHOT,
        cloud=Cloud.AZURE,
        effect=Effect.DESTROY,
        replay=ReplayClass.NATURAL,
        permissions=("Microsoft.Compute/snapshots/delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command("snapshot", "delete", resource=resource),
        no_inverse_because="a deleted snapshot is gone for good",
    ),
)


def _restore_point(_resource: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Take a restore point, which holds all disks of a machine as they are at one moment."""
    return (
        ExpandedStep(operation=COLLECT, reason="restore points are kept in a collection of the machine"),
        ExpandedStep(operation=POINT, after=(0,), reason="all disks at one moment"),
    )


def _resize(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    """Deallocate what runs, give it the size, start it again; nothing when it has the size."""
    size = text(params, "instance_type")
    if resource.size.lower() == size.lower():
        return ()
    change = ExpandedStep(operation=UPDATE, params={"size": size})
    if resource.state != "running":
        return (change,)
    return (
        ExpandedStep(operation=DEALLOCATE, reason="a size is changed while the machine is deallocated"),
        replace(change, after=(0,)),
        ExpandedStep(operation=START, after=(1,), reason="it was running"),
    )


def _untag(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    unwanted = {key.lower() for key in listed(params, "keys")}
    there: list[Json] = [key for key in sorted(resource.tags) if key.lower() in unwanted]
    return (ExpandedStep(operation=UPDATE, params={"remove": there}),) if there else ()


OPERATIONS: tuple[Operation, ...] = (*_POWER, *_TAGGING, *_COPYING, *_DELETING)
COMPOSITES: tuple[Composite, ...] = (
    Composite(
        id="escher.azure.snapshot_virtual_machine",
        action="snapshot",
        type=MACHINE,
        cloud=Cloud.AZURE,
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        expand=_restore_point,
    ),
    Composite(
        id="escher.azure.resize_virtual_machine",
        action="resize",
        type=MACHINE,
        cloud=Cloud.AZURE,
        words=("Resize", "Resizing", "Resized"),
        expand=_resize,
        params=(INSTANCE_TYPE,),
    ),
    Composite(
        id="escher.azure.untag_virtual_machine",
        action="untag",
        type=MACHINE,
        cloud=Cloud.AZURE,
        words=("Untag", "Untagging", "Untagged"),
        expand=_untag,
        params=(KEYS,),
    ),
)
