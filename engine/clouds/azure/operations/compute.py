"""Virtual machines and managed disks.

Replay: start, stop and delete take a thing to a state and change nothing when it is there already (`natural`). Tags are written under
the machine's etag (`cas`). A restart leaves no trace and is never repeated.
"""

from engine.clouds.azure.operations.declaring import KEYS, REMOVE, TAGS, UNDO_TAGGING, command, tagged
from engine.clouds.operation import Composite, Effect, ExpandedStep, Inverse, Operation, Params, ReplayClass
from engine.clouds.verdicts import by_state, gone, listed, texts, untold, when
from engine.estate.resource import Cloud, Json, Resource

MACHINE, DISK = "compute::virtualmachine", "compute::disk"
START, DEALLOCATE = "azure.compute.virtual_machines_start", "azure.compute.virtual_machines_deallocate"
POWER_OFF, UPDATE = "azure.compute.virtual_machines_power_off", "azure.compute.virtual_machines_update"
_VM = "Microsoft.Compute/virtualMachines"


def _stopped_again(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Return how to stop what was started: the way in which it had been stopped."""
    return (ExpandedStep(operation=POWER_OFF if before.state == "stopped" else DEALLOCATE),)


def _as_it_ran(before: Resource, _params: Params) -> tuple[ExpandedStep, ...]:
    """Return how to take a stop back: what did not run before is not started."""
    return (ExpandedStep(operation=START),) if before.state == "running" else ()


def _tags_after(resource: Resource, params: Params) -> str:
    pairs = [f"tags.{key}={value}" for key, value in texts(params, "tags").items()]
    gone_keys = [f"tags.{key}" for key in listed(params, "remove")]
    options = (*(("--set", *pairs) if pairs else ()), *(("--remove", *gone_keys) if gone_keys else ()))
    return command("vm", "update", resource=resource, options=options)


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
        verdict=by_state(done=("running",), underway=("starting",)),
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
        verdict=by_state(done=("deallocated",), underway=("stopping",)),
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
        verdict=by_state(done=("stopped", "deallocated"), underway=("stopping",)),
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
        verdict=when(tagged),
        cli=_tags_after,
        params=(TAGS, REMOVE),
        inverse=UNDO_TAGGING,
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


def _untag(resource: Resource, params: Params) -> tuple[ExpandedStep, ...]:
    unwanted = {key.lower() for key in listed(params, "keys")}
    there: list[Json] = [key for key in sorted(resource.tags) if key.lower() in unwanted]
    return (ExpandedStep(operation=UPDATE, params={"remove": there}),) if there else ()


OPERATIONS: tuple[Operation, ...] = (*_POWER, *_TAGGING, *_DELETING)
COMPOSITES: tuple[Composite, ...] = (
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
