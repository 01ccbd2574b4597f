"""RDS database instances, each with its manual snapshots."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from engine.clouds.aws.names import local_id
from engine.clouds.aws.scanners.place import Place, in_utc, owner_of, tags_of
from engine.estate.resource import Cloud, Json, Resource

_GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"})
_PAGE = 100
_Snapshots = Mapping[str, Mapping[str, Json]]


class RdsScanner:
    """Reads instances. States are RDS's own words (`available`, `stopped`, `starting`, `backing-up`, …).

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
    """

    @property
    def types(self) -> frozenset[str]:
        """Instances."""
        return frozenset({"rds::instance"})

    @property
    def parts(self) -> Sequence[Callable[[Place], Iterable[Resource]]]:
        """Instances."""
        return (_instances,)

    def read(self, place: Place, resource: Resource) -> Resource | None:
        """Read an instance again, with its snapshots as they are now."""
        try:
            return next(iter(_instances(place, DBInstanceIdentifier=local_id(resource.id))), None)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise


def _instances(place: Place, **only: Any) -> Iterator[Resource]:
    client = place.client("rds")
    sizes = {} if only else {"PaginationConfig": {"PageSize": _PAGE}}
    pages = list(client.get_paginator("describe_db_instances").paginate(**only, **sizes))
    found = [raw for page in pages for raw in page["DBInstances"]]
    snapshots = _snapshots(client, **only, **sizes) if found else {}
    for raw in found:
        yield _instance(place, raw, snapshots.get(raw["DBInstanceIdentifier"], {}))


def _snapshots(client: Any, **only: Any) -> _Snapshots:
    """Return the status of each manual snapshot by its identifier, by instance."""
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for page in client.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual", **only):
        for raw in page["DBSnapshots"]:
            found[raw["DBInstanceIdentifier"]][raw["DBSnapshotIdentifier"]] = raw["Status"]
    return found


def _instance(place: Place, raw: Mapping[str, Any], snapshots: Mapping[str, Json]) -> Resource:
    tags = tags_of(raw.get("TagList"))
    backup_days = raw.get("BackupRetentionPeriod", 0)
    return Resource(
        id=raw["DBInstanceArn"],
        type="rds::instance",
        cloud=Cloud.AWS,
        account=place.account,
        region=place.region,
        zone=raw.get("AvailabilityZone", ""),
        name=raw["DBInstanceIdentifier"],
        state=raw.get("DBInstanceStatus", ""),
        tags=tags,
        size=raw.get("DBInstanceClass", ""),
        created_at=in_utc(raw.get("InstanceCreateTime")),
        public=raw.get("PubliclyAccessible"),
        encrypted=raw.get("StorageEncrypted"),
        facts={
            "engine": raw.get("Engine", ""),
            "engine_version": raw.get("EngineVersion", ""),
            "size_gb": raw.get("AllocatedStorage", 0),
            "storage_type": raw.get("StorageType", ""),
            "multi_az": bool(raw.get("MultiAZ")),
            "deletion_protection": bool(raw.get("DeletionProtection")),
            "backup": bool(backup_days),
            "backup_days": backup_days,
            "cluster": raw.get("DBClusterIdentifier", ""),
            "replica_of": raw.get("ReadReplicaSourceDBInstanceIdentifier", ""),
            "replicas": list(raw.get("ReadReplicaDBInstanceIdentifiers", ())),
            "snapshots": dict(snapshots),
            **owner_of(tags),
        },
    )
