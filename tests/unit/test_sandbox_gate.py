"""The desk in front of the local clouds, and how the AWS front tells reads from changes."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import get_session

from engine.sandbox.aws.reading import is_mutating, read
from engine.sandbox.gate import Desk, Fault, FaultKind, Incoming, Ruling, StepToken

AGENT = "Boto3/1.44 escher/p-0A1B2C3D/s1 Botocore/1.44"


def desk(*, enforcing: bool = True) -> Desk:
    """A desk with a clock that stands still."""
    return Desk(cloud="aws", enforcing=enforcing, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))


def call(**other: Any) -> Incoming:
    """A change that names a step, unless told otherwise."""
    known = {
        "service": "ec2",
        "action": "StopInstances",
        "region": "us-east-1",
        "mutating": True,
        "account": "AKIA",
        "user_agent": AGENT,
        "outside": False,
    }
    return Incoming(**{**known, **other})


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        (AGENT, StepToken(plan="p-0A1B2C3D", step="s1")),
        ("escher/p-0a1b2c3d/s-2.x", StepToken(plan="p-0a1b2c3d", step="s-2.x")),
        ("escher/p-0A1B2C3/s1", None),
        ("escher/p-0A1B2C3L/s1", None),
        ("escher/p-0A1B2C3D/", None),
        ("notescher/p-0A1B2C3D/s1", None),
        ("escher/p-0A1B2C3D/s1/more", None),
        (f"{AGENT} {AGENT}", None),
        ("", None),
    ],
)
def test_a_step_token_is_exact_or_absent(agent: str, token: StepToken | None) -> None:
    """One well-formed token counts; a piece of one, a longer one or two of them do not."""
    assert StepToken.read(agent) == token


def test_only_unnamed_changes_from_inside_are_refused() -> None:
    """Reads, named changes and the world pass; an unnamed change does not; without the gate all pass."""
    assert desk().rule(call()) == Ruling()
    assert desk().rule(call(user_agent="x", mutating=False)) == Ruling()
    assert desk().rule(call(user_agent="x", outside=True)) == Ruling()
    assert desk().rule(call(user_agent="x")).refusal is not None
    assert desk(enforcing=False).rule(call(user_agent="x")) == Ruling()


def test_a_fault_waits_for_its_call_and_is_used_up() -> None:
    """Faults match by service, action and region without regard to case, in order, as often as they say."""
    at = desk()
    at.add_fault(Fault(service="EC2", action="stopinstances", region="us-east-1", kind=FaultKind.THROTTLE, count=2))
    at.add_fault(Fault(kind=FaultKind.DENY))
    assert at.rule(call(region="us-west-2")).fault is FaultKind.DENY
    assert [at.rule(call()).fault for _ in range(3)] == [FaultKind.THROTTLE, FaultKind.THROTTLE, None]


def test_a_refused_call_uses_up_no_fault() -> None:
    """What the gate stops never meets the fault table."""
    at = desk()
    at.add_fault(Fault(kind=FaultKind.ERROR500))
    at.rule(call(user_agent="x"))
    assert at.rule(call()).fault is FaultKind.ERROR500


def test_every_call_gets_its_own_number() -> None:
    """Four threads that write at once leave a log without a gap or a double, readable from any point."""
    at = desk()
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda _: at.record(call(), Ruling(), status=200), range(400)):
            pass
    assert [entry.seq for entry in at.calls()] == list(range(1, 401))
    assert [entry.seq for entry in at.calls(since=398)] == [399, 400]
    assert at.calls(since=400) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", b'{"kind":"throttle"}', 201),
        ("POST", "faults", b'{"kind":"meteor"}', 422),
        ("POST", "faults", b'{"kind":"throttle","planet":"earth"}', 422),
        ("DELETE", "faults", b"", 200),
        ("GET", "calls", b"", 200),
        ("GET", "cpu", b"", 200),
        ("GET", "secrets", b"", 404),
    ],
)
def test_own_pages_answer_or_say_what_is_wrong(method: str, path: str, body: bytes, status: int) -> None:
    """Known pages work, malformed faults are refused, unknown pages are not there."""
    reply = desk().answer(method=method, path=f"/_escher/{path}", query={}, body=body)
    assert reply is not None
    assert reply.status == status
    assert desk().answer(method=method, path=f"/{path}", query={}, body=body) is None


CHANGING = (
    "Accept", "Add", "Associate", "Attach", "Authorize", "Cancel", "Create", "Delete", "Deregister", "Detach", "Disable",
    "Disassociate", "Enable", "Modify", "Put", "Reboot", "Register", "Release", "Remove", "Replace", "Reset", "Restore",
    "Revoke", "Run", "Set", "Start", "Stop", "Tag", "Terminate", "Update",
)  # fmt: skip


@pytest.mark.parametrize("service", ["ec2", "rds", "iam", "autoscaling", "ecs", "secretsmanager", "lambda"])
def test_operations_of_the_service_models_are_told_apart(service: str) -> None:
    """Over a service's whole model, what is named like a change is one and Describe, List and Get are not."""
    for name in get_session().get_service_model(service).operation_names:
        if name.startswith(("Describe", "List", "Get")):
            assert not is_mutating(service, name, method="POST"), name
        elif name.startswith(CHANGING):
            assert is_mutating(service, name, method="POST"), name


def environ(*, service: str, body: str = "", **headers: str) -> dict[str, Any]:
    """A signed WSGI request."""
    scope = f"AWS4-HMAC-SHA256 Credential=AKIAX/20260301/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body.encode()),
        "HTTP_AUTHORIZATION": scope,
        **headers,
    }


def test_a_request_is_read_from_signature_and_body_and_left_whole() -> None:
    """Service, region and key come from the credential scope; the body can be read again."""
    request = environ(service="ec2", body="Action=StopInstances&InstanceId.1=i-1")
    incoming = read(request)
    assert (incoming.service, incoming.action, incoming.region) == ("ec2", "StopInstances", "eu-west-1")
    assert (incoming.account, incoming.mutating) == ("AKIAX", True)
    assert request["wsgi.input"].read() == b"Action=StopInstances&InstanceId.1=i-1"


@pytest.mark.parametrize(
    "request_",
    [
        environ(service="ec2", body="Action=TerminateInstances", HTTP_X_AMZ_TARGET="X.DescribeInstances"),
        environ(service="ec2", body="Action=TerminateInstances", QUERY_STRING="Action=DescribeInstances"),
        environ(service="ec2", body="Action=TerminateInstances&DryRun=true&DryRun=false"),
        environ(service="rds", body="Action=DeleteDBInstance&DryRun=true"),
        environ(service="ec2", body="", PATH_INFO="/moto-api/reset"),
        environ(service="nosuchservice", body=""),
    ],
)
def test_a_change_cannot_dress_up_as_a_read(request_: dict[str, Any]) -> None:
    """A second action, a dry run that is none, the server's own pages and the unknown all count as changes."""
    assert read(request_).mutating
