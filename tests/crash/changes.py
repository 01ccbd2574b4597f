"""The changes that are interrupted: what is said, which replay class it has, how the world looks after, how it is put back."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.exceptions import ClientError

from engine.clouds.operation import ReplayClass
from engine.sandbox.landmarks import DATA, DEV
from tests.fakes.azure_sdk import compute_client
from tests.fakes.house import House
from tests.fakes.local_cloud import LocalCloud
from tests.fakes.patience import PATIENCE

WORLD = "escher/p-0a1b2c3d/world"
BUCKET, DATABASE = "acme-dev-scratch", "sandbox-db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of the world.

    Attributes:
        name: For test ids.
        cloud: At which endpoint its calls arrive.
        words: What is said; `{n}` is a number that differs every time.
        calls: The calls of its steps, in order, as the endpoint's log names them, with their replay class.
        holds: Whether the world is as it should be after plan `{plan}`.
        back: Puts the world back.
    """

    name: str
    cloud: str
    words: str
    calls: tuple[tuple[str, ReplayClass], ...]
    holds: Callable[[House, str, int], bool]
    back: Callable[[House], None]

    def endpoint(self, house: House) -> LocalCloud:
        """Return the endpoint where its calls arrive."""
        return {"aws": house.aws.cloud, "azure": house.azure, "gcp": house.gcp}[self.cloud]


def _aws(house: House, service: str, region: str = "us-east-1") -> Any:
    return house.aws.client(service, DEV.id, region=region, step=WORLD)


def _ec2_state(house: House, name: str) -> str:
    return house.aws.state(house.aws.machine(name))


def _start_ec2(house: House, name: str) -> None:
    machine = house.aws.machine(name)
    _wait(lambda: _ec2_state(house, name) in {"stopped", "running"})
    _aws(house, "ec2", machine.region).start_instances(InstanceIds=[machine.id])
    _wait(lambda: _ec2_state(house, name) == "running")


def _ec2_tag(house: House, name: str, key: str) -> str:
    machine = house.aws.machine(name)
    found = _aws(house, "ec2", machine.region).describe_tags(
        Filters=[{"Name": "resource-id", "Values": [machine.id]}, {"Name": "key", "Values": [key]}]
    )["Tags"]
    return str(found[0]["Value"]) if found else ""


def _ec2_snapshots(house: House, plan_id: str) -> int:
    found = _aws(house, "ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return sum(plan_id in str(one) for one in found)


def _azure_machine(house: House, name: str) -> tuple[Any, Any]:
    compute = compute_client(house.azure, user_agent=WORLD)
    return compute, next(one for one in compute.virtual_machines.list_all() if one.name == name)


def _azure_power(house: House, name: str) -> str:
    compute, machine = _azure_machine(house, name)
    group = machine.id.split("/")[4]
    return str(compute.virtual_machines.instance_view(group, name).statuses[1].code)


def _start_azure(house: House, name: str) -> None:
    compute, machine = _azure_machine(house, name)
    compute.virtual_machines.begin_start(machine.id.split("/")[4], name, polling=False)
    _wait(lambda: _azure_power(house, name) == "PowerState/running")


def _azure_tag(house: House, name: str, key: str) -> str:
    return str((_azure_machine(house, name)[1].tags or {}).get(key, ""))


def _gce(house: House, path: str, method: str = "GET", zone: str = "us-central1-a") -> Any:
    url = f"{house.gcp.url}/compute/v1/projects/{DATA.id}/zones/{zone}/{path}"
    answer = httpx.request(method, url, headers={"User-Agent": WORLD, "Authorization": "Bearer x"}, trust_env=False)
    return answer.json() if answer.status_code < 400 else {}


def _start_gce(house: House, name: str) -> None:
    _wait(lambda: _gce(house, f"instances/{name}")["status"] == "TERMINATED")
    _gce(house, f"instances/{name}/start", "POST")
    _wait(lambda: _gce(house, f"instances/{name}")["status"] == "RUNNING")


def _gce_snapshots(house: House, plan_id: str) -> int:
    url = f"{house.gcp.url}/compute/v1/projects/{DATA.id}/global/snapshots"
    answer = httpx.get(url, headers={"User-Agent": WORLD, "Authorization": "Bearer x"}, trust_env=False).json()
    return sum(plan_id in str(one) for one in answer.get("items", ()))


def _open_bucket(house: House) -> None:
    s3 = _aws(house, "s3", "us-west-2")
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")


def _bucket_is_private(house: House) -> bool:
    s3 = _aws(house, "s3", "us-west-2")
    try:
        block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    except ClientError:
        return False
    return all(block.values()) and "AllUsers" not in str(s3.get_bucket_acl(Bucket=BUCKET)["Grants"])


def _rds(house: House) -> Any:
    for region in ("us-east-1", "us-west-2", "eu-west-1"):
        rds = _aws(house, "rds", region)
        with suppress(ClientError):
            if rds.describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]:
                return rds
    raise AssertionError("the database is gone")


def _database_state(house: House) -> str:
    found = _rds(house).describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
    return str(found[0]["DBInstanceStatus"])


def _database_is_kept(house: House, plan_id: str) -> bool:
    found = _rds(house).describe_db_snapshots(DBInstanceIdentifier=DATABASE)["DBSnapshots"]
    return _database_state(house) == "stopped" and sum(plan_id in one["DBSnapshotIdentifier"] for one in found) == 1


def _start_database(house: House) -> None:
    with suppress(ClientError):
        _rds(house).start_db_instance(DBInstanceIdentifier=DATABASE)
    _wait(lambda: _database_state(house) == "available")


def _wait(look: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "the world did not come back"
        time.sleep(0.05)


def _nothing(_house: House) -> None:
    """A restart or a tag is left as it is."""


CHANGES = (
    Change(
        name="stop-ec2",
        cloud="aws",
        words="stop web-dev-1",
        calls=(("StopInstances", ReplayClass.NATURAL),),
        holds=lambda house, _plan, _n: _ec2_state(house, "web-dev-1") == "stopped",
        back=lambda house: _start_ec2(house, "web-dev-1"),
    ),
    Change(
        name="reboot-ec2",
        cloud="aws",
        words="restart web-dev-2",
        calls=(("RebootInstances", ReplayClass.ONCE),),
        holds=lambda house, _plan, _n: _ec2_state(house, "web-dev-2") == "running",
        back=_nothing,
    ),
    Change(
        name="stop-azure",
        cloud="azure",
        words="stop web-dev-az-1",
        calls=(("virtual_machines_deallocate", ReplayClass.NATURAL),),
        holds=lambda house, _plan, _n: _azure_power(house, "web-dev-az-1") == "PowerState/deallocated",
        back=lambda house: _start_azure(house, "web-dev-az-1"),
    ),
    Change(
        name="stop-gce",
        cloud="gcp",
        words="stop etl-dev-1",
        calls=(("instances_stop", ReplayClass.TOKEN),),
        holds=lambda house, _plan, _n: _gce(house, "instances/etl-dev-1")["status"] == "TERMINATED",
        back=lambda house: _start_gce(house, "etl-dev-1"),
    ),
    Change(
        name="tag-ec2",
        cloud="aws",
        words="tag spike-dev with crash=n{n}",
        calls=(("CreateTags", ReplayClass.NATURAL),),
        holds=lambda house, _plan, n: _ec2_tag(house, "spike-dev", "crash") == f"n{n}",
        back=_nothing,
    ),
    Change(
        name="private-bucket",
        cloud="aws",
        words=f"make bucket {BUCKET} private",
        calls=(("PutBucketAcl", ReplayClass.NATURAL), ("PutPublicAccessBlock", ReplayClass.NATURAL)),
        holds=lambda house, _plan, _n: _bucket_is_private(house),
        back=_open_bucket,
    ),
    Change(
        name="keep-database",
        cloud="aws",
        words=f"snapshot {DATABASE} then stop it",
        calls=(("CreateDBSnapshot", ReplayClass.STATE), ("StopDBInstance", ReplayClass.STATE)),
        holds=lambda house, plan, _n: _database_is_kept(house, plan),
        back=_start_database,
    ),
    Change(
        name="tag-azure",
        cloud="azure",
        words="tag web-dev-az-2 with crash=n{n}",
        calls=(("virtual_machines_update", ReplayClass.CAS),),
        holds=lambda house, _plan, n: _azure_tag(house, "web-dev-az-2", "crash") == f"n{n}",
        back=_nothing,
    ),
    Change(
        name="label-gce",
        cloud="gcp",
        words="label etl-dev-2 with crash=n{n}",
        calls=(("instances_set_labels", ReplayClass.CAS),),
        holds=lambda house, _plan, n: _gce(house, "instances/etl-dev-2").get("labels", {}).get("crash") == f"n{n}",
        back=_nothing,
    ),
    Change(
        name="snapshot-ec2",
        cloud="aws",
        words="snapshot batch-dev",
        calls=(("CreateSnapshots", ReplayClass.STATE),),
        holds=lambda house, plan, _n: _ec2_snapshots(house, plan) == 1,
        back=_nothing,
    ),
    Change(
        name="snapshot-gce",
        cloud="gcp",
        words="snapshot notebook-dev",
        calls=(("disks_create_snapshot", ReplayClass.TOKEN),),
        holds=lambda house, plan, _n: _gce_snapshots(house, plan) == 1,
        back=_nothing,
    ),
)
BY_NAME = {change.name: change for change in CHANGES}
