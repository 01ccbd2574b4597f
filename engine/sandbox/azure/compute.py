"""What Microsoft.Compute answers: machines and disks listed, read, created, changed, powered and deleted.

Sources: https://learn.microsoft.com/rest/api/compute/virtual-machines and https://learn.microsoft.com/rest/api/compute/disks.
"""

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox import sizes
from engine.sandbox.azure import errors
from engine.sandbox.azure.call import Call
from engine.sandbox.azure.machines import Power, VirtualMachine
from engine.sandbox.azure.operations import LongRunning

_LOCATION = re.compile(r"location eq '(?P<location>[a-z0-9]+)'")


class Turn(NamedTuple):
    """A power change: the state on the way and the state at the end."""

    during: Power
    after: Power


TURNS: Mapping[str, Turn] = {
    "start": Turn(Power.STARTING, Power.RUNNING),
    "restart": Turn(Power.RUNNING, Power.RUNNING),
    "powerOff": Turn(Power.STOPPING, Power.STOPPED),
    "deallocate": Turn(Power.DEALLOCATING, Power.DEALLOCATED),
}


def list_machines(call: Call) -> Response:
    """List the machines of a subscription, a resource group or a region; `statusOnly=true` answers their run-time state."""
    found = call.estate.machines_in(call.subscription, call.names.get("group", ""), call.names.get("location", ""))
    if call.query.get("statusOnly", "").lower() == "true":
        return call.page([machine.status_document() for machine in found])
    return call.page([machine.document() for machine in found])


def list_skus(call: Call) -> Response:
    """List the machine sizes of a region; one is closed to the subscription, as new or scarce sizes are.

    Raises:
        ArmError: 400 without a filter by location, the only one this endpoint knows; 404 without the subscription.
    """
    call.estate.subscription(call.subscription)
    found = _LOCATION.fullmatch(call.query.get("$filter", ""))
    if found is None:
        raise errors.invalid_parameter("The filter is not supported; write location eq 'REGION'.")
    location = found["location"]
    closed: Json = [{"type": "Location", "values": [location], "reasonCode": "NotAvailableForSubscription"}]
    return call.page(
        [
            {
                "resourceType": "virtualMachines",
                "name": name,
                "locations": [location],
                "restrictions": closed if name == sizes.AZURE_CLOSED else [],
            }
            for name in sorted({*sizes.AZURE, sizes.AZURE_CLOSED})
        ]
    )


def get_machine(call: Call) -> Response:
    """Return one machine, with its run-time view when `$expand=instanceView`."""
    expand = call.query.get("$expand", "").lower() == "instanceview"
    machine = _machine(call)
    return JSONResponse(machine.document(instance_view=expand), headers={"ETag": machine.etag})


def instance_view(call: Call) -> Response:
    """Return the run-time view of one machine."""
    return JSONResponse(_machine(call).instance_view())


def turn(verb: str, call: Call) -> Response:
    """Start, restart, stop or deallocate.

    Asking again for what is already under way joins it; asking for something else meanwhile is a conflict; what
    already is as wanted succeeds without a change.

    Raises:
        ArmError: 404, or 409 when another change is under way or a restart finds the machine not running.
    """
    machine = _machine(call)
    if machine.change is not None and machine.change.verb == verb:
        return call.accepted(machine.change.operation)
    if machine.change is not None:
        raise errors.conflict()
    if verb == "restart" and machine.power is not Power.RUNNING:
        raise errors.not_running()
    operation = _operation(call, machine)
    wanted = TURNS[verb]
    if verb == "restart" or machine.power is not wanted.after:
        machine.begin(verb, during=wanted.during, after=wanted.after, operation=operation)
    return call.accepted(operation)


def update_machine(call: Call) -> Response:
    """Replace the tags (wholly, as PATCH on a machine does) and the size, when they are given.

    Raises:
        ArmError: 404; 409 when another change is under way; 412 when `If-Match` names another version.
    """
    machine = _machine(call)
    _require_match(call, machine)
    if machine.change is not None:
        raise errors.conflict()
    operation = _operation(call, machine)
    tags = call.body.get("tags")
    if isinstance(tags, Mapping):
        machine.tags = {str(key): str(value) for key, value in tags.items()}
    machine.size = _size(call.body) or machine.size
    machine.begin("update", during=machine.power, after=machine.power, operation=operation)
    return call.accepted(operation, status=HTTPStatus.OK, document=machine.document())


def put_machine(call: Call) -> Response:
    """Create a machine from whatever body was given, or change the one of this name.

    Raises:
        ArmError: 400 without a location; 404 without the subscription; 412 as for `update_machine`.
    """
    call.estate.subscription(call.subscription)
    location = call.body.get("location")
    if not isinstance(location, str) or not location:
        raise errors.invalid_parameter("Required parameter 'location' is missing (null).")
    try:
        _machine(call)
    except errors.ArmError:
        return _create(call, location)
    return update_machine(call)


def delete_machine(call: Call) -> Response:
    """Delete a machine; its disks stay, unattached.

    Raises:
        ArmError: 409 when another change is under way.
    """
    try:
        machine = _machine(call)
    except errors.ArmError:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if machine.change is not None and machine.change.verb == "delete":
        return call.accepted(machine.change.operation)
    operation = _operation(call, machine)
    machine.begin("delete", during=machine.power, after=machine.power, operation=operation)
    return call.accepted(operation)


def list_disks(call: Call) -> Response:
    """List the disks of a subscription or a resource group."""
    return call.page([disk.document() for disk in call.estate.disks_in(call.subscription, call.names.get("group", ""))])


def get_disk(call: Call) -> Response:
    """Return one disk."""
    return JSONResponse(call.estate.disk(call.subscription, call.names["group"], call.names["name"]).document())


def delete_disk(call: Call) -> Response:
    """Delete a disk that no machine has; one that is already gone is no error.

    Raises:
        ArmError: 409 while a machine has it.
    """
    try:
        disk = call.estate.disk(call.subscription, call.names["group"], call.names["name"])
    except errors.ArmError:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if disk.machine is not None:
        raise errors.disk_in_use(disk.name, disk.machine.id)
    operation = call.estate.operations.begin(subscription=disk.subscription, location=disk.location)
    del call.estate.disks[disk.id.lower()]
    return call.accepted(operation)


def get_operation(call: Call) -> Response:
    """Answer a poll: the status document, or for the `Location` address 202 until the end and then 200."""
    operations = call.estate.operations
    operation = operations.get(call.names["operation"])
    if call.query.get("monitor") != "true":
        return JSONResponse(operations.status(operation), headers={"Retry-After": "1"})
    if operations.finished(operation):
        return Response(status_code=HTTPStatus.OK)
    return call.accepted(operation)


def _machine(call: Call) -> VirtualMachine:
    return call.estate.machine(call.subscription, call.names["group"], call.names["name"])


def _operation(call: Call, machine: VirtualMachine) -> LongRunning:
    return call.estate.operations.begin(subscription=machine.subscription, location=machine.location)


def _require_match(call: Call, machine: VirtualMachine) -> None:
    if call.if_match and call.if_match not in {"*", machine.etag}:
        raise errors.precondition_failed(call.if_match)


def _size(body: Mapping[str, Json]) -> str:
    properties = body.get("properties")
    hardware = properties.get("hardwareProfile") if isinstance(properties, Mapping) else None
    size = hardware.get("vmSize") if isinstance(hardware, Mapping) else None
    return size if isinstance(size, str) else ""


def _create(call: Call, location: str) -> Response:
    tags, zones = call.body.get("tags"), call.body.get("zones")
    machine = VirtualMachine(
        subscription=call.subscription.lower(),
        group=call.names["group"],
        name=call.names["name"],
        location=location.lower().replace(" ", ""),
        size=_size(call.body) or "Standard_B2s",
        vm_id=str(uuid.uuid4()),
        created_at=call.estate.clock(),
        zone=str(zones[0]) if isinstance(zones, list) and zones else "",
        tags={str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {},
    )
    call.estate.add_group(machine.subscription, machine.group, machine.location)
    operation = _operation(call, machine)
    machine.begin("create", during=Power.STARTING, after=Power.RUNNING, operation=operation)
    call.estate.add(machine)
    return call.accepted(operation, status=HTTPStatus.CREATED, document=machine.document())
