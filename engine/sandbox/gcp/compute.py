"""What Compute Engine answers: instances and disks listed, read, created, changed, powered and deleted.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/instances and the pages of its methods.
"""

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox import sizes
from engine.sandbox.gcp import access, errors
from engine.sandbox.gcp.call import Call
from engine.sandbox.gcp.disks import PersistentDisk
from engine.sandbox.gcp.links import link
from engine.sandbox.gcp.machines import Instance, Status, valid_labels
from engine.sandbox.gcp.operations import ZoneOperation


class Turn(NamedTuple):
    """A change of the status: from where, the status on the way and the status at the end."""

    allowed: frozenset[Status]
    during: Status
    after: Status


TURNS: Mapping[str, Turn] = {
    "start": Turn(frozenset({Status.TERMINATED}), Status.STAGING, Status.RUNNING),
    "stop": Turn(frozenset({Status.RUNNING, Status.SUSPENDED}), Status.STOPPING, Status.TERMINATED),
    "reset": Turn(frozenset({Status.RUNNING}), Status.RUNNING, Status.RUNNING),
    "suspend": Turn(frozenset({Status.RUNNING}), Status.SUSPENDING, Status.SUSPENDED),
    "resume": Turn(frozenset({Status.SUSPENDED}), Status.STAGING, Status.RUNNING),
}


def aggregate_instances(call: Call) -> Response:
    """List the instances of all zones."""
    found = call.estate.instances_in(call.project)
    return call.aggregated(
        "compute#instanceAggregatedList", "instances", [(each.zone, each.document()) for each in found]
    )


def list_instances(call: Call) -> Response:
    """List the instances of one zone."""
    zone = call.estate.zone(call.project, call.zone)
    return call.page("compute#instanceList", [each.document() for each in call.estate.instances_in(call.project, zone)])


def get_instance(call: Call) -> Response:
    """Return one instance."""
    return JSONResponse(_instance(call).document())


def get_machine_type(call: Call) -> Response:
    """Return one machine type of a zone.

    Raises:
        ComputeError: 404 where the zone has none of this name.
    """
    zone, name = call.estate.zone(call.project, call.zone), call.names["name"]
    path = f"projects/{call.project}/zones/{zone}/machineTypes/{name}"
    if name not in sizes.GCP:
        raise errors.not_found(path)
    return JSONResponse({"kind": "compute#machineType", "name": name, "zone": zone, "selfLink": link(path)})


def turn(verb: str, call: Call) -> Response:
    """Start, stop, reset, suspend or resume.

    Asking for what already is succeeds without a change; asking again for what is under way joins it; everything else
    that the status does not allow is refused.

    Raises:
        ComputeError: 404, 400 for the status or the `requestId`.
    """
    instance = _instance(call)
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    wanted = TURNS[verb]
    if instance.change is not None and instance.change.verb == verb:
        return call.operation(instance.change.operation)
    already = instance.status is wanted.after and verb != "reset"
    if instance.change is not None or not (already or instance.status in wanted.allowed):
        raise errors.not_ready(instance.path)
    operation = _operation(call, verb, instance, at_once=already)
    if not already:
        instance.begin(verb, during=wanted.during, after=wanted.after, operation=operation)
    return call.operation(operation)


def set_labels(call: Call) -> Response:
    """Replace the labels, when the fingerprint is that of the present ones.

    Raises:
        ComputeError: 404; 400 for a label's form; 412 for a stale or missing fingerprint.
    """
    instance = _instance(call)
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    labels = valid_labels(call.body.get("labels"))
    if call.body.get("labelFingerprint") != instance.fingerprint:
        raise errors.stale_labels()
    instance.labels = labels
    return call.operation(_operation(call, "setLabels", instance))


def set_machine_type(call: Call) -> Response:
    """Give a stopped instance another machine type.

    Raises:
        ComputeError: 404; 400 without a type, or while the instance is not stopped.
    """
    instance = _instance(call)
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    wanted = str(call.body.get("machineType") or "").rsplit("/", 1)[-1]
    if not wanted:
        raise errors.invalid("resource.machineType", "", "The URL is malformed.")
    if instance.status is not Status.TERMINATED:
        raise errors.not_ready(instance.path)
    instance.size = wanted
    return call.operation(_operation(call, "setMachineType", instance))


def insert(call: Call) -> Response:
    """Create an instance from whatever body was given, with a boot disk of its name.

    Raises:
        ComputeError: 400 without a name or with an unknown zone, 409 when the name is taken.
    """
    zone = call.estate.zone(call.project, call.zone)
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    name = call.body.get("name")
    if not isinstance(name, str) or not name:
        raise errors.invalid("resource.name", "", "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'")
    instance = Instance(
        project=call.project,
        zone=zone,
        name=name,
        id=number(),
        size=str(call.body.get("machineType") or "e2-micro").rsplit("/", 1)[-1],
        created_at=call.estate.clock(),
        labels=valid_labels(call.body.get("labels")),
        protected=call.body.get("deletionProtection") is True,
    )
    if instance.path in call.estate.instances:
        raise errors.exists(instance.path)
    disk = PersistentDisk(
        project=call.project,
        zone=zone,
        name=name,
        id=number(),
        size_gb=10,
        kind="pd-balanced",
        created_at=instance.created_at,
        instance=instance,
    )
    instance.disks.append(disk.path)
    call.estate.disks[disk.path] = disk
    operation = _operation(call, "insert", instance)
    instance.begin("insert", during=Status.PROVISIONING, after=Status.RUNNING, operation=operation)
    call.estate.add(instance)
    return call.operation(operation)


def delete(call: Call) -> Response:
    """Delete an instance; its disks stay.

    Raises:
        ComputeError: 404; 400 when it is protected or another change is under way.
    """
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    instance = _instance(call)
    if instance.protected:
        raise errors.ComputeError(
            400,
            "resourceInUseByAnotherResource",
            f"Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. Resource: {instance.path}'.",
        )
    if instance.change is not None:
        raise errors.not_ready(instance.path)
    operation = _operation(call, "delete", instance)
    instance.begin("delete", during=Status.STOPPING, after=Status.TERMINATED, operation=operation)
    return call.operation(operation)


def test_permissions(call: Call) -> Response:
    """Answer which permissions the caller holds on an instance."""
    _instance(call)
    return JSONResponse(access.held(call.body.get("permissions")))


def test_disk_permissions(call: Call) -> Response:
    """Answer which permissions the caller holds on a disk."""
    call.estate.disk(call.project, call.zone, call.names["name"])
    return JSONResponse(access.held(call.body.get("permissions")))


def delete_disk(call: Call) -> Response:
    """Delete a disk that no instance uses.

    Raises:
        ComputeError: 404; 400 while an instance uses it.
    """
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    disk = call.estate.disk(call.project, call.zone, call.names["name"])
    if disk.instance is not None:
        raise errors.ComputeError(
            400,
            "resourceInUseByAnotherResource",
            f"The disk resource '{disk.path}' is already being used by '{disk.instance.path}'",
        )
    del call.estate.disks[disk.path]
    return call.operation(_operation(call, "delete", disk))


def aggregate_disks(call: Call) -> Response:
    """List the disks of all zones."""
    found = call.estate.disks_in(call.project)
    return call.aggregated("compute#diskAggregatedList", "disks", [(each.zone, each.document()) for each in found])


def list_disks(call: Call) -> Response:
    """List the disks of one zone."""
    zone = call.estate.zone(call.project, call.zone)
    return call.page("compute#diskList", [each.document() for each in call.estate.disks_in(call.project, zone)])


def get_disk(call: Call) -> Response:
    """Return one disk."""
    return JSONResponse(call.estate.disk(call.project, call.zone, call.names["name"]).document())


def list_zones(call: Call) -> Response:
    """List the zones."""
    call.estate.project(call.project)
    return call.page("compute#zoneList", [_place(call, "zone", zone) for zone in call.estate.zones])


def list_regions(call: Call) -> Response:
    """List the regions."""
    call.estate.project(call.project)
    regions = sorted({zone.rsplit("-", 1)[0] for zone in call.estate.zones})
    return call.page("compute#regionList", [_place(call, "region", region) for region in regions])


def get_operation(call: Call) -> Response:
    """Answer how an operation stands."""
    return call.operation(call.estate.operations.get(call.project, call.zone, call.names["operation"]))


async def wait_operation(call: Call) -> Response:
    """Answer when an operation is done, or after two minutes."""
    operation = call.estate.operations.get(call.project, call.zone, call.names["operation"])
    await call.estate.operations.wait(operation)
    return call.operation(operation)


def _instance(call: Call) -> Instance:
    return call.estate.instance(call.project, call.zone, call.names["name"])


def _operation(call: Call, verb: str, thing: Instance | PersistentDisk, *, at_once: bool = False) -> ZoneOperation:
    return call.estate.operations.begin(
        verb,
        project=call.project,
        zone=call.zone,
        target=thing.path,
        target_id=thing.id,
        request_id=call.request_id,
        at_once=at_once,
    )


def _place(call: Call, kind: str, name: str) -> dict[str, Json]:
    document: dict[str, Json] = {
        "kind": f"compute#{kind}",
        "name": name,
        "status": "UP",
        "selfLink": link(f"projects/{call.project}/{kind}s/{name}"),
    }
    if kind == "zone":
        document["region"] = link(f"projects/{call.project}/regions/{name.rsplit('-', 1)[0]}")
    return document


def number() -> str:
    """Return a new id."""
    return str(uuid.uuid4().int % 10**18 + 10**18)
