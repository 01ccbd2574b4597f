"""The local AWS as the real boto3 meets it: listing, changing, being refused, and everything that can go wrong."""

import subprocess
import sys
import time
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from engine.sandbox import process
from engine.sandbox.company import Cloud
from engine.sandbox.landmarks import DEV, HOSTILE_NAME, PROD, STAGING
from tests.fakes.aws_clients import STEP, Aws, local_aws
from tests.fakes.patience import PATIENCE


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Clients of a seeded endpoint."""
    with local_aws() as running:
        yield running


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    """The error code that boto3 read from an answer."""
    return str(refused.value.response["Error"]["Code"])


def test_every_account_and_region_lists_exactly_its_own_machines(aws: Aws) -> None:
    """Small pages over three accounts and three regions bring every seeded instance, in its state, once."""
    for account in aws.company.accounts_of(Cloud.AWS):
        for region in ("us-east-1", "us-west-2", "eu-west-1"):
            pages = aws.client("ec2", account.id, region=region).get_paginator("describe_instances")
            found = {
                instance["InstanceId"]: instance
                for page in pages.paginate(PaginationConfig={"PageSize": 5})
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
            }
            seeded = {m.id: m for m in aws.company.machines if (m.account, m.region) == (account, region)}
            assert found.keys() == seeded.keys()
            for key, machine in seeded.items():
                assert found[key]["State"]["Name"] == machine.state.value
                assert {t["Key"]: t["Value"] for t in found[key]["Tags"]}.items() >= machine.tags.items()
                assert found[key]["LaunchTime"] == machine.launched_at.replace(microsecond=0)


def test_each_key_opens_its_own_account_and_a_wrong_key_none(aws: Aws) -> None:
    """The account follows from the access key; a key that was never given out is refused, not made the default."""
    for account in (DEV, STAGING, PROD):
        assert aws.client("sts", account.id).get_caller_identity()["Account"] == account.id
    stranger = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=aws.cloud.url,
        aws_access_key_id="AKIAAAAAAAAAAAAAAAAA",
        aws_secret_access_key="none",
    )
    with pytest.raises(ClientError) as refused:
        stranger.get_caller_identity()
    assert code(refused) == "InvalidClientTokenId"


def test_a_role_of_another_account_can_be_stepped_into(aws: Aws) -> None:
    """AssumeRole gives credentials that are the other account's."""
    role = aws.client("sts").assume_role(RoleArn=f"arn:aws:iam::{PROD.id}:role/EscherOperator", RoleSessionName="plan")[
        "Credentials"
    ]
    inside = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=aws.cloud.url,
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert inside.get_caller_identity()["Account"] == PROD.id


def test_names_are_kept_as_people_wrote_them(aws: Aws) -> None:
    """The hostile name is an ordinary tag and comes back unchanged."""
    found = aws.client("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": [HOSTILE_NAME]}])
    assert len(found["Reservations"]) == 1


def test_volumes_hang_on_their_instances(aws: Aws) -> None:
    """Each seeded disk is there, attached to its machine or free, with its size."""
    seeded = {d.id: d for d in aws.company.disks if (d.account, d.region) == (PROD, "us-east-1")}
    found = {v["VolumeId"]: v for v in aws.client("ec2", PROD.id).describe_volumes()["Volumes"]}
    assert found.keys() == seeded.keys()
    for key, disk in seeded.items():
        attached = [attachment["InstanceId"] for attachment in found[key]["Attachments"]]
        assert attached == ([disk.machine_id] if disk.machine_id else [])
        assert found[key]["Size"] == disk.size_gb
        assert found[key]["Encrypted"] is disk.encrypted


def test_a_scaling_group_owns_its_instances(aws: Aws) -> None:
    """The three web servers belong to a group, and their tag says so."""
    (group,) = aws.client("autoscaling", PROD.id).describe_auto_scaling_groups()["AutoScalingGroups"]
    owned = {m.id for m in aws.company.machines if m.scaling_group == "web-prod"}
    assert {instance["InstanceId"] for instance in group["Instances"]} == owned
    assert (group["MinSize"], group["DesiredCapacity"]) == (2, 3)
    tagged = aws.client("ec2", PROD.id).describe_instances(
        Filters=[{"Name": "tag:aws:autoscaling:groupName", "Values": ["web-prod"]}]
    )
    assert {r["Instances"][0]["InstanceId"] for r in tagged["Reservations"]} == owned


def test_stop_and_start_change_the_state(aws: Aws) -> None:
    """A running instance stops and starts again; each answer names the state before."""
    machine = aws.machine("web-dev-2")
    ec2 = aws.client("ec2")
    (stopping,) = ec2.stop_instances(InstanceIds=[machine.id])["StoppingInstances"]
    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    assert aws.state(machine) == "stopped"
    (starting,) = ec2.start_instances(InstanceIds=[machine.id])["StartingInstances"]
    assert starting["PreviousState"]["Name"] == "stopped"
    assert aws.state(machine) == "running"


def test_a_dry_run_changes_nothing_and_needs_no_step(aws: Aws) -> None:
    """DryRun is answered with its own error, passes the gate as a read, and leaves the machine alone."""
    machine = aws.machine("web-dev-1")
    before = aws.cloud.last()
    with pytest.raises(ClientError) as answer:
        aws.client("ec2", step=None).stop_instances(InstanceIds=[machine.id], DryRun=True)
    assert code(answer) == "DryRunOperation"
    assert aws.state(machine) == "running"
    assert [call["mutating"] for call in aws.cloud.calls(before)] == [False, False]


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("ec2", "terminate_instances", {"InstanceIds": ["i-0123456789abcdef0"]}, "AccessDenied"),
        ("rds", "stop_db_instance", {"DBInstanceIdentifier": "sandbox-db"}, "AccessDenied"),
        ("s3", "delete_bucket", {"Bucket": "acme-dev-scratch"}, "AccessDenied"),
        ("iam", "create_user", {"UserName": "eve"}, "AccessDenied"),
        ("sqs", "create_queue", {"QueueName": "q"}, "AccessDeniedException"),
        ("lambda", "delete_function", {"FunctionName": "f"}, "AccessDeniedException"),
        ("secretsmanager", "delete_secret", {"SecretId": "s"}, "AccessDeniedException"),
    ],
)
def test_the_gate_refuses_changes_without_a_step(
    aws: Aws, service: str, operation: str, params: dict[str, Any], expected: str
) -> None:
    """In every wire protocol an unapproved change is a 403 that boto3 understands; nothing reaches the cloud."""
    before = aws.cloud.last()
    for step in (None, "escher/p-0A1B2C3D", "escher/plan/s1", f"{STEP} {STEP}"):
        with pytest.raises(ClientError) as refused:
            getattr(aws.client(service, step=step), operation)(**params)
        assert code(refused) == expected
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    calls = aws.cloud.calls(before)
    assert [(call["mutating"], call["refused"], call["status"]) for call in calls] == [(True, True, 403)] * 4


def test_the_world_may_change_things_and_is_told_apart(aws: Aws) -> None:
    """With the outside header a colleague's change passes the gate, and the log says whose it was."""
    machine = aws.machine("batch-dev")
    before = aws.cloud.last()
    ec2 = aws.client("ec2", step=None)
    ec2.meta.events.register(
        "before-sign.ec2", lambda request, **_: request.headers.add_header("x-escher-outside", "world")
    )
    ec2.create_tags(Resources=[machine.id], Tags=[{"Key": "env", "Value": "prod"}])
    ec2.create_tags(Resources=[machine.id], Tags=[{"Key": "env", "Value": "dev"}])
    assert [(call["outside"], call["refused"], call["plan"]) for call in aws.cloud.calls(before)] == [
        (True, False, "")
    ] * 2


def test_the_log_tells_who_did_what_where(aws: Aws) -> None:
    """A call is written down with service, action, region, account, plan and step before its answer arrives."""
    before = aws.cloud.last()
    aws.client("s3", PROD.id, region="eu-west-1", step="escher/p-ZZZZ0000/snapshot-1").put_bucket_tagging(
        Bucket="acme-data-lake", Tagging={"TagSet": [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "data"}]}
    )
    (call,) = aws.cloud.calls(before)
    expected = {
        "service": "s3",
        "action": "PutBucketTagging",
        "region": "eu-west-1",
        "mutating": True,
        "plan": "p-ZZZZ0000",
        "step": "snapshot-1",
        "fault": "",
    }
    assert call.items() >= expected.items()
    assert call["account"].startswith("AKIA")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("throttle", "RequestLimitExceeded"), ("deny", "UnauthorizedOperation"), ("error500", "InternalError")],
)
def test_a_fault_answers_in_the_clouds_words_and_does_nothing(aws: Aws, kind: str, expected: str) -> None:
    """The next matching call fails as EC2 would fail it; the one after succeeds."""
    machine = aws.machine("jenkins-dev")
    aws.cloud.fault(service="ec2", action="StartInstances", kind=kind)
    with pytest.raises(ClientError) as failed:
        aws.client("ec2").start_instances(InstanceIds=[machine.id])
    assert code(failed) == expected
    assert aws.state(machine) == "stopped"


def test_a_dropped_answer_hides_a_done_deed(aws: Aws) -> None:
    """The call is executed and written down with the cloud's own status, yet the caller gets no byte."""
    machine = aws.machine("jenkins-dev")
    before = aws.cloud.last()
    aws.cloud.fault(service="ec2", action="StartInstances", kind="drop_response")
    with pytest.raises(ConnectionClosedError):
        aws.client("ec2").start_instances(InstanceIds=[machine.id])
    (call,) = aws.cloud.calls(before)
    assert (call["fault"], call["status"]) == ("drop_response", 200)
    assert aws.state(machine) == "running"
    aws.client("ec2").stop_instances(InstanceIds=[machine.id])


def test_a_fault_can_be_meant_for_one_region(aws: Aws) -> None:
    """Only the named region is throttled, and only as often as was said."""
    aws.cloud.fault(service="ec2", action="*", region="us-west-2", kind="throttle", count=2)
    aws.client("ec2").describe_vpcs()
    west = aws.client("ec2", region="us-west-2")
    for _ in range(2):
        with pytest.raises(ClientError):
            west.describe_vpcs()
    west.describe_vpcs()


def test_a_delay_keeps_the_caller_waiting(aws: Aws) -> None:
    """The answer is right, only late."""
    aws.cloud.fault(service="sts", action="GetCallerIdentity", kind="delay", seconds=0.4)
    begun = time.perf_counter()
    assert aws.client("sts").get_caller_identity()["Account"] == DEV.id
    assert time.perf_counter() - begun >= 0.4


def test_buckets_are_open_and_shut_in_the_ways_buckets_are(aws: Aws) -> None:
    """Public access can be found by ACL, by policy and by the missing switch; encryption may be absent."""
    s3 = aws.client("s3", PROD.id)
    assert {b["Name"] for b in s3.list_buckets()["Buckets"]} == {
        b.name for b in aws.company.buckets if b.account == PROD
    }
    grants = s3.get_bucket_acl(Bucket="acme-payroll-exports")["Grants"]
    assert any(grant["Grantee"].get("URI", "").endswith("/global/AllUsers") for grant in grants)
    assert s3.get_bucket_policy_status(Bucket="acme-website")["PolicyStatus"]["IsPublic"] is True
    block = s3.get_public_access_block(Bucket="acme-audit-logs")["PublicAccessBlockConfiguration"]
    assert all(block.values())
    with pytest.raises(ClientError) as missing:
        s3.get_bucket_encryption(Bucket="acme-payroll-exports")
    assert code(missing) == "ServerSideEncryptionConfigurationNotFoundError"


def test_databases_stop_start_and_are_snapshotted(aws: Aws) -> None:
    """RDS goes available, stopped, available; a snapshot is there when asked for; the wrong state is refused."""
    rds = aws.client("rds")

    def status() -> str:
        return str(rds.describe_db_instances(DBInstanceIdentifier="sandbox-db")["DBInstances"][0]["DBInstanceStatus"])

    assert status() == "available"
    rds.stop_db_instance(DBInstanceIdentifier="sandbox-db")
    assert status() == "stopped"
    with pytest.raises(ClientError) as refused:
        rds.stop_db_instance(DBInstanceIdentifier="sandbox-db")
    assert code(refused) == "InvalidDBInstanceState"
    rds.start_db_instance(DBInstanceIdentifier="sandbox-db")
    assert status() == "available"
    made = rds.create_db_snapshot(DBInstanceIdentifier="sandbox-db", DBSnapshotIdentifier="before-upgrade")
    assert made["DBSnapshot"]["Status"] == "available"


def test_the_child_ends_with_a_parent_that_is_killed() -> None:
    """SIGKILL to the process that started it closes the pipe, and the endpoint is gone soon after."""
    script = """
        import time
        from engine.sandbox import process
        print(process.start("aws", ["--scale", "60"]).url, flush=True)
        time.sleep(600)
    """
    parent = subprocess.Popen([sys.executable, "-c", dedent(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert httpx.get(f"{url}/_escher/cpu").json()["cpu_seconds"] > 0
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/_escher/cpu", timeout=1)
        except httpx.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("the endpoint outlived its parent")


def test_an_endpoint_that_cannot_start_says_why() -> None:
    """A wrong option is reported with the child's own words instead of a silent wait."""
    with pytest.raises(process.EndpointNotStarted, match="unrecognized arguments"):
        process.start("aws", ["--no-such-option"])
