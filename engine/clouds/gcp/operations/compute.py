"""Instances, persistent disks and snapshots.

Replay: start, stop and delete carry a `requestId`, under which Compute Engine does a thing once for at least an hour, and take a thing
to a state in which repeating them changes nothing (`token`). Labels are written under their fingerprint (`cas`). A reset leaves no trace
and is never repeated: recovery may come later than the hour.
"""

from dataclasses import replace

from engine.clouds.gcp.operations.declaring import (
    INSTANCE_TYPE,
    KEYS,
    REMOVE,
    SET_LABELS,
    SUFFIX,
    TAGS,
    UNDO_LABELS,
    command,
    copied,
    copy_name,
    global_command,
    tagged,
)
from engine.clouds.operation import Composite, Effect, ExpandedStep, Inverse, Operation, Params, ReplayClass
from engine.clouds.verdicts import by_state, gone, listed, text, texts, untold, when
from engine.estate.resource import Cloud, Json, Resource

INSTANCE, DISK, SNAPSHOT = "compute::instance", "compute::disk", "compute::snapshot"
START, STOP = "gcp.compute.instances_start", "gcp.compute.instances_stop"
RESIZE = "gcp.compute.instances_set_machine_type"


def _as_it_ran(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Return how to take a stop back: what did not run before is not started."""
    return (ExpandedStep(operation=START),) if before.state == "running" else ()


_POWER = (
    Operation(
        id=START,
        action="start",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.TOKEN,
        permissions=("compute.instances.start",),
        words=("Start", "Starting", "Started"),
        verdict=by_state(done=("running",), underway=("starting",)),
        cli=lambda resource, _params: command("compute", "instances", "start", resource=resource),
        from_states=frozenset({"stopped"}),
        inverse=Inverse(operation=STOP),
        expected_seconds=30,
        deadline_seconds=600,
    ),
    Operation(
        id=STOP,
        action="stop",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.TOKEN,
        permissions=("compute.instances.stop",),
        words=("Stop", "Stopping", "Stopped"),
        verdict=by_state(done=("stopped",), underway=("stopping",)),
        cli=lambda resource, _params: command("compute", "instances", "stop", resource=resource),
        from_states=frozenset({"running", "suspended"}),
        inverse=Inverse(operation=START, choose=_as_it_ran),
        expected_seconds=60,
        deadline_seconds=600,
    ),
    Operation(
        id="gcp.compute.instances_reset",
        action="restart",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.ONCE,
        permissions=("compute.instances.reset",),
        words=("Reset", "Resetting", "Reset"),
        verdict=untold,
        cli=lambda resource, _params: command("compute", "instances", "reset", resource=resource),
        from_states=frozenset({"running"}),
        no_inverse_because="a reset cannot be taken back; it does not shut the guest down cleanly",
        expected_seconds=10,
    ),
)


def _labels_after(resource: Resource, params: Params) -> str:
    pairs = ",".join(f"{key}={value}" for key, value in texts(params, "tags").items())
    unwanted = ",".join(listed(params, "remove"))
    options = (
        *((f"--update-labels={pairs}",) if pairs else ()),
        *((f"--remove-labels={unwanted}",) if unwanted else ()),
    )
    return command("compute", "instances", "update", resource=resource, options=options)


_LABELLING = (
    Operation(
        id=SET_LABELS,
        action="tag",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.CAS,
        permissions=("compute.instances.setLabels",),
        words=("Label", "Labelling", "Labelled"),
        verdict=when(tagged),
        cli=_labels_after,
        params=(TAGS, REMOVE),
        inverse=UNDO_LABELS,
        expected_seconds=5,
        deadline_seconds=120,
    ),
)

_DELETING = (
    Operation(
        id="gcp.compute.instances_delete",
        action="delete",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.DESTROY,
        replay=ReplayClass.TOKEN,
        permissions=("compute.instances.delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command(
            "compute", "instances", "delete", resource=resource, options=("--quiet",)
        ),
        from_states=frozenset({"running", "stopped", "suspended"}),
        no_inverse_because="a deleted instance is gone for good, and so are the disks that were set to go with it",
        expected_seconds=60,
        deadline_seconds=900,
    ),
    Operation(
        id="gcp.compute.disks_delete",
        action="delete",
        type=DISK,
        cloud=Cloud.GCP,
        effect=Effect.DESTROY,
        replay=ReplayClass.TOKEN,
        permissions=("compute.disks.delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: command("compute", "disks", "delete", resource=resource, options=("--quiet",)),
        from_states=frozenset({"available"}),
        no_inverse_because="a deleted disk is gone for good; only a snapshot would bring its data back",
    ),
)


def _size_back(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    return (ExpandedStep(operation=RESIZE, params={"instance_type": before.size}),) if before.size else ()


_SIZING = (
    Operation(
        id=RESIZE,
        action="",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.TOKEN,
        permissions=("compute.instances.setMachineType",),
        words=("Resize", "Resizing", "Resized"),
        verdict=when(lambda now, params: now.size == text(params, "instance_type")),
        cli=lambda resource, params: command(
            "compute",
            "instances",
            "set-machine-type",
            resource=resource,
            options=("--machine-type", text(params, "instance_type")),
        ),
        params=(INSTANCE_TYPE,),
        from_states=frozenset({"stopped"}),
        inverse=Inverse(operation=RESIZE, choose=_size_back),
        expected_seconds=10,
        deadline_seconds=120,
    ),
)

_COPYING = (
    Operation(
        id="gcp.compute.machine_images_insert",
        action="snapshot",
        type=INSTANCE,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.TOKEN,
        permissions=("compute.machineImages.create", "compute.instances.useReadOnly"),
        words=("Snapshot", "Taking an image of", "Took an image of"),
        verdict=copied,
        cli=lambda resource, params: global_command(
            "compute",
            "machine-images",
            "create",
            resource=resource,
            name=copy_name(resource, params),
            options=("--source-instance", resource.id),
        ),
        params=(SUFFIX,),
        no_inverse_because="the machine image is kept; delete it when it is no longer needed",
        expected_seconds=120,
        deadline_seconds=3600,
    ),
    Operation(
        id="gcp.compute.disks_create_snapshot",
        action="snapshot",
        type=DISK,
        cloud=Cloud.GCP,
        effect=Effect.WRITE,
        replay=ReplayClass.TOKEN,
        permissions=("compute.disks.createSnapshot", "compute.snapshots.create"),
        words=("Snapshot", "Taking a snapshot of", "Took a snapshot of"),
        verdict=copied,
        cli=lambda resource, params: command(
            "compute",
            "disks",
            "snapshot",
            resource=resource,
            options=("--snapshot-names", copy_name(resource, params)),
        ),
        params=(SUFFIX,),
        no_inverse_because="the snapshot is kept; delete it when it is no longer needed",
        expected_seconds=60,
        deadline_seconds=3600,
    ),
    Operation(
        id="gcp.compute.snapshots_delete",
        action="delete",
        type=SNAPSHOT,
        cloud=Cloud.GCP,
        effect=Effect.DESTROY,
        replay=ReplayClass.TOKEN,
        permissions=("compute.snapshots.delete",),
        words=("Delete", "Deleting", "Deleted"),
        verdict=gone,
        cli=lambda resource, _params: global_command(
            "compute", "snapshots", "delete", resource=resource, name=resource.short_id, options=("--quiet",)
        ),
        no_inverse_because="a deleted snapshot is gone for good",
    ),
)


def _resize(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    """Stop what runs, give it the machine type, start it again; nothing when it has the type."""
    if resource.size == text(params, "instance_type"):
        return ()
    change = ExpandedStep(operation=RESIZE, params=params)
    if resource.state != "running":
        return (change,)
    return (
        ExpandedStep(operation=STOP, reason="a machine type is changed while the instance is stopped"),
        replace(change, after=(0,)),
        ExpandedStep(operation=START, after=(1,), reason="it was running"),
    )


def _unlabel(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    there: list[Json] = [key for key in sorted(set(listed(params, "keys"))) if key in resource.tags]
    return (ExpandedStep(operation=SET_LABELS, params={"remove": there}),) if there else ()


OPERATIONS: tuple[Operation, ...] = (*_POWER, *_LABELLING, *_SIZING, *_COPYING, *_DELETING)
COMPOSITES: tuple[Composite, ...] = (
    Composite(
        id="escher.gcp.resize_instance",
        action="resize",
        type=INSTANCE,
        cloud=Cloud.GCP,
        words=("Resize", "Resizing", "Resized"),
        expand=_resize,
        params=(INSTANCE_TYPE,),
    ),
    Composite(
        id="escher.gcp.unlabel_instance",
        action="untag",
        type=INSTANCE,
        cloud=Cloud.GCP,
        words=("Unlabel", "Unlabelling", "Unlabelled"),
        expand=_unlabel,
        params=(KEYS,),
    ),
)
