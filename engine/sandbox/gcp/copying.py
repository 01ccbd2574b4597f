"""What Compute Engine answers about snapshots and machine images: taken, listed, read and deleted.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/disks/createSnapshot, https://cloud.google.com/compute/docs/reference/rest/v1/snapshots and
https://cloud.google.com/compute/docs/reference/rest/v1/machineImages. Lists take the filter `name eq PATTERN`, which has to match the whole name.
"""

import re

from starlette.responses import JSONResponse, Response

from engine.sandbox.gcp import errors
from engine.sandbox.gcp.call import Call
from engine.sandbox.gcp.compute import number
from engine.sandbox.gcp.disks import PersistentDisk
from engine.sandbox.gcp.links import PREFIX
from engine.sandbox.gcp.machines import Instance, valid_labels
from engine.sandbox.gcp.snapshots import Copy

_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_FILTER = re.compile(r"name eq \"?([^\"]+)\"?")


def list_copies(kind: str, call: Call) -> Response:
    """List the snapshots or machine images of a project."""
    call.estate.project(call.project)
    wanted = call.query.get("filter", "")
    pattern = _FILTER.fullmatch(wanted)
    if wanted and pattern is None:
        raise errors.invalid("filter", wanted, "Invalid list filter expression.")
    now = call.estate.clock()
    found = [
        copy.document(now)
        for copy in call.estate.copies.values()
        if (copy.kind, copy.project) == (kind, call.project)
        and (pattern is None or re.fullmatch(pattern[1], copy.name) is not None)
    ]
    return call.unfiltered().page(f"compute#{kind[:-1]}List", found)


def get_copy(kind: str, call: Call) -> Response:
    """Return one snapshot or machine image."""
    return JSONResponse(_copy(kind, call).document(call.estate.clock()))


def delete_copy(kind: str, call: Call) -> Response:
    """Delete a snapshot or a machine image.

    Raises:
        ComputeError: 404 when it does not exist.
    """
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    found = _copy(kind, call)
    del call.estate.copies[found.path]
    operation = call.estate.operations.begin(
        "delete", project=call.project, zone="", target=found.path, target_id=found.id,
        request_id=call.request_id, at_once=False,
    )  # fmt: skip
    return call.operation(operation)


def snapshot_disk(call: Call) -> Response:
    """Take a snapshot of a disk.

    Raises:
        ComputeError: 404 without the disk, 400 for the name or the labels, 409 when the name is taken.
    """
    disk = call.estate.disk(call.project, call.zone, call.names["name"])
    return _take("snapshots", call, disk, size_gb=disk.size_gb)


def image_machine(call: Call) -> Response:
    """Take a machine image of the instance that `sourceInstance` names.

    Raises:
        ComputeError: as for `snapshot_disk`.
    """
    path = call.query.get("sourceInstance", "").removeprefix(PREFIX)
    found = re.fullmatch(r"projects/([^/]+)/zones/([^/]+)/instances/([^/]+)", path)
    if found is None:
        raise errors.invalid("sourceInstance", path, "The URL is malformed.")
    return _take("machineImages", call, call.estate.instance(*found.groups()), size_gb=0)


def _take(kind: str, call: Call, source: Instance | PersistentDisk, *, size_gb: int) -> Response:
    if (earlier := call.estate.operations.repeated(call.project, call.request_id)) is not None:
        return call.operation(earlier)
    name = str(call.body.get("name") or "")
    if _NAME.fullmatch(name) is None:
        raise errors.invalid("resource.name", name, f"Must be a match of regex '{_NAME.pattern}'")
    path = f"projects/{call.project}/global/{kind}/{name}"
    if path in call.estate.copies:
        raise errors.exists(path)
    labels = valid_labels(call.body.get("labels"))
    operation = call.estate.operations.begin(
        "createSnapshot" if kind == "snapshots" else "insert",
        project=call.project, zone=source.zone if kind == "snapshots" else "", target=source.path, target_id=source.id,
        request_id=call.request_id, at_once=False,
    )  # fmt: skip
    call.estate.copies[path] = Copy(
        kind=kind,
        project=call.project,
        name=name,
        id=number(),
        source=source.path,
        size_gb=size_gb,
        operation=operation,
        labels=labels,
    )
    return call.operation(operation)


def _copy(kind: str, call: Call) -> Copy:
    call.estate.project(call.project)
    path = f"projects/{call.project}/global/{kind}/{call.names['name']}"
    found = call.estate.copies.get(path)
    if found is None:
        raise errors.not_found(path)
    return found
