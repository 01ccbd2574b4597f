"""Every change on AWS and its way back, against the local AWS with its gate on: each must name an approved step."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.clouds.aws.calls import ARGUMENTS
from engine.clouds.aws.session import AwsSession, acting
from engine.clouds.errors import Conflict
from engine.clouds.operation import Verdict
from engine.clouds.purpose import Purpose
from engine.sandbox.landmarks import DEV, PROD, STAGING
from tests.fakes.aws_accounts import ATTEMPT, BY_ID, COMPOSITE, SUFFIX, Aws, cell, same, sandbox_aws, settings

SHUT = dict.fromkeys(
    ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
)


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


def test_a_restart_onto_the_standby_is_asked_of_rds_as_one(aws: Aws) -> None:
    """With failover the call says so; without, or where nobody wants it, it does not."""
    target = aws.find(PROD.id, "rds", "orders-db")
    for params, forced in (({"failover": True}, True), ({"failover": False}, False), ({}, None)):
        sent = ARGUMENTS["aws.rds.reboot_db_instance"](None, target, params, ATTEMPT)
        assert sent.get("ForceFailover") is forced
        assert ("--force-failover" in BY_ID["aws.rds.reboot_db_instance"].cli(target, params)) is bool(forced)
    since = aws.cloud.last()
    aws.account(PROD.id).call("aws.rds.reboot_db_instance", target, {"failover": True}, ATTEMPT)
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
    after = aws.run(before, steps)
    assert after.public is False
    assert COMPOSITE["escher.s3.make_private"].expand(after, {}) == ()
    assert same(aws.unrun(before, steps), before)


@pytest.mark.parametrize(("account", "name"), [(PROD.id, "acme-audit-logs"), (PROD.id, "acme-data-lake")])
def test_make_public_opens_for_reading_only_and_is_marked_as_exposing(aws: Aws, account: str, name: str) -> None:
    """Whether blocked before or not: public afterwards, each opening step counts as weakening, and undo shuts it again."""
    before = aws.find(account, "s3", name)
    assert before.public is False
    steps = COMPOSITE["escher.s3.make_public"].expand(before, {})
    assert all(BY_ID[step.operation].weakens(step.params) for step in steps)
    after = aws.run(before, steps)
    assert (after.public, after.facts["acl"]) == (True, "private")
    assert '"s3:GetObject"' in str(after.facts["policy"])
    assert COMPOSITE["escher.s3.make_public"].expand(after, {}) == ()
    assert same(aws.unrun(before, steps), before)


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
    after = aws.run(before, steps)
    assert not same(before, after)
    weakens = any(BY_ID[step.operation].weakens(step.params) for step in steps)
    assert weakens is composite.endswith(("make_public", "disable"))
    assert same(aws.unrun(before, steps), before)


def test_encrypt_asks_for_nothing_where_a_bucket_is_encrypted(aws: Aws) -> None:
    """An encrypted bucket needs no step, a plain one becomes encrypted, and the undo tells that it weakens."""
    assert COMPOSITE["escher.s3.encrypt"].expand(aws.find(PROD.id, "s3", "acme-website"), {}) == ()
    before = aws.find(PROD.id, "s3", "acme-data-lake")
    steps = COMPOSITE["escher.s3.encrypt"].expand(before, {})
    assert aws.run(before, steps).encrypted is True
    back = [undo for step in steps for undo in BY_ID[step.operation].inverse.steps(before, step.params)]  # type: ignore[union-attr] # all have one
    assert all(BY_ID[step.operation].weakens(step.params) for step in back)
    assert same(aws.unrun(before, steps), before)
