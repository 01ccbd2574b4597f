"""One changing API call for each operation: what is sent, and what of the answer is kept as evidence.

Every call is sent once and not waited for: the executor looks at the instance itself to see the change come true. The step goes into the
`User-Agent` header, which Google's audit logs keep as `callerSuppliedUserAgent`; the attempt's token is the `requestId`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.clouds.errors import Conflict
from engine.clouds.gcp.names import ZonalPath, parse
from engine.clouds.gcp.operations.declaring import merged
from engine.clouds.gcp.session import GcpSession, Purpose, patience
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.estate.resource import Json, Resource

Send = Callable[[GcpSession, ZonalPath, Params, Mapping[str, str], Mapping[str, Any]], Any]


def make(session: GcpSession, operation: str, resource: Resource, params: Params, attempt: Attempt) -> dict[str, Json]:
    """Make the call and return its evidence: the operation's name and number, and the request id.

    Raises:
        KeyError: When there is no such operation.
        Conflict: When the operation was accepted and failed at once.
        google.api_core.exceptions.GoogleAPICallError, requests.RequestException: As the SDK says it.
    """
    path = parse(resource.id)
    where = {"project": path.project, "zone": path.zone, "request_id": attempt.token}
    options = {"metadata": (("user-agent", attempt.user_agent),), **patience(Purpose.WRITE)}
    answer = CALLS[operation](session, path, params, where, options)
    for error in answer.error.errors:
        raise Conflict(str(error.code), f"could not {answer.operation_type} {path.name}: {error.message}")
    return {"operation": str(answer.name), "operation_id": str(answer.id), "request_id": attempt.token}


def _instance(verb: str) -> Send:
    return lambda session, path, _params, where, options: getattr(session.instances(), f"{verb}_unary")(
        request={**where, "instance": path.name}, **options
    )


def _set_labels(
    session: GcpSession, path: ZonalPath, params: Params, where: Mapping[str, str], options: Mapping[str, Any]
) -> Any:
    """Write the labels that the instance has now with the change in them, under the fingerprint just read."""
    client = session.instances()
    now = client.get(project=path.project, zone=path.zone, instance=path.name, **patience(Purpose.QUICK_READ))
    body = {"labels": merged(dict(now.labels), params), "label_fingerprint": now.label_fingerprint}
    request = {**where, "instance": path.name, "instances_set_labels_request_resource": body}
    return client.set_labels_unary(request=request, **options)


def _delete_disk(
    session: GcpSession, path: ZonalPath, _params: Params, where: Mapping[str, str], options: Mapping[str, Any]
) -> Any:
    return session.disks().delete_unary(request={**where, "disk": path.name}, **options)


CALLS: dict[str, Send] = {
    "gcp.compute.disks_delete": _delete_disk,
    "gcp.compute.instances_delete": _instance("delete"),
    "gcp.compute.instances_reset": _instance("reset"),
    "gcp.compute.instances_set_labels": _set_labels,
    "gcp.compute.instances_start": _instance("start"),
    "gcp.compute.instances_stop": _instance("stop"),
}
