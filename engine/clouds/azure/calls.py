"""One changing API call for each operation: what is sent, and what of the answer is kept as evidence.

Every call is sent once and not waited for (`polling=False`): the executor looks at the machine itself to see the change come true.
"""

from collections.abc import Callable, Mapping
from typing import Any

from azure.core import MatchConditions

from engine.clouds.azure.names import ArmId, parse
from engine.clouds.azure.operations.declaring import merged
from engine.clouds.azure.session import AzureSession, Purpose
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.estate.resource import Json, Resource

Send = Callable[[Any, ArmId, Params, Mapping[str, Any]], Any]


def make(
    session: AzureSession, operation: str, resource: Resource, params: Params, attempt: Attempt
) -> dict[str, Json]:
    """Make the call and return its evidence: the request id and where Azure tells how the change goes.

    Raises:
        KeyError: When there is no such operation.
        azure.core.exceptions.AzureError: As the SDK says it.
    """
    options = {"polling": False, "user_agent": attempt.user_agent, "cls": _answer}
    answer = CALLS[operation](session.compute(Purpose.WRITE), parse(resource.id), params, options).result()
    headers = answer.http_response.headers
    return {
        "request_id": str(headers.get("x-ms-request-id", "")),
        "operation": str(headers.get("Azure-AsyncOperation", "")),
    }


def _answer(response: Any, _body: Any, _headers: Any) -> Any:
    """Keep the first answer itself instead of what the SDK makes of it."""
    return response


def _machine(verb: str) -> Send:
    return lambda client, id_, _params, options: getattr(client.virtual_machines, f"begin_{verb}")(
        id_.group, id_.name, **options
    )


def _update(client: Any, id_: ArmId, params: Params, options: Mapping[str, Any]) -> Any:
    """Write the tags that the machine has now with the change in them, on the condition that it is still as just read."""
    now = client.virtual_machines.get(id_.group, id_.name)
    condition = {"etag": now.etag, "match_condition": MatchConditions.IfNotModified} if now.etag else {}
    body = {"tags": merged(dict(now.tags or {}), params)}
    return client.virtual_machines.begin_update(id_.group, id_.name, body, **condition, **options)


def _delete_disk(client: Any, id_: ArmId, _params: Params, options: Mapping[str, Any]) -> Any:
    return client.disks.begin_delete(id_.group, id_.name, **options)


CALLS: dict[str, Send] = {
    "azure.compute.disks_delete": _delete_disk,
    "azure.compute.virtual_machines_deallocate": _machine("deallocate"),
    "azure.compute.virtual_machines_delete": _machine("delete"),
    "azure.compute.virtual_machines_power_off": _machine("power_off"),
    "azure.compute.virtual_machines_restart": _machine("restart"),
    "azure.compute.virtual_machines_start": _machine("start"),
    "azure.compute.virtual_machines_update": _update,
}
