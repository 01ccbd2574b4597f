"""What Microsoft.Compute answers about snapshots of disks and restore points of machines.

Sources: https://learn.microsoft.com/rest/api/compute/snapshots and https://learn.microsoft.com/rest/api/compute/restore-points.
"""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.azure.call import Call
from engine.sandbox.azure.disks import ManagedDisk
from engine.sandbox.azure.snapshots import COLLECTION, KIND, RestorePoints, Snapshot


def list_snapshots(call: Call) -> Response:
    """List the snapshots of a subscription or a resource group."""
    found = call.estate.snapshots_in(call.subscription, call.names.get("group", ""))
    return call.page([snapshot.document(call.estate.operations) for snapshot in found])


def get_snapshot(call: Call) -> Response:
    """Return one snapshot.

    Raises:
        ArmError: 404 when it does not exist.
    """
    found = call.estate.snapshots.get(_key(call))
    if found is None:
        raise errors.resource_not_found(KIND, call.names["name"], call.names["group"])
    return JSONResponse(found.document(call.estate.operations))


def put_snapshot(call: Call) -> Response:
    """Take a snapshot of a disk; one of this name and source that is already there stays as it is.

    Raises:
        ArmError: 400 without a source; 404 when the disk does not exist; 409 when the name belongs to another disk's snapshot.
    """
    group = call.estate.group(call.subscription, call.names["group"])
    disk = _source(call)
    held = call.estate.snapshots.get(_key(call))
    if held is not None and held.source.lower() != disk.id.lower():
        raise errors.conflict()
    status = HTTPStatus.OK if held is not None else HTTPStatus.ACCEPTED
    if held is None:
        tags = call.body.get("tags")
        held = Snapshot(
            subscription=disk.subscription,
            group=group,
            name=call.names["name"],
            location=disk.location,
            source=disk.id,
            size_gb=disk.size_gb,
            operation=call.estate.operations.begin(subscription=disk.subscription, location=disk.location),
            tags={str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {},
        )
        call.estate.snapshots[_key(call)] = held
    return call.accepted(held.operation, status=status, document=held.document(call.estate.operations))


def delete_snapshot(call: Call) -> Response:
    """Delete a snapshot; one that is already gone is no error."""
    found = call.estate.snapshots.pop(_key(call), None)
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return call.accepted(call.estate.operations.begin(subscription=found.subscription, location=found.location))


def get_collection(call: Call) -> Response:
    """Return a restore point collection, with its points when `$expand=restorePoints`.

    Raises:
        ArmError: 404 when it does not exist.
    """
    expand = call.query.get("$expand", "").lower() == "restorepoints"
    return JSONResponse(_collection(call).document(call.estate.operations, expand=expand))


def put_collection(call: Call) -> Response:
    """Make a restore point collection for a machine; one that is already there stays as it is.

    Raises:
        ArmError: 400 without a source machine, 409 when the name belongs to another machine's collection.
    """
    group = call.estate.group(call.subscription, call.names["group"])
    properties: Json = call.body.get("properties")
    source = properties.get("source") if isinstance(properties, Mapping) else None
    source_id = source.get("id") if isinstance(source, Mapping) else None
    machine = call.estate.machines.get(source_id.lower()) if isinstance(source_id, str) else None
    if machine is None:
        raise errors.invalid_parameter(
            "The source of the restore point collection must be an existing virtual machine."
        )
    key = _key(call, COLLECTION)
    held = call.estate.collections.get(key)
    if held is not None and held.source.lower() != machine.id.lower():
        raise errors.conflict()
    status = HTTPStatus.OK if held is not None else HTTPStatus.CREATED
    if held is None:
        held = RestorePoints(
            subscription=machine.subscription,
            group=group,
            name=call.names["name"],
            location=machine.location,
            source=machine.id,
        )
        call.estate.collections[key] = held
    return JSONResponse(held.document(call.estate.operations, expand=False), status_code=status)


def put_point(call: Call) -> Response:
    """Take a restore point; a name is taken once.

    Raises:
        ArmError: 404 without the collection, 409 when the name is taken.
    """
    collection = _collection(call)
    name = call.names["point"]
    if name in collection.points:
        raise errors.conflict()
    operation = call.estate.operations.begin(subscription=collection.subscription, location=collection.location)
    collection.points[name] = operation
    document = collection.point(name, call.estate.operations)
    return call.accepted(operation, status=HTTPStatus.CREATED, document=document)


def get_point(call: Call) -> Response:
    """Return one restore point.

    Raises:
        ArmError: 404 when it does not exist.
    """
    collection, name = _collection(call), call.names["point"]
    if name not in collection.points:
        raise errors.resource_not_found(f"{COLLECTION}/restorePoints", name, collection.group)
    return JSONResponse(collection.point(name, call.estate.operations))


def _collection(call: Call) -> RestorePoints:
    found = call.estate.collections.get(_key(call, COLLECTION))
    if found is None:
        raise errors.resource_not_found(COLLECTION, call.names["name"], call.names["group"])
    return found


def _key(call: Call, kind: str = KIND) -> str:
    group = call.estate.group(call.subscription, call.names["group"])
    return f"/subscriptions/{call.subscription}/resourceGroups/{group}/providers/{kind}/{call.names['name']}".lower()


def _source(call: Call) -> ManagedDisk:
    properties: Json = call.body.get("properties")
    creation = properties.get("creationData") if isinstance(properties, Mapping) else None
    source = creation.get("sourceResourceId") if isinstance(creation, Mapping) else None
    if not isinstance(source, str) or not source:
        raise errors.invalid_parameter("Required parameter 'creationData.sourceResourceId' is missing (null).")
    disk = call.estate.disks.get(source.lower())
    if disk is None:
        raise errors.resource_not_found("Microsoft.Compute/disks", source.rsplit("/", 1)[-1], call.names["group"])
    return disk
