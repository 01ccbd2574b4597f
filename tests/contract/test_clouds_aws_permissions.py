"""IAM's simulation as the method that vouches for a permission, over a loopback endpoint that answers as IAM and STS do."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from engine.clock import system_clock
from engine.clouds.aws.account import AwsAccount
from engine.clouds.aws.permitted import Permissions
from engine.clouds.aws.session import AwsAccountSettings, AwsSession
from engine.estate.resource import Cloud, Permitted, Resource

ACCOUNT = "111111111111"
BUCKET = Resource(
    id="arn:aws:s3:::acme-logs",
    type="s3::bucket",
    cloud=Cloud.AWS,
    account=ACCOUNT,
    region="us-east-1",
    name="acme-logs",
)
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/teams/platform/Operator"


class Iam(ThreadingHTTPServer):
    """Answers three calls; `decision` is what the simulation says, empty when the caller may not simulate."""

    decision = "allowed"
    caller = f"arn:aws:iam::{ACCOUNT}:user/escher"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[dict[str, list[str]]] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    """One request in the query protocol."""

    server: Iam
    texts: ClassVar = {
        "GetCallerIdentity": "<Arn>{caller}</Arn>",
        "GetRole": "<Role><Arn>{role}</Arn></Role>",
        "SimulatePrincipalPolicy": "<EvaluationResults><member><EvalActionName>a</EvalActionName>"
        "<EvalDecision>{decision}</EvalDecision></member></EvaluationResults>",
    }

    def do_POST(self) -> None:
        """Answer."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(form)
        action = form["Action"][0]
        if action == "SimulatePrincipalPolicy" and not self.server.decision:
            self._send(
                403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
            )
            return
        inner = self.texts[action].format(caller=self.server.caller, role=ROLE_ARN, decision=self.server.decision)
        self._send(200, f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def iam() -> Iterator[Iam]:
    """A running endpoint."""
    with Iam() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings(iam: Iam) -> AwsAccountSettings:
    """Keys whose calls go to this IAM."""
    return AwsAccountSettings(
        name="dev",
        account_id=ACCOUNT,
        regions=("us-east-1",),
        access_key_id="AKIAX",
        secret_access_key="x",
        endpoint_url=iam.url,
    )


def account(iam: Iam) -> AwsAccount:
    """An account whose IAM this is."""
    return AwsAccount(settings(iam), system_clock)


@pytest.mark.parametrize(
    ("decision", "known"),
    [("allowed", Permitted.ALLOWED), ("implicitDeny", Permitted.UNKNOWN), ("explicitDeny", Permitted.DENIED)],
)
def test_iam_says_what_the_caller_may_do(iam: Iam, decision: str, known: Permitted) -> None:
    """The operation's own permissions are asked for, on this bucket, for the user behind the keys."""
    iam.decision = decision
    assert account(iam).permitted("aws.s3.put_bucket_acl", BUCKET) == (known, "iam-simulation")
    asked = iam.asked[-1]
    assert asked["PolicySourceArn"] == [iam.caller]
    assert asked["ActionNames.member.1"] == ["s3:PutBucketAcl"]
    assert asked["ResourceArns.member.1"] == [BUCKET.id]


def test_where_nothing_but_the_callers_policies_counts_a_missing_right_is_a_no(iam: Iam) -> None:
    """A database has no policy of its own that could allow what the caller's do not."""
    iam.decision = "implicitDeny"
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:orders"
    database = replace(BUCKET, id=arn, type="rds::instance", name="orders")
    assert account(iam).permitted("aws.rds.stop_db_instance", database) == (Permitted.DENIED, "iam-simulation")


def test_an_assumed_role_is_simulated_as_its_role(iam: Iam) -> None:
    """The session's ARN drops the role's path; the role itself is looked up, once."""
    iam.caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/Operator/escher"
    ours = account(iam)
    for _ in range(2):
        assert ours.permitted("aws.s3.put_bucket_acl", BUCKET)[0] is Permitted.ALLOWED
    assert [form["Action"][0] for form in iam.asked].count("GetRole") == 1
    assert iam.asked[-1]["PolicySourceArn"] == [ROLE_ARN]


def test_who_may_not_simulate_knows_nothing_and_stops_asking(iam: Iam) -> None:
    """Denied to simulate means unknown, not denied; the second question costs no call."""
    iam.decision = ""
    ours = account(iam)
    assert ours.permitted("aws.s3.put_bucket_acl", BUCKET) == (Permitted.UNKNOWN, "none")
    calls = len(iam.asked)
    assert ours.permitted("aws.s3.put_bucket_acl", BUCKET) == (Permitted.UNKNOWN, "none")
    assert len(iam.asked) == calls


def test_who_may_simulate_later_is_heard_without_a_restart(iam: Iam) -> None:
    """The quiet ends: somebody reads that rights are unknown, and gives the right to ask for them."""
    iam.decision = ""
    ours = Permissions(AwsSession(settings(iam)), quiet=0.0)
    assert ours.ask("aws.s3.put_bucket_acl", BUCKET) == (Permitted.UNKNOWN, "none")
    iam.decision = "allowed"
    assert ours.ask("aws.s3.put_bucket_acl", BUCKET) == (Permitted.ALLOWED, "iam-simulation")
