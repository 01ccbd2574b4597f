"""How the runner's own parameters are called by the vendors' APIs: the runner's catalogue speaks of `size_gb`, EC2 of `Size`.

Each entry turns the parameters of one operation of the catalogue into a call of the vendor's API. A composite that has to look first (tags of
a bucket are replaced as a whole) has none, and is not written as a script.
"""

from collections.abc import Callable, Mapping

from agent_server.agents.scripting.values import Joined, Value, Variable

Params = Mapping[str, Value]
Api = tuple[str, dict[str, Value]]
"""Operation id and arguments."""
_Writer = Callable[[Variable, Params], Api | None]

_MODIFY = {
    "public": "PubliclyAccessible",
    "deletion_protection": "DeletionProtection",
    "backup_days": "BackupRetentionPeriod",
    "instance_class": "DBInstanceClass",
}
_FOR_ARN = frozenset({"aws.rds.add_tags_to_resource", "aws.rds.remove_tags_from_resource"})


def writer_of(operation: str, params: Params) -> _Writer | None:
    """Return what writes an operation down whose parameters are the runner's; None for those that are the API's own."""
    writer = _WRITERS.get(operation)
    return writer if writer and (set(params) <= _TAKES[operation] or operation.startswith("escher.")) else None


def wants_arn(operation: str) -> bool:
    """Whether the target is named by its ARN."""
    return operation in _FOR_ARN


def _plain(operation: str, target: str, *, many: bool = False) -> _Writer:
    return lambda thing, _params: (operation, {target: [thing] if many else thing})


def _suffixed(target: Variable, params: Params, otherwise: str) -> Joined:
    suffix = params.get("suffix", otherwise)
    last = suffix if isinstance(suffix, str | Variable) else otherwise
    return Joined(parts=(target, "-", last))


def _pairs(tags: Value) -> list[Value] | None:
    if not isinstance(tags, dict):
        return None
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _create_tags(target: Variable, params: Params) -> Api | None:
    pairs = _pairs(params.get("tags"))
    return ("aws.ec2.create_tags", {"Resources": [target], "Tags": pairs}) if pairs else None


def _delete_tags(target: Variable, params: Params) -> Api | None:
    keys = params.get("keys")
    if not isinstance(keys, list):
        return None
    return "aws.ec2.delete_tags", {"Resources": [target], "Tags": [{"Key": key} for key in keys]}


def _rds_tags(target: Variable, params: Params) -> Api | None:
    pairs = _pairs(params.get("tags"))
    return ("aws.rds.add_tags_to_resource", {"ResourceName": target, "Tags": pairs}) if pairs else None


def _rds_untag(target: Variable, params: Params) -> Api | None:
    keys = params.get("keys")
    return ("aws.rds.remove_tags_from_resource", {"ResourceName": target, "TagKeys": keys}) if keys else None


def _rds_modify(target: Variable, params: Params) -> Api | None:
    changed: dict[str, Value] = {_MODIFY[key]: value for key, value in params.items()}
    return "aws.rds.modify_db_instance", {"DBInstanceIdentifier": target, **changed, "ApplyImmediately": True}


def _rds_restart(target: Variable, params: Params) -> Api | None:
    over: dict[str, Value] = {"ForceFailover": params["failover"]} if "failover" in params else {}
    return "aws.rds.reboot_db_instance", {"DBInstanceIdentifier": target, **over}


def _rds_feature(*, on: bool) -> _Writer:
    def write(target: Variable, params: Params) -> Api | None:
        if params.get("feature") != "deletion_protection":
            return None
        return "aws.rds.modify_db_instance", {
            "DBInstanceIdentifier": target,
            "DeletionProtection": on,
            "ApplyImmediately": True,
        }

    return write


def _versioning(status: str) -> _Writer:
    def write(target: Variable, params: Params) -> Api | None:
        if params.get("feature") != "versioning":
            return None
        return "aws.s3.put_bucket_versioning", {"Bucket": target, "VersioningConfiguration": {"Status": status}}

    return write


def _public_access(target: Variable, blocked: Params) -> Api | None:
    return "aws.s3.put_public_access_block", {"Bucket": target, "PublicAccessBlockConfiguration": dict(blocked)}


_ALL_BLOCKED: Params = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
_DEFAULT_ENCRYPTION: Value = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
_INSTANCES = ("start_instances", "stop_instances", "reboot_instances", "terminate_instances")
_DATABASES = ("start_db_instance", "stop_db_instance")

_WRITERS: Mapping[str, _Writer] = {
    **{f"aws.ec2.{name}": _plain(f"aws.ec2.{name}", "InstanceIds", many=True) for name in _INSTANCES},
    **{f"aws.rds.{name}": _plain(f"aws.rds.{name}", "DBInstanceIdentifier") for name in _DATABASES},
    "aws.ec2.modify_instance_attribute": lambda target, params: (
        "aws.ec2.modify_instance_attribute",
        {"InstanceId": target, "InstanceType": {"Value": params["instance_type"]}},
    ),
    "aws.ec2.create_snapshots": lambda target, _params: (
        "aws.ec2.create_snapshots",
        {"InstanceSpecification": {"InstanceId": target}},
    ),
    "aws.ec2.create_tags": _create_tags,
    "aws.ec2.delete_tags": _delete_tags,
    "aws.ec2.create_snapshot": _plain("aws.ec2.create_snapshot", "VolumeId"),
    "aws.ec2.modify_volume": lambda target, params: (
        "aws.ec2.modify_volume",
        {"VolumeId": target, "Size": params["size_gb"]},
    ),
    "aws.ec2.attach_volume": lambda target, params: (
        "aws.ec2.attach_volume",
        {"VolumeId": target, "InstanceId": params["instance"], "Device": params["device"]},
    ),
    "aws.ec2.detach_volume": _plain("aws.ec2.detach_volume", "VolumeId"),
    "aws.ec2.delete_volume": _plain("aws.ec2.delete_volume", "VolumeId"),
    "aws.rds.reboot_db_instance": _rds_restart,
    "aws.rds.create_db_snapshot": lambda target, params: (
        "aws.rds.create_db_snapshot",
        {"DBInstanceIdentifier": target, "DBSnapshotIdentifier": _suffixed(target, params, "snapshot")},
    ),
    "aws.rds.delete_db_instance": lambda target, params: (
        "aws.rds.delete_db_instance",
        {"DBInstanceIdentifier": target, "FinalDBSnapshotIdentifier": _suffixed(target, params, "final")},
    ),
    "aws.rds.modify_db_instance": _rds_modify,
    "aws.rds.add_tags_to_resource": _rds_tags,
    "aws.rds.remove_tags_from_resource": _rds_untag,
    "aws.s3.delete_bucket": _plain("aws.s3.delete_bucket", "Bucket"),
    "escher.s3.make_private": lambda target, _params: _public_access(target, _ALL_BLOCKED),
    "escher.s3.encrypt": lambda target, _params: (
        "aws.s3.put_bucket_encryption",
        {"Bucket": target, "ServerSideEncryptionConfiguration": _DEFAULT_ENCRYPTION},
    ),
    "escher.s3.enable": _versioning("Enabled"),
    "escher.s3.disable": _versioning("Suspended"),
    "escher.rds.make_private": lambda target, _params: _rds_modify(target, {"public": False}),
    "escher.rds.make_public": lambda target, _params: _rds_modify(target, {"public": True}),
    "escher.rds.resize": lambda target, params: _rds_modify(target, {"instance_class": params["instance_type"]}),
    "escher.rds.enable": _rds_feature(on=True),
    "escher.rds.disable": _rds_feature(on=False),
}
_TAKES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_WRITERS, frozenset()),
    "aws.ec2.modify_instance_attribute": frozenset({"instance_type"}),
    "aws.ec2.create_snapshots": frozenset({"suffix"}),
    "aws.ec2.create_snapshot": frozenset({"suffix"}),
    "aws.ec2.create_tags": frozenset({"tags"}),
    "aws.ec2.delete_tags": frozenset({"keys"}),
    "aws.ec2.modify_volume": frozenset({"size_gb"}),
    "aws.ec2.attach_volume": frozenset({"instance", "device"}),
    "aws.rds.reboot_db_instance": frozenset({"failover"}),
    "aws.rds.create_db_snapshot": frozenset({"suffix"}),
    "aws.rds.delete_db_instance": frozenset({"suffix"}),
    "aws.rds.modify_db_instance": frozenset(_MODIFY),
    "aws.rds.add_tags_to_resource": frozenset({"tags"}),
    "aws.rds.remove_tags_from_resource": frozenset({"keys"}),
}
