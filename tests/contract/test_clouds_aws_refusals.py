"""What a change on AWS becomes when it fails, against the local AWS: named by what one can do about it, never repeated."""

from collections.abc import Iterator

import pytest

from engine.clock import system_clock
from engine.clouds.aws.account import AwsAccount
from engine.clouds.aws.session import AwsAccountSettings
from engine.clouds.errors import CloudError, Conflict, Denied, Invalid, NotFound, Throttled, Unanswered
from engine.clouds.operation import Verdict
from engine.estate.resource import CellStatus
from engine.sandbox.landmarks import DEV, STAGING
from tests.fakes.aws_accounts import ATTEMPT, BY_ID, REGIONS, Aws, cell, no_machine, renamed, sandbox_aws


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
        ours.call("aws.ec2.stop_instances", no_machine(), {}, ATTEMPT)
    database = renamed(aws.find(DEV.id, "rds", "sandbox-db"), "no-such-db")
    with pytest.raises(NotFound):
        ours.call("aws.rds.stop_db_instance", database, {}, ATTEMPT)
    bucket = renamed(aws.find(DEV.id, "s3", "acme-terraform-state"), "acme-no-such-bucket")
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
        ours.call("aws.ec2.stop_instances", no_machine(), {}, ATTEMPT)
