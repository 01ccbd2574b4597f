"""What the company's people did in the last ninety days, so that "who made this public?" has an answer."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from engine.sandbox.aws.trail import KEPT_DAYS, TrailEvent, recently
from engine.sandbox.costs import ANOMALY_ACCOUNT, ANOMALY_DAYS_AGO
from engine.sandbox.fleet import PEOPLE
from engine.sandbox.inventory import Bucket, Cloud, Company, Exposure, Machine, MachineState

BUCKET = "AWS::S3::Bucket"
INSTANCE = "AWS::EC2::Instance"
BACKFILL_MACHINES = 8


def events(company: Company) -> Iterator[TrailEvent]:
    """Yield the past, in no order."""
    for machine in company.machines_of(Cloud.AWS):
        yield from _machine(company, machine)
    for bucket in company.buckets:
        if bucket.cloud is Cloud.AWS and bucket.public:
            yield _opened(company, bucket)
    yield from _backfill(company)


def _person(team: str) -> str:
    return PEOPLE.get(team, "unknown@acme.example").partition("@")[0]


def _machine(company: Company, machine: Machine) -> Iterator[TrailEvent]:
    """Its launch, and its stop where it stands still."""
    if company.now - machine.launched_at < timedelta(days=KEPT_DAYS):
        yield _deed(machine, "RunInstances", machine.launched_at, {"instanceType": machine.size, "maxCount": 1})
    if machine.state is MachineState.STOPPED:
        stopped_at = max(machine.launched_at, recently(company.now, 2 + _spread(machine.id) % 40))
        yield _deed(machine, "StopInstances", stopped_at, {"instancesSet": [machine.id], "force": False})


def _deed(machine: Machine, name: str, at: datetime, parameters: dict[str, Any]) -> TrailEvent:
    return TrailEvent(
        at=at,
        account=machine.account.id,
        region=machine.region,
        service="ec2",
        name=name,
        user=machine.owner.partition("@")[0],
        resources=((INSTANCE, machine.id),),
        parameters=parameters,
    )


def _opened(company: Company, bucket: Bucket) -> TrailEvent:
    by_acl = bucket.exposure is Exposure.ACL
    return TrailEvent(
        at=recently(company.now, 5 + _spread(bucket.name) % 60 + 0.3),
        account=bucket.account.id,
        region=bucket.region,
        service="s3",
        name="PutBucketAcl" if by_acl else "PutBucketPolicy",
        user=_person(bucket.tags.get("team", "")),
        resources=((BUCKET, bucket.name),),
        parameters={"bucketName": bucket.name, **({"x-amz-acl": "public-read"} if by_acl else {"policy": "…"})},
    )


def _backfill(company: Company) -> Iterator[TrailEvent]:
    """The cause of the costly day: big machines for one job, launched in the morning and forgotten until midnight."""
    day = datetime.combine(company.now.date() - timedelta(days=ANOMALY_DAYS_AGO), time(), company.now.tzinfo)
    ids = [
        f"i-0{hashlib.sha256(f'{company.seed}/backfill/{n}'.encode()).hexdigest()[:16]}"
        for n in range(BACKFILL_MACHINES)
    ]
    for name, at, parameters in (
        ("RunInstances", day + timedelta(minutes=25), {"instanceType": "c5.4xlarge", "maxCount": BACKFILL_MACHINES}),
        ("TerminateInstances", day + timedelta(hours=23, minutes=40), {"instancesSet": ids}),
    ):
        yield TrailEvent(
            at=at,
            account=ANOMALY_ACCOUNT.id,
            region="us-east-1",
            service="ec2",
            name=name,
            user=_person("data"),
            resources=tuple((INSTANCE, key) for key in ids),
            parameters=parameters,
        )


def _spread(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)
