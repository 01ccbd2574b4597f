"""The AWS account behind the port, against the local AWS with its gate on: every change must name an approved step."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import system_clock
from engine.clouds.aws.account import AwsAccount
from engine.clouds.aws.operations import COMPOSITES, OPERATIONS
from engine.clouds.aws.session import AwsAccountSettings, AwsSession, Purpose, acting
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, NotSent, Throttled, Unanswered
from engine.clouds.operation import ExpandedStep, Verdict
from engine.clouds.ports import Attempt
from engine.estate.resource import CellStatus, Cloud, Permitted, Resource, ScanCell
from engine.sandbox import company as companies
from engine.sandbox.aws.credentials import access_key
from engine.sandbox.landmarks import DEV, PROD, STAGING
from engine.sandbox.use import daily_use
from tests.fakes.local_cloud import LocalCloud, local_cloud

SEED, SCALE = 7, 300
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
ATTEMPT = Attempt(plan_id="p-7f3a0b1c", step_id="s1", token="5f0c8a52-0000-4000-8000-000000000001")
BY_ID = {operation.id: operation for operation in OPERATIONS}
COMPOSITE = {composite.id: composite for composite in COMPOSITES}
SUFFIX = {"suffix": "p-7f3a0b1c"}
# The local AWS has no dry run for these.
NO_DRY_RUN = {"aws.ec2.modify_instance_attribute"}
SHUT = dict.fromkeys(
    ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
)


@dataclass(slots=True)
class Aws:
    """The endpoint, the company behind it, and our accounts on it."""

    cloud: LocalCloud
    company: companies.Company
    accounts: dict[str, AwsAccount] = field(default_factory=dict)

    def account(self, id_: str) -> AwsAccount:
        """Our side of one account."""
        if id_ not in self.accounts:
            self.accounts[id_] = AwsAccount(settings(self.cloud.url, id_), system_clock)
        return self.accounts[id_]

    def find(self, account: str, service: str, name: str) -> Resource:
        """One resource, as a scan of all its cells shows it."""
        ours = self.account(account)
        cells = [cell for cell in ours.cells() if cell.service == service]
        return next(one for cell in cells for one in ours.scan(cell, deadline=30).resources if one.name == name)

    def do(self, operation: str, resource: Resource, params: Mapping[str, Any]) -> Resource | None:
        """Call, then look until the verdict says done; what is there then."""
        ours = self.account(resource.account)
        ours.call(operation, resource, params, ATTEMPT)
        for _ in range(100):
            fresh = ours.read(resource)
            if BY_ID[operation].verdict(fresh, params) is Verdict.DONE:
                return fresh
            time.sleep(0.05)
        pytest.fail(f"{operation} never showed as done")

    def undo(self, operation: str, before: Resource, params: Mapping[str, Any]) -> Resource | None:
        """Take an operation back by its declared inverse; what is there then."""
        inverse = BY_ID[operation].inverse
        assert inverse is not None
        left: Resource | None = before
        for step in inverse.steps(before, params):
            left = self.do(step.operation, before, step.params)
        return left

    def changes(self, since: int) -> list[dict[str, Any]]:
        """The changing calls after a number of the log."""
        return [call for call in self.cloud.calls(since) if call["mutating"]]


def settings(url: str, account: str) -> AwsAccountSettings:
    """One account of the sandbox."""
    key, secret = access_key(seed=SEED, account_id=account)
    return AwsAccountSettings(
        name="sandbox",
        account_id=account,
        regions=REGIONS,
        access_key_id=key,
        secret_access_key=secret,
        endpoint_url=url,
    )


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """A seeded local AWS that refuses changes without a step."""
    with local_cloud("aws", "--seed", str(SEED), "--scale", str(SCALE), "--gate") as cloud:
        yield Aws(cloud, companies.build(seed=SEED, scale=SCALE, now=system_clock()))


@pytest.fixture(autouse=True)
def _lift(aws: Aws) -> Iterator[None]:
    """No test leaves a fault behind."""
    yield
    aws.cloud.lift()


def cell(account: str, region: str, service: str) -> ScanCell:
    """A scan cell."""
    return ScanCell(cloud=Cloud.AWS, account=account, region=region, service=service)


def same(one: Resource, other: Resource) -> bool:
    """Whether two reads show the same settings; IP addresses move when a machine rests."""
    moving = {"public_ip", "launched_at"}

    def kept(resource: Resource) -> dict[str, object]:
        return {key: value for key, value in resource.facts.items() if key not in moving}

    shown = ("id", "state", "tags", "size", "created_at", "public", "encrypted")
    return all(getattr(one, name) == getattr(other, name) for name in shown) and kept(one) == kept(other)


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
    assert ours.read(_renamed(machine, "i-0123456789abcdef0")) is None
    assert ours.read(_renamed(bucket, "acme-terraform")) is None
    assert ours.read(_renamed(database, "no-such-db")) is None


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
        ours.call("aws.ec2.stop_instances", _machine(), {}, ATTEMPT)


ROUND_TRIPS = [
    ("aws.ec2.start_instances", DEV.id, "web-dev-3", {}),
    ("aws.ec2.stop_instances", DEV.id, "api-dev-1", {}),
    ("aws.ec2.create_tags", DEV.id, "web-dev-1", {"tags": {"env": "qa", "costs": "a,b"}}),
    ("aws.ec2.delete_tags", DEV.id, "search-dev", {"keys": ["team", "nothing"]}),
    ("aws.ec2.modify_instance_attribute", DEV.id, "jenkins-dev", {"instance_type": "c5.2xlarge"}),
    ("aws.rds.modify_db_instance", STAGING.id, "crm-db", {"public": False, "deletion_protection": True}),
    ("aws.rds.modify_db_instance", DEV.id, "sandbox-db", {"instance_class": "db.t3.medium", "backup_days": 7}),
    ("aws.rds.start_db_instance", STAGING.id, "reports-db", {}),
    ("aws.rds.stop_db_instance", STAGING.id, "crm-db", {}),
    ("aws.rds.add_tags_to_resource", DEV.id, "sandbox-db", {"tags": {"env": "qa", "owner": "dana"}}),
    ("aws.rds.remove_tags_from_resource", DEV.id, "sandbox-db", {"keys": ["team"]}),
    ("aws.s3.put_public_access_block", PROD.id, "acme-website", SHUT),
    ("aws.s3.put_public_access_block", PROD.id, "acme-audit-logs", {**SHUT, "restrict_public_buckets": False}),
    ("aws.s3.delete_public_access_block", PROD.id, "acme-db-backups", {}),
    ("aws.s3.put_bucket_acl", DEV.id, "acme-dev-scratch", {"acl": "private"}),
    ("aws.s3.put_bucket_policy", DEV.id, "acme-dev-scratch", {"policy": '{"Version":"2012-10-17","Statement":[]}'}),
    ("aws.s3.delete_bucket_policy", PROD.id, "acme-website", {}),
    ("aws.s3.put_bucket_encryption", PROD.id, "acme-data-lake", {"algorithm": "AES256"}),
    (
        "aws.s3.put_bucket_encryption",
        PROD.id,
        "acme-website",
        {"algorithm": "aws:kms", "kms_key": "", "bucket_key": True},
    ),
    ("aws.s3.put_bucket_versioning", PROD.id, "acme-website", {"status": "Suspended"}),
    ("aws.s3.put_bucket_tagging", PROD.id, "acme-website", {"tags": {"env": "qa", "x": "y"}, "keys": ["team"]}),
]


@pytest.mark.parametrize(
    ("operation", "account", "name", "params"), ROUND_TRIPS, ids=[f"{o}-{n}" for o, _, n, _ in ROUND_TRIPS]
)
def test_an_operation_does_what_it_says_and_its_inverse_takes_it_back(
    aws: Aws, operation: str, account: str, name: str, params: dict[str, Any]
) -> None:
    """Not done, call, done; then the declared inverse, and everything is as it was. Every change names its step."""
    since = aws.cloud.last()
    before = aws.find(account, operation.split(".")[1], name)
    assert BY_ID[operation].verdict(before, params) is Verdict.NOT_DONE
    after = aws.do(operation, before, params)
    assert after is not None
    assert not same(before, after)
    left = aws.undo(operation, before, params)
    assert left is not None
    assert same(before, left)
    changes = aws.changes(since)
    assert len(changes) == 1 + len(BY_ID[operation].inverse.steps(before, params))  # type: ignore[union-attr] # undone above
    assert {(call["plan"], call["step"]) for call in changes} == {(ATTEMPT.plan_id, ATTEMPT.step_id)}


@pytest.mark.parametrize(
    "operation", [one for one in ROUND_TRIPS if one[0].split(".")[1] != "rds"], ids=lambda one: f"{one[0]}-{one[2]}"
)
def test_a_natural_operation_said_twice_changes_nothing_more(
    aws: Aws, operation: tuple[str, str, str, dict[str, Any]]
) -> None:
    """The second call of the same attempt is accepted and leaves the target exactly as the first did."""
    id_, account, name, params = operation
    assert BY_ID[id_].replay.value == "natural"
    before = aws.find(account, id_.split(".")[1], name)
    once = aws.do(id_, before, params)
    twice = aws.do(id_, before, params)
    assert once is not None
    assert twice is not None
    assert same(once, twice)
    aws.undo(id_, before, params)


def test_resetting_a_buckets_encryption_leaves_the_default_and_can_be_taken_back(aws: Aws) -> None:
    """A bucket with a key of its own goes back to S3's keys, which counts as weakening, and gets its key again."""
    plain = aws.find(PROD.id, "s3", "acme-website")
    before = aws.do("aws.s3.put_bucket_encryption", plain, {"algorithm": "aws:kms", "kms_key": "alias/acme"})
    assert before is not None
    reset = BY_ID["aws.s3.delete_bucket_encryption"]
    assert reset.verdict(before, {}) is Verdict.NOT_DONE
    assert reset.weakens({})
    aws.do(reset.id, before, {})
    back = aws.undo(reset.id, before, {})
    assert back is not None
    assert same(before, back)
    aws.undo("aws.s3.put_bucket_encryption", plain, {})


def test_a_snapshot_is_this_plans_own_and_is_taken_once(aws: Aws) -> None:
    """The verdict knows the plan's snapshot by its name; saying it again is a conflict, not a second snapshot."""
    before = aws.find(DEV.id, "rds", "sandbox-db")
    operation = BY_ID["aws.rds.create_db_snapshot"]
    assert operation.verdict(before, SUFFIX) is Verdict.NOT_DONE
    after = aws.do(operation.id, before, SUFFIX)
    assert after is not None
    assert operation.verdict(after, {"suffix": "p-other000"}) is Verdict.NOT_DONE
    with pytest.raises(Conflict):
        aws.account(DEV.id).call(operation.id, before, SUFFIX, ATTEMPT)
    again = aws.account(DEV.id).read(before)
    assert again is not None
    snapshots = again.facts["snapshots"]
    assert isinstance(snapshots, dict)
    assert [name for name in snapshots if name.endswith(SUFFIX["suffix"])] == ["sandbox-db-p-7f3a0b1c"]


@pytest.mark.parametrize(
    ("operation", "service", "name"),
    [("aws.ec2.reboot_instances", "ec2", "bastion"), ("aws.rds.reboot_db_instance", "rds", "sandbox-db")],
)
def test_a_restart_is_called_once_and_cannot_be_told_from_looking(
    aws: Aws, operation: str, service: str, name: str
) -> None:
    """It reaches the cloud once; before and after, a look says `untold`, so that nobody guesses."""
    since = aws.cloud.last()
    target = aws.find(DEV.id, service, name)
    aws.account(DEV.id).call(operation, target, {}, ATTEMPT)
    assert BY_ID[operation].verdict(aws.account(DEV.id).read(target), {}) is Verdict.UNTOLD
    assert len(aws.changes(since)) == 1


@pytest.mark.parametrize("name", ["batch-dev", "jenkins-data-old"])
def test_snapshots_of_machines_and_disks_are_this_plans_own(aws: Aws, name: str) -> None:
    """Not there, called, there under the plan's suffix; another plan's suffix still finds none, a scan costs nothing more."""
    target = aws.find(DEV.id, "ec2", name)
    id_ = "aws.ec2.create_snapshots" if target.type == "ec2::instance" else "aws.ec2.create_snapshot"
    assert BY_ID[id_].verdict(aws.account(DEV.id).read(target), SUFFIX) is Verdict.NOT_DONE
    after = aws.do(id_, target, SUFFIX)
    assert BY_ID[id_].verdict(after, {"suffix": "p-other000"}) is Verdict.NOT_DONE


def test_a_disk_is_detached_and_hung_back_where_it_was(aws: Aws) -> None:
    """Loose after the call, in use by the same machine under the same device after the undo."""
    before = next(
        one
        for one in aws.account(DEV.id).scan(cell(DEV.id, "us-east-1", "ec2"), deadline=30).resources
        if one.type == "ec2::volume" and one.facts["attached"]
    )
    loose = aws.do("aws.ec2.detach_volume", before, {})
    assert loose is not None
    assert (loose.state, loose.facts["attached"]) == ("available", False)
    assert aws.undo("aws.ec2.detach_volume", before, {}) == before


def test_a_disk_grows_and_promises_no_way_back(aws: Aws) -> None:
    """The size is the new one afterwards; the declaration says that AWS makes nothing smaller."""
    volume = aws.find(STAGING.id, "ec2", "worker-staging-scratch")
    grown = aws.do("aws.ec2.modify_volume", volume, {"size_gb": 150})
    assert grown is not None
    assert grown.facts["size_gb"] == 150
    assert BY_ID["aws.ec2.modify_volume"].inverse is None


def test_a_terminated_machine_is_gone_at_once(aws: Aws) -> None:
    """After the call the machine reads as gone, and it is not listed any more although AWS still tells of it."""
    machine = aws.find(DEV.id, "ec2", "spike-dev")
    assert aws.do("aws.ec2.terminate_instances", machine, {}) is None
    outcome = aws.account(DEV.id).scan(cell(DEV.id, machine.region, "ec2"), deadline=30)
    assert machine.id not in {one.id for one in outcome.resources}


def test_a_volume_and_a_database_can_be_deleted(aws: Aws) -> None:
    """A loose volume goes; a database goes and leaves its final snapshot under the plan's name."""
    volume = aws.find(DEV.id, "ec2", "jenkins-data-old")
    assert (volume.state, volume.facts["attached"], volume.facts["size_gb"]) == ("available", False, 500)
    assert aws.do("aws.ec2.delete_volume", volume, {}) is None
    client = AwsSession(settings(aws.cloud.url, DEV.id)).client("rds", "us-west-2", Purpose.WRITE)
    with acting(ATTEMPT):
        client.create_db_instance(
            DBInstanceIdentifier="short-lived",
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="acme",
            MasterUserPassword="opens-nothing",
        )
    database = aws.find(DEV.id, "rds", "short-lived")
    assert aws.do("aws.rds.delete_db_instance", database, SUFFIX) is None
    kept = client.describe_db_snapshots(DBSnapshotIdentifier="short-lived-final-p-7f3a0b1c")["DBSnapshots"]
    assert len(kept) == 1


def test_a_bucket_with_objects_is_not_deleted(aws: Aws) -> None:
    """S3 itself refuses; that is a conflict, nothing was done, and the bucket is still there."""
    bucket = aws.find(DEV.id, "s3", "acme-terraform-state")
    with pytest.raises(Conflict):
        aws.account(DEV.id).call("aws.s3.delete_bucket", bucket, {}, ATTEMPT)
    assert aws.account(DEV.id).read(bucket) == bucket


@pytest.mark.parametrize(
    ("account", "name"), [(PROD.id, "acme-website"), (PROD.id, "acme-payroll-exports"), (DEV.id, "acme-dev-scratch")]
)
def test_make_private_shuts_what_is_open_and_its_undo_opens_exactly_that(aws: Aws, account: str, name: str) -> None:
    """An open ACL or policy no longer counts afterwards; taken back in reverse, the bucket is as it was."""
    before = aws.find(account, "s3", name)
    assert before.public is True
    steps = COMPOSITE["escher.s3.make_private"].expand(before, {})
    assert not any(BY_ID[step.operation].weakens(step.params) for step in steps)
    after = _run(aws, before, steps)
    assert after.public is False
    assert COMPOSITE["escher.s3.make_private"].expand(after, {}) == ()
    assert same(_unrun(aws, before, steps), before)


@pytest.mark.parametrize(("account", "name"), [(PROD.id, "acme-audit-logs"), (PROD.id, "acme-data-lake")])
def test_make_public_opens_for_reading_only_and_is_marked_as_exposing(aws: Aws, account: str, name: str) -> None:
    """Whether blocked before or not: public afterwards, each opening step counts as weakening, and undo shuts it again."""
    before = aws.find(account, "s3", name)
    assert before.public is False
    steps = COMPOSITE["escher.s3.make_public"].expand(before, {})
    assert all(BY_ID[step.operation].weakens(step.params) for step in steps)
    after = _run(aws, before, steps)
    assert (after.public, after.facts["acl"]) == (True, "private")
    assert '"s3:GetObject"' in str(after.facts["policy"])
    assert COMPOSITE["escher.s3.make_public"].expand(after, {}) == ()
    assert same(_unrun(aws, before, steps), before)


@pytest.mark.parametrize(
    ("composite", "account", "service", "name", "params"),
    [
        ("escher.rds.make_private", STAGING.id, "rds", "crm-db", {}),
        ("escher.rds.make_public", DEV.id, "rds", "sandbox-db", {}),
        ("escher.rds.enable", DEV.id, "rds", "sandbox-db", {"feature": "deletion_protection"}),
        ("escher.rds.disable", PROD.id, "rds", "orders-db", {"feature": "deletion_protection"}),
        ("escher.rds.resize", DEV.id, "rds", "sandbox-db", {"instance_type": "t3.large"}),
        ("escher.s3.enable", PROD.id, "s3", "acme-data-lake", {"feature": "versioning"}),
        ("escher.s3.disable", PROD.id, "s3", "acme-audit-logs", {"feature": "versioning"}),
        ("escher.s3.tag", PROD.id, "s3", "acme-audit-logs", {"tags": {"reviewed": "yes"}}),
        ("escher.s3.untag", PROD.id, "s3", "acme-audit-logs", {"keys": ["team"]}),
    ],
)
def test_a_composite_does_it_once_and_can_be_taken_back(
    aws: Aws, composite: str, account: str, service: str, name: str, params: dict[str, Any]
) -> None:
    """Its steps bring the wanted settings, the undo brings back the old ones, and what weakens is marked."""
    before = aws.find(account, service, name)
    steps = COMPOSITE[composite].expand(before, params)
    after = _run(aws, before, steps)
    assert not same(before, after)
    weakens = any(BY_ID[step.operation].weakens(step.params) for step in steps)
    assert weakens is composite.endswith(("make_public", "disable"))
    assert same(_unrun(aws, before, steps), before)


def test_encrypt_asks_for_nothing_where_a_bucket_is_encrypted(aws: Aws) -> None:
    """An encrypted bucket needs no step, a plain one becomes encrypted, and the undo tells that it weakens."""
    assert COMPOSITE["escher.s3.encrypt"].expand(aws.find(PROD.id, "s3", "acme-website"), {}) == ()
    before = aws.find(PROD.id, "s3", "acme-data-lake")
    steps = COMPOSITE["escher.s3.encrypt"].expand(before, {})
    assert _run(aws, before, steps).encrypted is True
    back = [undo for step in steps for undo in BY_ID[step.operation].inverse.steps(before, step.params)]  # type: ignore[union-attr] # all have one
    assert all(BY_ID[step.operation].weakens(step.params) for step in back)
    assert same(_unrun(aws, before, steps), before)


ERRORS: list[tuple[str, type[CloudError]]] = [("throttle", Throttled), ("deny", Denied), ("error500", Unanswered)]


@pytest.mark.parametrize(
    ("service", "operation", "name"),
    [
        ("ec2", "stop_instances", "batch-dev"),
        ("rds", "create_db_snapshot", "sandbox-db"),
        ("s3", "put_bucket_acl", "acme-terraform-state"),
    ],
)
@pytest.mark.parametrize(("kind", "error"), ERRORS, ids=[kind for kind, _ in ERRORS])
def test_a_write_that_fails_is_named_and_never_repeated(
    aws: Aws, service: str, operation: str, name: str, kind: str, error: type[CloudError]
) -> None:
    """In each service's own wire form: throttled, denied or not known, after exactly one call."""
    target = aws.find(DEV.id, service, name)
    since = aws.cloud.last()
    aws.cloud.fault(service=service, kind=kind)
    with pytest.raises(error) as caught:
        aws.account(DEV.id).call(
            f"aws.{service}.{operation}", target, {"acl": "private", "suffix": "p-lost0000"}, ATTEMPT
        )
    assert caught.value.code
    assert name in str(caught.value) or target.short_id in str(caught.value)
    assert len(aws.changes(since)) == 1


def test_a_lost_answer_is_unanswered_and_the_effect_happened_once(aws: Aws) -> None:
    """The call was carried out, its answer was lost: not known, one call, and a look shows the effect."""
    target = aws.find(DEV.id, "rds", "sandbox-db")
    since = aws.cloud.last()
    aws.cloud.fault(service="rds", action="CreateDBSnapshot", kind="drop_response")
    params = {"suffix": "p-drop0000"}
    with pytest.raises(Unanswered):
        aws.account(DEV.id).call("aws.rds.create_db_snapshot", target, params, ATTEMPT)
    assert len(aws.changes(since)) == 1
    fresh = aws.account(DEV.id).read(target)
    assert BY_ID["aws.rds.create_db_snapshot"].verdict(fresh, params) is Verdict.DONE


def test_a_thing_that_is_gone_is_not_found(aws: Aws) -> None:
    """Stopping a machine, tagging a database or shutting a bucket that does not exist: nothing was done."""
    ours = aws.account(DEV.id)
    with pytest.raises(NotFound):
        ours.call("aws.ec2.stop_instances", _machine(), {}, ATTEMPT)
    database = _renamed(aws.find(DEV.id, "rds", "sandbox-db"), "no-such-db")
    with pytest.raises(NotFound):
        ours.call("aws.rds.stop_db_instance", database, {}, ATTEMPT)
    bucket = _renamed(aws.find(DEV.id, "s3", "acme-terraform-state"), "acme-no-such-bucket")
    with pytest.raises(NotFound):
        ours.call("aws.s3.put_bucket_acl", bucket, {"acl": "private"}, ATTEMPT)


def test_a_wrong_state_is_a_conflict_and_nonsense_is_invalid(aws: Aws) -> None:
    """A stopped database cannot be stopped; a call the SDK itself refuses, or an unknown operation, is invalid."""
    stopped = aws.find(STAGING.id, "rds", "reports-db")
    with pytest.raises(Conflict):
        aws.account(STAGING.id).call("aws.rds.stop_db_instance", stopped, {}, ATTEMPT)
    with pytest.raises(Invalid):
        aws.account(STAGING.id).call("aws.ec2.run_instances", stopped, {}, ATTEMPT)


def test_wrong_keys_are_denied(aws: Aws) -> None:
    """Keys the cloud does not know: the cell is denied and so is a call."""
    wrong = AwsAccountSettings(
        name="wrong", account_id=DEV.id, regions=REGIONS, access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="x" * 40, endpoint_url=aws.cloud.url,
    )  # fmt: skip
    ours = AwsAccount(wrong, system_clock)
    assert ours.scan(cell(DEV.id, "us-east-1", "ec2"), deadline=10).status is CellStatus.DENIED
    with pytest.raises(Denied):
        ours.call("aws.ec2.stop_instances", _machine(), {}, ATTEMPT)


def test_a_dry_run_tells_and_changes_nothing(aws: Aws) -> None:
    """Allowed and denied as EC2 says it; the machine and its tags stay as they were."""
    ours = aws.account(DEV.id)
    machine = aws.find(DEV.id, "ec2", "bastion")
    since = aws.cloud.last()
    for operation in (one for one in OPERATIONS if one.type == "ec2::instance" and one.id not in NO_DRY_RUN):
        assert ours.permitted(operation.id, machine) == (Permitted.ALLOWED, "dry-run")
    aws.cloud.fault(service="ec2", action="StopInstances", kind="deny")
    assert ours.permitted("aws.ec2.stop_instances", machine) == (Permitted.DENIED, "dry-run")
    assert aws.changes(since) == []
    assert ours.read(machine) == machine


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
    lines = aws.account(STAGING.id).costs(start=start, end=today)
    meant = {
        (one.day, one.service): float(one.amount_usd)
        for one in aws.company.costs
        if one.account == STAGING and start <= one.day < today and one.amount_usd
    }
    assert {(one.day, one.service): one.amount for one in lines or ()} == pytest.approx(meant)
    assert len(aws.cloud.calls(since)) == 1


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


def _machine() -> Resource:
    return Resource(
        id=f"arn:aws:ec2:us-east-1:{DEV.id}:instance/i-0123456789abcdef0",
        type="ec2::instance", cloud=Cloud.AWS, account=DEV.id, region="us-east-1", name="nothing",
    )  # fmt: skip


def _renamed(resource: Resource, short_id: str) -> Resource:
    return replace(resource, id=resource.id.removesuffix(resource.short_id) + short_id)


def _run(aws: Aws, target: Resource, steps: tuple[ExpandedStep, ...]) -> Resource:
    left: Resource | None = target
    for step in steps:
        left = aws.do(step.operation, target, step.params)
    assert left is not None
    return left


def _unrun(aws: Aws, before: Resource, steps: tuple[ExpandedStep, ...]) -> Resource:
    left: Resource | None = before
    for step in reversed(steps):
        left = aws.undo(step.operation, before, step.params)
    assert left is not None
    return left
