"""What the tests of the Google Cloud account share: the seeded account, a named machine, waiting for a verdict."""

import time
import uuid
from typing import Any

from engine.clouds.gcp.account import GcpAccount
from engine.clouds.gcp.operations import OPERATIONS
from engine.clouds.gcp.session import GcpProjectSettings
from engine.clouds.operation import Operation, Verdict
from engine.clouds.ports import Attempt
from engine.estate.resource import Cloud, Resource
from tests.fakes.patience import PATIENCE

PROJECT = "acme-data"
PLAN = "p-01234567"
BY_ID = {operation.id: operation for operation in OPERATIONS}
START, STOP, LABEL = (f"gcp.compute.instances_{verb}" for verb in ("start", "stop", "set_labels"))


def settings(url: str) -> GcpProjectSettings:
    """Return the settings of the seeded project at an endpoint."""
    return GcpProjectSettings(name="data", project_id=PROJECT, endpoint_url=url)


def attempt(token: str = "") -> Attempt:
    """Return an attempt of an approved step, with a token of its own unless one is given."""
    return Attempt(plan_id=PLAN, step_id="s1", token=token or str(uuid.uuid4()))


def known(zone: str, name: str) -> Resource:
    """Return as much of an instance as reading it again needs."""
    path = f"projects/{PROJECT}/zones/{zone}/instances/{name}"
    return Resource(id=path, type="compute::instance", cloud=Cloud.GCP, account=PROJECT, region=zone[:-2], name=name)


def until_done(
    account: GcpAccount, operation: Operation, resource: Resource, params: dict[str, Any] | None = None
) -> Resource:
    """Look until the operation's own verdict says done."""
    until = time.monotonic() + PATIENCE
    while operation.verdict(fresh := account.read(resource), params or {}) is not Verdict.DONE:
        assert time.monotonic() < until, f"{operation.id}: still {fresh.state if fresh else 'gone'}"
        time.sleep(0.05)
    assert fresh is not None
    return fresh
