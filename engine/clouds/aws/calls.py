"""One API call for each operation: what is sent, and what of the answer is kept as evidence.

The method of the client is the last part of the operation's id, so that the catalogue, this table and the cloud's own log
name a call the same way.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from engine.clouds.aws.names import local_id
from engine.clouds.aws.operations.declaring import SNAPSHOT_TAG
from engine.clouds.aws.operations.rds import final_snapshot_name, snapshot_name
from engine.clouds.aws.operations.s3 import SWITCHES
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.clouds.verdicts import listed, text, texts
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
    return {"Resources": [local_id(resource.id)], "Tags": [{"Key": key} for key in listed(params, "keys")]}


def _instance_type(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"InstanceId": local_id(resource.id), "InstanceType": {"Value": text(params, "instance_type")}}


def _snapshot_tags(params: Params) -> list[dict[str, Any]]:
    return [{"ResourceType": "snapshot", "Tags": as_tags({SNAPSHOT_TAG: text(params, "suffix")})}]


def _instance_snapshots(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {
        "InstanceSpecification": {"InstanceId": local_id(resource.id)},
        "TagSpecifications": _snapshot_tags(params),
    }


def _volume_snapshot(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"VolumeId": local_id(resource.id), "TagSpecifications": _snapshot_tags(params)}


def _volume_size(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"VolumeId": local_id(resource.id), "Size": params["size_gb"]}


def _detached(client: Any, resource: Resource, _params: Params, _attempt: Attempt) -> dict[str, Any]:
    """Name the machine too, so that the disk is let go by the one that is seen now and by no other."""
    volume = local_id(resource.id)
    held = client.describe_volumes(VolumeIds=[volume])["Volumes"][0].get("Attachments", [])
    return {"VolumeId": volume, **({"InstanceId": held[0]["InstanceId"]} if len(held) == 1 else {})}


def _attachment(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {
        "VolumeId": local_id(resource.id),
        "InstanceId": text(params, "instance"),
        "Device": text(params, "device"),
    }


def _database_settings(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    names = {
        "public": "PubliclyAccessible",
        "deletion_protection": "DeletionProtection",
        "backup_days": "BackupRetentionPeriod",
        "instance_class": "DBInstanceClass",
    }
    wanted = {names[name]: value for name, value in params.items()}
    return {"DBInstanceIdentifier": local_id(resource.id), "ApplyImmediately": True, **wanted}


def _versioning(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"Bucket": local_id(resource.id), "VersioningConfiguration": {"Status": text(params, "status")}}


def _database(_client: Any, resource: Resource, _params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"DBInstanceIdentifier": local_id(resource.id)}


def _restarted_database(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    over = {"ForceFailover": bool(params["failover"])} if "failover" in params else {}
    return {"DBInstanceIdentifier": local_id(resource.id), **over}


def _snapshot(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    name = local_id(resource.id)
    return {"DBInstanceIdentifier": name, "DBSnapshotIdentifier": snapshot_name(name, params)}


def _deleted_database(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    name = local_id(resource.id)
    return {"DBInstanceIdentifier": name, "FinalDBSnapshotIdentifier": final_snapshot_name(name, params)}


def _rds_tags(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"ResourceName": resource.id, "Tags": as_tags(params["tags"])}


def _rds_keys(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"ResourceName": resource.id, "TagKeys": listed(params, "keys")}


def _bucket(_client: Any, resource: Resource, _params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"Bucket": local_id(resource.id)}


def _block(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    switches = {switch: bool(params[name]) for name, switch in SWITCHES.items()}
    return {"Bucket": local_id(resource.id), "PublicAccessBlockConfiguration": switches}


def _acl(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"Bucket": local_id(resource.id), "ACL": text(params, "acl")}


def _policy(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    return {"Bucket": local_id(resource.id), "Policy": text(params, "policy")}


def _encryption(_client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    key = {"KMSMasterKeyID": text(params, "kms_key")} if text(params, "kms_key") else {}
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": text(params, "algorithm"), **key},
        "BucketKeyEnabled": bool(params.get("bucket_key")),
    }
    return {"Bucket": local_id(resource.id), "ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _bucket_tags(client: Any, resource: Resource, params: Params, _attempt: Attempt) -> dict[str, Any]:
    """Read the tags as they are now and change those of the plan: S3 knows the set only as a whole."""
    bucket = local_id(resource.id)
    try:
        held = {tag["Key"]: tag["Value"] for tag in client.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        held = {}
    held.update(texts(params, "tags"))
    kept = {key: value for key, value in held.items() if key not in listed(params, "keys")}
    return {"Bucket": bucket, "Tagging": {"TagSet": as_tags(kept)}}


ARGUMENTS: dict[str, Arguments] = {
    "aws.ec2.attach_volume": _attachment,
    "aws.ec2.create_snapshot": _volume_snapshot,
    "aws.ec2.create_snapshots": _instance_snapshots,
    "aws.ec2.create_tags": _ec2_tags,
    "aws.ec2.delete_tags": _ec2_keys,
    "aws.ec2.delete_volume": _volume,
    "aws.ec2.detach_volume": _detached,
    "aws.ec2.modify_instance_attribute": _instance_type,
    "aws.ec2.modify_volume": _volume_size,
    "aws.ec2.reboot_instances": _instance,
    "aws.ec2.start_instances": _instance,
    "aws.ec2.stop_instances": _instance,
    "aws.ec2.terminate_instances": _instance,
    "aws.rds.add_tags_to_resource": _rds_tags,
    "aws.rds.create_db_snapshot": _snapshot,
    "aws.rds.delete_db_instance": _deleted_database,
    "aws.rds.modify_db_instance": _database_settings,
    "aws.rds.reboot_db_instance": _restarted_database,
    "aws.rds.remove_tags_from_resource": _rds_keys,
    "aws.rds.start_db_instance": _database,
    "aws.rds.stop_db_instance": _database,
    "aws.s3.delete_bucket": _bucket,
    "aws.s3.delete_bucket_encryption": _bucket,
    "aws.s3.delete_bucket_policy": _bucket,
    "aws.s3.delete_public_access_block": _bucket,
    "aws.s3.put_bucket_acl": _acl,
    "aws.s3.put_bucket_encryption": _encryption,
    "aws.s3.put_bucket_policy": _policy,
    "aws.s3.put_bucket_tagging": _bucket_tags,
    "aws.s3.put_bucket_versioning": _versioning,
    "aws.s3.put_public_access_block": _block,
}
