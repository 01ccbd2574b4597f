"""EC2 instances and volumes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from engine.clouds.aws.names import ec2_arn, local_id
from engine.clouds.aws.operations.declaring import SNAPSHOT_TAG
from engine.clouds.aws.scanners.place import Place, in_utc, owner_of, tags_of
from engine.estate.resource import Cloud, Json, Resource

# InstanceState names (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html) in our words.
_STATES = {"pending": "starting", "shutting-down": "deleting", "terminated": "deleted"}
_GONE = frozenset({"InvalidInstanceID.NotFound", "InvalidVolume.NotFound"})
_PAGE = 1000


class Ec2Scanner:
    """Reads instances and volumes; a terminated instance counts as gone, although AWS lists it for another hour.

    Only a second look fills the fact `snapshots`: those that plans took of the volume, or of the instance's volumes.
    """

    @property
    def types(self) -> frozenset[str]:
        """Instances and volumes."""
        return frozenset({"ec2::instance", "ec2::volume"})

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """Instances, then volumes."""
        return (_instances, _volumes)

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read an instance or a volume again."""
        id_ = local_id(resource.id)
        try:
            if resource.type == "ec2::volume":
                found = next(_volumes(place, VolumeIds=[id_]), None)
                return _with_snapshots(place, found, [id_]) if found else None
            found = next(_instances(place, InstanceIds=[id_]), None)
            return _with_snapshots(place, found, _texts(found.facts["volumes"])) if found else None
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise


def _instances(place: Place, **only: Any) -> Iterator[Resource]:
    pages = place.client("ec2").get_paginator("describe_instances")
    sizes = {} if only else {"PaginationConfig": {"PageSize": _PAGE}}
    for page in pages.paginate(**only, **sizes):
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                resource = _instance(place, instance)
                if resource.state != "deleted":
                    yield resource


def _instance(place: Place, raw: Mapping[str, Any]) -> Resource:
    tags = tags_of(raw.get("Tags"))
    id_ = raw["InstanceId"]
    volumes = [item["Ebs"]["VolumeId"] for item in raw.get("BlockDeviceMappings", ()) if "Ebs" in item]
    state = raw["State"]["Name"]
    return Resource(
        id=ec2_arn(region=place.region, account=place.account, kind="instance", id_=id_),
        type="ec2::instance",
        cloud=Cloud.AWS,
        account=place.account,
        region=place.region,
        zone=raw.get("Placement", {}).get("AvailabilityZone", ""),
        name=tags.get("Name") or id_,
        state=_STATES.get(state, state),
        tags=tags,
        size=raw.get("InstanceType", ""),
        created_at=_made_at(raw),
        facts={
            "launched_at": raw["LaunchTime"].isoformat() if raw.get("LaunchTime") else "",
            "image": raw.get("ImageId", ""),
            "platform": raw.get("PlatformDetails") or raw.get("Platform") or "linux",
            "private_ip": raw.get("PrivateIpAddress", ""),
            "public_ip": raw.get("PublicIpAddress", ""),
            "vpc": raw.get("VpcId", ""),
            "subnet": raw.get("SubnetId", ""),
            "security_groups": [group["GroupId"] for group in raw.get("SecurityGroups", ())],
            "volumes": volumes,
            "spot": raw.get("InstanceLifecycle") == "spot",
            "root_device": raw.get("RootDeviceType", ""),
            **owner_of(tags),
        },
    )


def _made_at(raw: Mapping[str, Any]) -> datetime | None:
    """Return when the instance was made.

    `LaunchTime` moves at every start and AWS tells no creation time; the root volume's attachment stays as it was.
    """
    root = raw.get("RootDeviceName")
    known = [
        item["Ebs"]["AttachTime"]
        for item in raw.get("BlockDeviceMappings", ())
        if item.get("DeviceName") == root and item.get("Ebs", {}).get("AttachTime")
    ]
    if launched := raw.get("LaunchTime"):
        known.append(launched)
    return in_utc(min(known, default=None))


def _volumes(place: Place, **only: Any) -> Iterator[Resource]:
    pages = place.client("ec2").get_paginator("describe_volumes")
    sizes = {} if only else {"PaginationConfig": {"PageSize": _PAGE}}
    for page in pages.paginate(**only, **sizes):
        for volume in page["Volumes"]:
            yield _volume(place, volume)


def _volume(place: Place, raw: Mapping[str, Any]) -> Resource:
    tags = tags_of(raw.get("Tags"))
    id_ = raw["VolumeId"]
    attached = [item for item in raw.get("Attachments", ()) if item.get("InstanceId")]
    return Resource(
        id=ec2_arn(region=place.region, account=place.account, kind="volume", id_=id_),
        type="ec2::volume",
        cloud=Cloud.AWS,
        account=place.account,
        region=place.region,
        zone=raw.get("AvailabilityZone", ""),
        name=tags.get("Name") or id_,
        state=raw["State"],
        tags=tags,
        size=raw.get("VolumeType", ""),
        created_at=in_utc(raw.get("CreateTime")),
        encrypted=raw.get("Encrypted"),
        facts={
            "size_gb": raw.get("Size", 0),
            "iops": raw.get("Iops", 0),
            "attached": bool(attached),
            "attached_to": attached[0]["InstanceId"] if attached else "",
            "attachment": attached[0].get("State", "") if attached else "",
            "device": attached[0].get("Device", "") if attached else "",
            **owner_of(tags),
        },
    )


def _with_snapshots(place: Place, resource: Resource, volumes: list[str]) -> Resource:
    """Add the states of the snapshots that plans took, by the suffix that names them."""
    taken: dict[str, list[Json]] = defaultdict(list)
    if volumes:
        pages = place.client("ec2").get_paginator("describe_snapshots")
        ours = [{"Name": "volume-id", "Values": volumes}, {"Name": "tag-key", "Values": [SNAPSHOT_TAG]}]
        for page in pages.paginate(OwnerIds=["self"], Filters=ours):
            for raw in page["Snapshots"]:
                taken[tags_of(raw.get("Tags")).get(SNAPSHOT_TAG, "")].append(raw["State"])
    return replace(resource, facts={**resource.facts, "snapshots": dict(taken)}) if taken else resource


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
