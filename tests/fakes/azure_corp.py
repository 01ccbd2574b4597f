"""What the tests of the Azure account share: the seeded account, a named machine, waiting for a verdict."""

import time
import uuid
from typing import Any

from engine.clouds.azure.account import AzureAccount
from engine.clouds.azure.operations import OPERATIONS
from engine.clouds.azure.session import AzureSubscriptionSettings
from engine.clouds.operation import Operation, Verdict
from engine.clouds.ports import Attempt
from engine.estate.resource import Cloud, Resource
from tests.fakes.patience import PATIENCE

SUBSCRIPTION = "5f0c8a52-3d3e-4d6b-9a57-0c1e5ac3de01"
PLAN = "p-01234567"
BY_ID = {operation.id: operation for operation in OPERATIONS}
START, STOP, UPDATE = (f"azure.compute.virtual_machines_{verb}" for verb in ("start", "deallocate", "update"))


def settings(url: str) -> AzureSubscriptionSettings:
    """Return the settings of the seeded subscription at an endpoint."""
    return AzureSubscriptionSettings(name="corp", subscription_id=SUBSCRIPTION, endpoint_url=url)


def attempt() -> Attempt:
    """Return an attempt of an approved step."""
    return Attempt(plan_id=PLAN, step_id="s1", token=str(uuid.uuid4()))


def known(name: str, group: str) -> Resource:
    """Return as much of a machine as reading it again needs."""
    group_id = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{group}"
    return Resource(
        id=f"{group_id}/providers/microsoft.compute/virtualmachines/{name}".lower(),
        type="compute::virtualmachine",
        cloud=Cloud.AZURE,
        account=SUBSCRIPTION,
        region="",
        name=name,
    )


def until_done(
    account: AzureAccount, operation: Operation, resource: Resource, params: dict[str, Any] | None = None
) -> Resource:
    """Look until the operation's own verdict says done."""
    until = time.monotonic() + PATIENCE
    while operation.verdict(fresh := account.read(resource), params or {}) is not Verdict.DONE:
        assert time.monotonic() < until, f"{operation.id}: still {fresh.state if fresh else 'gone'}"
        time.sleep(0.05)
    assert fresh is not None
    return fresh
