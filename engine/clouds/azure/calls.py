"""One changing API call for each operation: what is sent, and what of the answer is kept as evidence.

Every call is sent once and not waited for (`polling=False`): the executor looks at the machine itself to see the change come true.
"""

from collections.abc import Callable, Mapping
from typing import Any

from azure.core import MatchConditions

from engine.clouds.azure.names import parse
from engine.clouds.azure.operations.declaring import SNAPSHOT_TAG, collection_name, merged, snapshot_name
from engine.clouds.azure.session import AzureSession
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.clouds.purpose import Purpose
from engine.clouds.verdicts import text
from engine.estate.resource import Json, Resource

Send = Callable[[Any, Resource, Params, Mapping[str, Any]], Any]


def make(
    session: AzureSession, operation: str, resource: Resource, params: Params, attempt: Attempt
) -> dict[str, Json]:
    """Make the call and return its evidence: the request id and where Azure tells how the change goes.

    Raises:
        KeyError: When there is no such operation.
        azure.core.exceptions.AzureError: As the SDK says it.
    """
    options = {"polling": False, "user_agent": attempt.user_agent, "cls": _answer}
    sent = CALLS[operation](session.compute(Purpose.WRITE), resource, params, options)
    answer = sent.result() if hasattr(sent, "result") else sent
    headers = answer.http_response.headers
    return {
        "request_id": str(headers.get("x-ms-request-id", "")),
        "operation": str(headers.get("Azure-AsyncOperation", "")),
    }


def _answer(response: Any, _body: Any, _headers: Any) -> Any:
    """Keep the first answer itself instead of what the SDK makes of it."""
    return response


def _named(group: str, verb: str) -> Send:
    """Return a call that needs nothing but the target: `begin_<verb>` of an operation group."""

    def send(client: Any, resource: Resource, _params: Params, options: Mapping[str, Any]) -> Any:
        id_ = parse(resource.id)
        return getattr(getattr(client, group), f"begin_{verb}")(id_.group, id_.name, **options)

    return send


def _update(client: Any, resource: Resource, params: Params, options: Mapping[str, Any]) -> Any:
    """Write the tags that the machine has now with the change in them, on the condition that it is still as just read."""
    id_ = parse(resource.id)
    now = client.virtual_machines.get(id_.group, id_.name)
    condition = {"etag": now.etag, "match_condition": MatchConditions.IfNotModified} if now.etag else {}
    body: dict[str, Any] = {"tags": merged(dict(now.tags or {}), params)}
    if size := text(params, "size"):
        body["properties"] = {"hardwareProfile": {"vmSize": size}}
    return client.virtual_machines.begin_update(id_.group, id_.name, body, **condition, **options)


def _snapshot(client: Any, resource: Resource, params: Params, options: Mapping[str, Any]) -> Any:
    """Take an incremental snapshot beside the disk, marked with the suffix of its name."""
    body = {
        "location": resource.region,
        "tags": {SNAPSHOT_TAG: text(params, "suffix")},
        "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": resource.id}, "incremental": True},
    }
    group, name = parse(resource.id).group, snapshot_name(resource, params)
    return client.snapshots.begin_create_or_update(group, name, body, **options)


def _collection(client: Any, resource: Resource, _params: Params, options: Mapping[str, Any]) -> Any:
    """Make the collection of a machine's restore points; this call is not a long-running one."""
    body = {"location": resource.region, "properties": {"source": {"id": resource.id}}}
    at_once = {key: value for key, value in options.items() if key != "polling"}
    group, name = parse(resource.id).group, collection_name(resource)
    return client.restore_point_collections.create_or_update(group, name, body, **at_once)


def _restore_point(client: Any, resource: Resource, params: Params, options: Mapping[str, Any]) -> Any:
    where = (parse(resource.id).group, collection_name(resource), text(params, "suffix"))
    return client.restore_points.begin_create(*where, {}, **options)


CALLS: dict[str, Send] = {
    "azure.compute.disks_delete": _named("disks", "delete"),
    "azure.compute.restore_point_collections_create_or_update": _collection,
    "azure.compute.restore_points_create": _restore_point,
    "azure.compute.snapshots_create_or_update": _snapshot,
    "azure.compute.snapshots_delete": _named("snapshots", "delete"),
    "azure.compute.virtual_machines_deallocate": _named("virtual_machines", "deallocate"),
    "azure.compute.virtual_machines_delete": _named("virtual_machines", "delete"),
    "azure.compute.virtual_machines_power_off": _named("virtual_machines", "power_off"),
    "azure.compute.virtual_machines_restart": _named("virtual_machines", "restart"),
    "azure.compute.virtual_machines_start": _named("virtual_machines", "start"),
    "azure.compute.virtual_machines_update": _update,
}
