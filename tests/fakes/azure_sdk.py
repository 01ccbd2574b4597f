"""The real Azure SDKs, set up for a local endpoint, and a few shorthands of their tests."""

import time
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import HeadersPolicy
from azure.core.rest import HttpRequest
from azure.mgmt.compute import ComputeManagementClient

from tests.fakes.local_cloud import LocalCloud
from tests.fakes.patience import PATIENCE

SUBSCRIPTION = "5f0c8a52-3d3e-4d6b-9a57-0c1e5ac3de01"
STEP = "escher/p-01234567/s1"
MACHINES = "Resources | where type =~ 'microsoft.compute/virtualmachines'"


class NoToken:
    """A credential that must not be asked: the authentication policy below answers instead."""

    def get_token(self, *_: object, **__: object) -> Any:
        """Fail the test."""
        raise AssertionError("a token was asked for")


def auth() -> HeadersPolicy:
    """Return a policy that carries some bearer token over plain HTTP."""
    return HeadersPolicy({"Authorization": "Bearer anything"})


def compute_client(
    cloud: LocalCloud, *, user_agent: str = STEP, headers: dict[str, str] | None = None
) -> ComputeManagementClient:
    """Return the real compute client, which tries everything once."""
    return ComputeManagementClient(
        NoToken(), SUBSCRIPTION, base_url=cloud.url, authentication_policy=auth(), user_agent=user_agent, retry_total=0, headers=headers or {},
    )  # fmt: skip


def power(compute: ComputeManagementClient, machine: tuple[str, str]) -> str:
    """Return the power state of a machine given by group and name."""
    return compute.virtual_machines.instance_view(*machine).statuses[1].code


def wait_power(compute: ComputeManagementClient, machine: tuple[str, str], wanted: str) -> None:
    """Wait until the power state is as wanted."""
    until = time.monotonic() + PATIENCE
    while power(compute, machine) != wanted:
        assert time.monotonic() < until, f"not {wanted}"
        time.sleep(0.05)


def error(caught: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str]:
    """Return the status and the code of a refusal."""
    assert caught.value.error is not None
    return caught.value.status_code, caught.value.error.code


def send(compute: ComputeManagementClient, method: str, path: str, body: Any = None) -> Any:
    """Send a request that has no method of its own; return status and body."""
    answer = compute.send_request(HttpRequest(method, f"{{endpoint}}{path}", json=body))
    return answer.status_code, answer.json()
