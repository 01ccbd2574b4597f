"""The AWS account behind the port, against the local AWS: what is read, what is permitted, what is measured."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import system_clock
from engine.clouds.aws.account import AwsAccount
from engine.clouds.aws.operations import OPERATIONS
from engine.clouds.aws.session import AwsAccountSettings, AwsSession
from engine.clouds.aws.usage import kind_of
from engine.clouds.billing import BY_SERVICE, CostDimension, CostGrouping
from engine.clouds.errors import Denied, NotSent
from engine.clouds.ports import Attempt
from engine.clouds.purpose import Purpose
from engine.estate.resource import CellStatus, Permitted
from engine.sandbox.landmarks import DEV, PROD, STAGING
from engine.sandbox.use import daily_use
from tests.fakes.aws_accounts import ATTEMPT, REGIONS, Aws, cell, no_machine, renamed, sandbox_aws, settings


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """A seeded local AWS that refuses changes without a step."""
    with sandbox_aws() as running:
        yield running


@pytest.fixture(autouse=True)
def _lift(aws: Aws) -> Iterator[None]:
    """No test leaves a fault behind."""
    yield
    aws.cloud.lift()


@pytest.mark.parametrize("account", [DEV.id, STAGING.id, PROD.id])
def test_a_whole_scan_shows_exactly_what_the_account_holds(aws: Aws, account: str) -> None:
    """Every machine, disk, bucket and database of the company, and nothing else, each under its ARN."""
    ours = aws.account(account)
    outcomes = [ours.scan(one, deadline=30) for one in ours.cells()]
    assert {outcome.status for outcome in outcomes} == {CellStatus.OK}
    found = [one for outcome in outcomes for one in outcome.resources]
    names = {type_: {one.name for one in found if one.type == type_} for type_ in {one.type for one in found}}
    assert names["s3::bucket"] == {one.name for one in aws.company.buckets if one.account.id == account}
    assert names["rds::instance"] == {one.name for one in aws.company.databases if one.account.id == account}
    ids = {one.short_id for one in found if one.type == "ec2::instance"}
    assert ids == {one.id for one in aws.company.machines if one.account.id == account}
    assert len({one.id for one in found}) == len(found)
    assert all(one.id.startswith("arn:aws:") for one in found)


def test_a_machine_carries_what_people_ask_for(aws: Aws) -> None:
    """State, size, zone, tags, disks and who owns it are there; the launch time is the company's."""
    seeded = next(one for one in aws.company.machines if one.name == "web-prod-1" and one.account == PROD)
    found = aws.find(PROD.id, "ec2", "web-prod-1")
    assert (found.state, found.size, found.zone) == ("running", seeded.size, seeded.zone)
    assert found.created_at == seeded.launched_at
    assert found.facts["owner"] == {"kind": "autoscaling::group", "name": seeded.scaling_group}
    assert isinstance(found.facts["volumes"], list)
    assert found.facts["volumes"]


def test_a_bucket_is_public_by_effect(aws: Aws) -> None:
    """An open ACL and an open policy count, a block shuts both; each landmark is judged as the company meant it."""
    for seeded in aws.company.buckets:
        found = aws.find(seeded.account.id, "s3", seeded.name)
        assert found.public is seeded.public, seeded.name
        assert (found.encrypted, found.region) == (seeded.encrypted, seeded.region)
        assert found.facts["versioning"] is seeded.versioning


def test_a_second_look_equals_the_scan(aws: Aws) -> None:
    """`read` gives the same resource as `scan`, for every type, so that drift is real drift."""
    for service, name in (("ec2", "bastion"), ("s3", "acme-terraform-state"), ("rds", "sandbox-db")):
        scanned = aws.find(DEV.id, service, name)
        assert aws.account(DEV.id).read(scanned) == scanned


def test_what_is_not_there_reads_as_none(aws: Aws) -> None:
    """A machine, a disk, a bucket and a database that do not exist are gone, not an error."""
    ours = aws.account(DEV.id)
    machine, bucket, database = (
        aws.find(DEV.id, service, name)
        for service, name in (("ec2", "bastion"), ("s3", "acme-terraform-state"), ("rds", "sandbox-db"))
    )
    assert ours.read(renamed(machine, "i-0123456789abcdef0")) is None
    assert ours.read(renamed(bucket, "acme-terraform")) is None
    assert ours.read(renamed(database, "no-such-db")) is None


def test_a_part_that_is_denied_leaves_the_cell_partial_and_says_why(aws: Aws) -> None:
    """Instances are shown although volumes may not be read; the reason is in the outcome."""
    aws.cloud.fault(service="ec2", action="DescribeVolumes", kind="deny", count=9)
    outcome = aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "ec2"), deadline=30)
    assert outcome.status is CellStatus.PARTIAL
    assert {one.type for one in outcome.resources} == {"ec2::instance"}
    assert "not authorized" in outcome.reason


@pytest.mark.parametrize(
    ("kind", "status"), [("deny", CellStatus.DENIED), ("throttle", CellStatus.THROTTLED)], ids=["denied", "throttled"]
)
def test_a_cell_that_cannot_be_read_says_how_it_ended(aws: Aws, kind: str, status: CellStatus) -> None:
    """Denied and throttled cells end as such, with a reason, and without an exception."""
    aws.cloud.fault(service="rds", kind=kind, count=50)
    outcome = aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "rds"), deadline=30)
    assert (outcome.status, outcome.resources) == (status, ())
    assert outcome.reason


def test_a_read_outlives_a_single_throttle(aws: Aws) -> None:
    """A throttled read is repeated once and succeeds; it costs one call more."""
    since = aws.cloud.last()
    aws.cloud.fault(service="rds", action="DescribeDBInstances", kind="throttle")
    assert aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "rds"), deadline=30).status is CellStatus.OK
    assert [call["action"] for call in aws.cloud.calls(since)].count("DescribeDBInstances") == 2


def test_thirty_percent_throttling_costs_less_than_twice_the_calls(aws: Aws) -> None:
    """Twenty looks, every third of them throttled: all succeed, and the cloud sees fewer than forty calls."""
    target = aws.find(DEV.id, "ec2", "bastion")
    since = aws.cloud.last()
    for number in range(20):
        if number % 3 == 0:
            aws.cloud.fault(service="ec2", action="DescribeInstances", kind="throttle")
        assert aws.account(DEV.id).read(target) is not None
    seen = [call for call in aws.cloud.calls(since) if call["action"] == "DescribeInstances"]
    assert [call["fault"] for call in seen].count("throttle") == 7
    assert len(seen) < 40


def test_a_passed_deadline_ends_the_cell_with_what_was_read(aws: Aws) -> None:
    """No time left: time-out, said so, and never an exception."""
    outcome = aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "ec2"), deadline=-1)
    assert outcome.status is CellStatus.TIMEOUT
    assert len(outcome.resources) == 1


def test_an_unknown_service_is_unsupported(aws: Aws) -> None:
    """A cell nobody can read is not an empty cell."""
    outcome = aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "lambda"), deadline=5)
    assert outcome.status is CellStatus.UNSUPPORTED


def test_nobody_home_is_unreachable() -> None:
    """When no endpoint answers, the cell is unreachable and a call was never sent."""
    ours = AwsAccount(settings("http://127.0.0.1:9", DEV.id), system_clock)
    assert ours.scan(cell(DEV.id, "us-east-1", "rds"), deadline=5).status is CellStatus.UNREACHABLE
    with pytest.raises(NotSent):
        ours.call("aws.ec2.stop_instances", no_machine(), {}, ATTEMPT)


def test_a_dry_run_tells_and_changes_nothing(aws: Aws) -> None:
    """Allowed and denied as EC2 says it; the machine and its tags stay as they were."""
    ours = aws.account(DEV.id)
    machine = aws.find(DEV.id, "ec2", "bastion")
    since = aws.cloud.last()
    for operation in (one for one in OPERATIONS if one.type == "ec2::instance"):
        assert ours.permitted(operation.id, machine) == (Permitted.ALLOWED, "dry-run")
    aws.cloud.fault(service="ec2", action="StopInstances", kind="deny")
    assert ours.permitted("aws.ec2.stop_instances", machine) == (Permitted.DENIED, "dry-run")
    assert aws.changes(since) == []
    assert ours.read(machine) == machine


def test_a_size_is_offered_by_the_zone(aws: Aws) -> None:
    """Of an instance as EC2 lists it for the instance's zone; of a volume nothing is said; what EC2 would not say is raised."""
    ours, machine = aws.account(DEV.id), aws.find(DEV.id, "ec2", "bastion")
    assert ours.offers("m5.xlarge", machine) is True
    assert ours.offers("x9.large", machine) is False
    assert ours.offers("m5.xlarge", replace(machine, type="ec2::volume")) is None
    aws.cloud.fault(service="ec2", action="DescribeInstanceTypeOfferings", kind="deny")
    with pytest.raises(Denied):
        ours.offers("m5.xlarge", machine)


def test_what_no_method_vouches_for_is_unknown(aws: Aws) -> None:
    """Where IAM cannot be asked, permission is unknown, never assumed."""
    bucket = aws.find(DEV.id, "s3", "acme-terraform-state")
    assert aws.account(DEV.id).permitted("aws.s3.put_bucket_acl", bucket)[0] is Permitted.UNKNOWN
    assert aws.account(DEV.id).permitted("aws.s3.no_such_thing", bucket) == (Permitted.UNKNOWN, "none")


def test_daily_use_is_what_the_machine_did(aws: Aws) -> None:
    """Fourteen whole days of CPU mean and maximum and network bytes; a stopped machine has none; many fit in batches."""
    now = system_clock()
    seeded = next(one for one in aws.company.machines if one.name == "batch-prod-1")
    busy, rested = aws.find(PROD.id, "ec2", "batch-prod-1"), aws.find(PROD.id, "ec2", "payroll-prod-2")
    use = aws.account(PROD.id).use([busy, *[rested] * 130, busy], days=14, until=now)
    assert set(use) == {busy.id}
    assert [one.day for one in use[busy.id]] == [now.date() - timedelta(days=back) for back in range(14, 0, -1)]
    for shown in use[busy.id]:
        meant = daily_use(seeded, shown.day)
        assert meant is not None
        assert shown.cpu_mean == pytest.approx(meant.cpu_average)
        assert shown.cpu_mean < shown.cpu_max <= 100
        assert shown.network_bytes == pytest.approx(meant.network_in_bytes + meant.network_out_bytes, abs=48)


def test_costs_are_those_of_this_account_alone(aws: Aws) -> None:
    """Per day and service, to the cent, from one call."""
    today = system_clock().date()
    start, since = today - timedelta(days=10), aws.cloud.last()
    lines = aws.account(STAGING.id).costs(start=start, end=today, grouping=BY_SERVICE)
    meant = {
        (one.day, one.service): float(one.amount_usd)
        for one in aws.company.costs
        if one.account == STAGING and start <= one.day < today and one.amount_usd
    }
    assert {(one.day, one.service): one.amount for one in lines or ()} == pytest.approx(meant)
    assert len(aws.cloud.calls(since)) == 1


def test_costs_come_by_region_by_kind_and_by_tag(aws: Aws) -> None:
    """Each cut adds up to the same, from one call each; no team is an empty tag, and usage is told as kinds of things."""
    today = system_clock().date()
    start, account = today - timedelta(days=10), aws.account(PROD.id)
    whole = sum(one.amount for one in account.costs(start=start, end=today, grouping=BY_SERVICE) or ())
    cuts = {
        "region": CostGrouping(dimensions=(CostDimension.REGION, CostDimension.SERVICE)),
        "type": CostGrouping(dimensions=(CostDimension.TYPE, CostDimension.SERVICE)),
        "tag": CostGrouping(dimensions=(CostDimension.TAG, CostDimension.REGION), tag="team"),
    }
    found = {}
    for name, grouping in cuts.items():
        since = aws.cloud.last()
        lines = account.costs(start=start, end=today, grouping=grouping) or ()
        assert sum(one.amount for one in lines) == pytest.approx(whole)
        assert len(aws.cloud.calls(since)) == 1
        found[name] = {getattr(one, name) for one in lines}
    assert found["region"] == {"us-east-1", "us-west-2", "eu-west-1"}
    assert {"", "platform", "payments"} <= found["tag"]
    assert {"EC2 instances", "EBS volumes", "RDS instances", "RDS storage", "S3 storage"} <= found["type"]


@pytest.mark.parametrize(
    ("usage", "kind"),
    [
        ("BoxUsage:t3.large", "EC2 instances"),
        ("EU-EBS:SnapshotUsage", "EBS snapshots"),
        ("USW2-EBS:VolumeUsage.gp3", "EBS volumes"),
        ("EU-Multi-AZUsage:db.r5.large", "RDS instances"),
        ("USE2-NatGateway-Hours", "NAT gateways"),
        ("EU-Something-New", "Some Service, other"),
    ],
)
def test_usage_types_are_told_as_kinds_of_things(usage: str, kind: str) -> None:
    """What is not known is said to be other usage of its service."""
    assert kind_of(usage, "Some Service") == kind


@pytest.mark.parametrize(
    "wrong",
    [
        {"dimensions": ()},
        {"dimensions": (CostDimension.SERVICE, CostDimension.REGION, CostDimension.TYPE)},
        {"dimensions": (CostDimension.TAG,)},
        {"tag": "team"},
    ],
)
def test_a_bill_cannot_be_asked_for_by_more_than_the_clouds_tell_at_once(wrong: dict[str, Any]) -> None:
    """Three things, nothing, a tag without a key and a key without the tag."""
    with pytest.raises(ValueError, match="told by"):
        CostGrouping(**wrong)


def test_an_endpoint_elsewhere_is_refused_unless_allowed() -> None:
    """Keys never travel to a foreign address by a slip of the settings."""
    with pytest.raises(ValueError, match="allow_custom_endpoints"):
        AwsAccount(settings("http://192.0.2.7:4566", DEV.id), system_clock)


def test_a_role_is_assumed_with_the_accounts_keys(aws: Aws) -> None:
    """With the keys of one account and a role of another, the other account's machines are read."""
    role = replace(
        settings(aws.cloud.url, DEV.id), account_id=STAGING.id, role_arn=f"arn:aws:iam::{STAGING.id}:role/escher"
    )
    outcome = AwsAccount(role, system_clock).scan(cell(STAGING.id, "us-east-1", "ec2"), deadline=10)
    assert outcome.status is CellStatus.OK
    assert "web-staging-1" in {one.name for one in outcome.resources}


def test_the_machines_own_aws_set_up_has_no_say_over_given_keys(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A profile, an endpoint, a proxy and a configuration file in the environment change nothing."""
    (tmp_path / "config").write_text("[default]\nregion = nowhere-1\nendpoint_url = http://127.0.0.1:9\n")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ours = AwsAccount(settings(aws.cloud.url, DEV.id), system_clock)
    assert ours.scan(cell(DEV.id, "us-east-1", "rds"), deadline=10).status is CellStatus.OK


def test_keys_are_not_in_the_settings_text() -> None:
    """What is printed or logged of an account names no key."""
    shown = repr(
        AwsAccountSettings(
            name="dev", account_id=DEV.id, regions=REGIONS, access_key_id="AKIAX", secret_access_key="s3cr3t"
        )
    )
    assert "AKIAX" not in shown
    assert "s3cr3t" not in shown


def test_clients_are_made_once_whatever_the_threads(aws: Aws) -> None:
    """Fifty threads ask at once and get the same client; another purpose is another client."""
    session = AwsSession(settings(aws.cloud.url, DEV.id))
    with ThreadPoolExecutor(50) as pool:
        made = set(pool.map(lambda _: id(session.client("ec2", "us-east-1", Purpose.READ)), range(50)))
    assert len(made) == 1
    assert id(session.client("ec2", "us-east-1", Purpose.WRITE)) not in made


def test_steps_of_parallel_calls_are_never_mixed_up(aws: Aws) -> None:
    """Sixteen steps at once through the same client: each call in the cloud's log names its own step."""
    machine = aws.find(DEV.id, "ec2", "ml-notebook")
    since = aws.cloud.last()

    def tag(number: int) -> None:
        attempt = Attempt(plan_id=ATTEMPT.plan_id, step_id=f"s{number}", token=ATTEMPT.token)
        aws.account(DEV.id).call("aws.ec2.create_tags", machine, {"tags": {f"k{number}": "v"}}, attempt)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, range(16)))
    assert sorted(call["step"] for call in aws.changes(since)) == sorted(f"s{number}" for number in range(16))
    aws.do("aws.ec2.delete_tags", machine, {"keys": [f"k{number}" for number in range(16)]})
