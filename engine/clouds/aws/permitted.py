"""Whether the credentials may do something, and how that is known.

EC2 answers a dry run with what it would have said
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html, parameter DryRun). For other services IAM
simulates the caller's own policies; where that is not possible or not conclusive the answer is `unknown`.
"""

import threading
import time
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from engine.clouds.aws import calls
from engine.clouds.aws.failures import SILENCES, from_answer
from engine.clouds.aws.operations import OPERATIONS
from engine.clouds.aws.session import GLOBAL_REGION, AwsSession
from engine.clouds.errors import Denied
from engine.clouds.operation import Params
from engine.clouds.ports import Attempt
from engine.clouds.purpose import Purpose
from engine.estate.resource import Permitted, Resource

QUIET_SECONDS = 900.0
_ACTIONS = {operation.id: operation.permissions for operation in OPERATIONS}
_DRY_ATTEMPT = Attempt(plan_id="", step_id="", token="")
# A dry run checks rights, not values; these only make the request well-formed.
_DRY_PARAMS: Params = {
    "tags": {"escher-dry-run": ""},
    "keys": ["escher-dry-run"],
    "suffix": "dry-run",
    "instance_type": "t3.micro",
    "size_gb": 1,
    "instance": "i-0123456789abcdef0",
    "device": "/dev/sdf",
}
_MAY, _MAY_NOT = "DryRunOperation", frozenset({"UnauthorizedOperation", "AccessDenied"})
UNKNOWN = (Permitted.UNKNOWN, "none")


class Permissions:
    """Answers for the credentials of one session.

    Args:
        session: Whose credentials.
        quiet: For how many seconds IAM is left alone after it has shown that this caller gets no answer from it.
    """

    def __init__(self, session: AwsSession, *, quiet: float = QUIET_SECONDS) -> None:
        self._session = session
        self._principal: str | None = None
        self._quiet = quiet
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def ask(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Return what is known and the method that says so: `dry-run`, `iam-simulation` or `none`. Never raises."""
        if operation not in calls.ARGUMENTS:
            return UNKNOWN
        try:
            if calls.service_of(operation) == "ec2":
                return self._dry_run(operation, resource), "dry-run"
            return self._asked_of_iam(operation, resource)
        except (ClientError, *SILENCES):
            return UNKNOWN

    def _asked_of_iam(self, operation: str, resource: Resource) -> tuple[Permitted, str]:
        """Simulate, and stop asking for a while once IAM has shown that this caller gets no answer from it: the right may be given."""
        if time.monotonic() < self._quiet_until:
            return UNKNOWN
        try:
            return self._simulate(operation, resource), "iam-simulation"
        except ResponseParserError:
            self._quiet_until = time.monotonic() + self._quiet
            raise
        except ClientError as error:
            if isinstance(from_answer(error, "simulate"), Denied):
                self._quiet_until = time.monotonic() + self._quiet
            raise

    def _dry_run(self, operation: str, resource: Resource) -> Permitted:
        client = self._session.client("ec2", resource.region, Purpose.QUICK_READ)
        arguments = calls.ARGUMENTS[operation](client, resource, _DRY_PARAMS, _DRY_ATTEMPT)
        try:
            getattr(client, calls.method_of(operation))(**arguments, DryRun=True)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _MAY:
                return Permitted.ALLOWED
            return Permitted.DENIED if code in _MAY_NOT else Permitted.UNKNOWN
        return Permitted.UNKNOWN

    def _simulate(self, operation: str, resource: Resource) -> Permitted:
        """Ask IAM; a policy of the resource or the organization may still say no, which only the call itself shows.

        A bucket's own policy may also say yes where the caller's do not; IAM does not look at it, so only an explicit no is one there.
        """
        iam = self._session.client("iam", GLOBAL_REGION, Purpose.QUICK_READ)
        answer = iam.simulate_principal_policy(
            PolicySourceArn=self._caller(iam), ActionNames=list(_ACTIONS[operation]), ResourceArns=[resource.id]
        )
        decisions = {result["EvalDecision"] for result in answer["EvaluationResults"]}
        if not decisions:
            return Permitted.UNKNOWN
        if decisions == {"allowed"}:
            return Permitted.ALLOWED
        silent = resource.service == "s3" and "explicitDeny" not in decisions
        return Permitted.UNKNOWN if silent else Permitted.DENIED

    def _caller(self, iam: Any) -> str:
        """Return the IAM user or role behind the credentials; an assumed role's session is simulated as its role."""
        with self._lock:
            if self._principal is None:
                arn = self._session.client("sts", GLOBAL_REGION, Purpose.QUICK_READ).get_caller_identity()["Arn"]
                if ":assumed-role/" in arn:
                    role = arn.partition(":assumed-role/")[2].partition("/")[0]
                    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
                self._principal = arn
            return self._principal
