"""One API call for each operation: what is sent, and what of the answer is kept as evidence.

The method of the client is the last part of the operation's id, so that the catalogue, this table and the cloud's own log
name a call the same way.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.clouds.aws.names import local_id
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.estate.resource import Json, Resource

Arguments = Callable[[Any, Resource, Params, Attempt], dict[str, Any]]


def make(client: Any, operation: str, resource: Resource, params: Params, attempt: Attempt) -> dict[str, Json]:
    """Make the call and return its evidence.

    Raises:
        KeyError: When there is no such operation.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: As the SDK says it.
    """
    arguments = ARGUMENTS[operation](client, resource, params, attempt)
    answer = getattr(client, method_of(operation))(**arguments)
    return {
        "request_id": str(answer.get("ResponseMetadata", {}).get("RequestId", "")),
        **_previous_state(answer),
    }


def service_of(operation: str) -> str:
    """Return the boto3 service of an operation id."""
    return operation.split(".")[1]


def method_of(operation: str) -> str:
    """Return the client method of an operation id."""
    return operation.split(".")[2]


def as_tags(tags: Json) -> list[dict[str, str]]:
    """Return tags in the list form of AWS."""
    return [{"Key": str(key), "Value": str(value)} for key, value in tags.items()] if isinstance(tags, Mapping) else []


def _previous_state(answer: Mapping[str, Any]) -> dict[str, Json]:
    for changes in ("StartingInstances", "StoppingInstances", "TerminatingInstances"):
        for change in answer.get(changes, ()):
            return {"previous_state": change["PreviousState"]["Name"], "state": change["CurrentState"]["Name"]}
    return {}


def _instance(_client: Any, resource: Resource, _params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"InstanceIds": [local_id(resource.id)]}


def _volume(_client: Any, resource: Resource, _params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"VolumeId": local_id(resource.id)}


def _ec2_tags(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"Resources": [local_id(resource.id)], "Tags": as_tags(params["tags"])}


def _ec2_keys(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    keys = params["keys"]
    return {
        "Resources": [local_id(resource.id)],
        "Tags": [{"Key": str(key)} for key in keys] if isinstance(keys, list | tuple) else [],
    }


ARGUMENTS: dict[str, Arguments] = {
    "aws.ec2.create_tags": _ec2_tags,
    "aws.ec2.delete_tags": _ec2_keys,
    "aws.ec2.delete_volume": _volume,
    "aws.ec2.reboot_instances": _instance,
    "aws.ec2.start_instances": _instance,
    "aws.ec2.stop_instances": _instance,
    "aws.ec2.terminate_instances": _instance,
}
