"""Instances and persistent disks.

Replay: start, stop and delete carry a `requestId`, under which Compute Engine does a thing once for at least an hour, and take a thing
to a state in which repeating them changes nothing (`token`). Labels are written under their fingerprint (`cas`). A reset leaves no trace
and is never repeated: recovery may come later than the hour.
"""

from engine.clouds.gcp.operations.declaring import KEYS, REMOVE, SET_LABELS, TAGS, UNDO_LABELS, command, tagged
from engine.clouds.operation import Composite, Effect, ExpandedStep, Inverse, Operation, Params, ReplayClass
from engine.clouds.verdicts import by_state, gone, listed, texts, untold, when
from engine.estate.resource import Cloud, Json, Resource

INSTANCE, DISK = "compute::instance", "compute::disk"
START, STOP = "gcp.compute.instances_start", "gcp.compute.instances_stop"


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


def _unlabel(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    there: list[Json] = [key for key in sorted(set(listed(params, "keys"))) if key in resource.tags]
    return (ExpandedStep(operation=SET_LABELS, params={"remove": there}),) if there else ()


OPERATIONS: tuple[Operation, ...] = (*_POWER, *_LABELLING, *_DELETING)
COMPOSITES: tuple[Composite, ...] = (
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
