"""One changing API call for each operation: what is sent, and what of the answer is kept as evidence.

Every call is sent once and not waited for: the executor looks at the instance itself to see the change come true. The step goes into the
`User-Agent` header, which Google's audit logs keep as `callerSuppliedUserAgent`; the attempt's token is the `requestId`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.clouds.errors import Conflict
from engine.clouds.gcp.names import parse, project_of
from engine.clouds.gcp.operations.declaring import copy_name, merged
from engine.clouds.gcp.session import GcpSession, patience
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.clouds.purpose import Purpose
from engine.clouds.verdicts import text
from engine.estate.resource import Json, Resource

Send = Callable[[GcpSession, Resource, Params, str, Mapping[str, Any]], Any]


def make(session: GcpSession, operation: str, resource: Resource, params: Params, attempt: Attempt) -> dict[str, Json]:
    """Make the call and return its evidence: the operation's name and number, and the request id.

    Raises:
        KeyError: When there is no such operation.
        Conflict: When the operation was accepted and failed at once.
        google.api_core.exceptions.GoogleAPICallError, requests.RequestException: As the SDK says it.
    """
    options = {"metadata": (("user-agent", attempt.user_agent),), **patience(Purpose.WRITE)}
    answer = CALLS[operation](session, resource, params, attempt.token, options)
    for error in answer.error.errors:
        raise Conflict(str(error.code), f"could not {answer.operation_type} {resource.short_id}: {error.message}")
    return {"operation": str(answer.name), "operation_id": str(answer.id), "request_id": attempt.token}


def _zonal(resource: Resource, token: str, **more: Any) -> dict[str, Any]:
    """Return a request on something in a zone."""
    path = parse(resource.id)
    noun = "disk" if path.kind == "disks" else "instance"
    return {"project": path.project, "zone": path.zone, noun: path.name, "request_id": token, **more}


def _instance(verb: str) -> Send:
    return lambda session, resource, _params, token, options: getattr(session.instances(), f"{verb}_unary")(
        request=_zonal(resource, token), **options
    )


def _set_labels(session: GcpSession, resource: Resource, params: Params, token: str, options: Mapping[str, Any]) -> Any:
    """Write the labels that the instance has now with the change in them, under the fingerprint just read."""
    client, path = session.instances(), parse(resource.id)
    now = client.get(project=path.project, zone=path.zone, instance=path.name, **patience(Purpose.QUICK_READ))
    body = {"labels": merged(dict(now.labels), params), "label_fingerprint": now.label_fingerprint}
    request = _zonal(resource, token, instances_set_labels_request_resource=body)
    return client.set_labels_unary(request=request, **options)


def _set_machine_type(
    session: GcpSession, resource: Resource, params: Params, token: str, options: Mapping[str, Any]
) -> Any:
    kind = f"zones/{parse(resource.id).zone}/machineTypes/{text(params, 'instance_type')}"
    request = _zonal(resource, token, instances_set_machine_type_request_resource={"machine_type": kind})
    return session.instances().set_machine_type_unary(request=request, **options)


def _delete_disk(
    session: GcpSession, resource: Resource, _params: Params, token: str, options: Mapping[str, Any]
) -> Any:
    return session.disks().delete_unary(request=_zonal(resource, token), **options)


def _snapshot_disk(
    session: GcpSession, resource: Resource, params: Params, token: str, options: Mapping[str, Any]
) -> Any:
    request = _zonal(resource, token, snapshot_resource={"name": copy_name(resource, params)})
    return session.disks().create_snapshot_unary(request=request, **options)


def _image_machine(
    session: GcpSession, resource: Resource, params: Params, token: str, options: Mapping[str, Any]
) -> Any:
    request = {
        "project": project_of(resource.id),
        "source_instance": resource.id,
        "machine_image_resource": {"name": copy_name(resource, params)},
        "request_id": token,
    }
    return session.machine_images().insert_unary(request=request, **options)


def _delete_snapshot(
    session: GcpSession, resource: Resource, _params: Params, token: str, options: Mapping[str, Any]
) -> Any:
    request = {"project": project_of(resource.id), "snapshot": resource.short_id, "request_id": token}
    return session.snapshots().delete_unary(request=request, **options)


CALLS: dict[str, Send] = {
    "gcp.compute.disks_delete": _delete_disk,
    "gcp.compute.disks_create_snapshot": _snapshot_disk,
    "gcp.compute.instances_delete": _instance("delete"),
    "gcp.compute.instances_reset": _instance("reset"),
    "gcp.compute.instances_set_labels": _set_labels,
    "gcp.compute.instances_set_machine_type": _set_machine_type,
    "gcp.compute.instances_start": _instance("start"),
    "gcp.compute.instances_stop": _instance("stop"),
    "gcp.compute.machine_images_insert": _image_machine,
    "gcp.compute.snapshots_delete": _delete_snapshot,
}
