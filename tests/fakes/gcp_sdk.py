"""The real google-cloud-compute, set up for a local endpoint, and a few shorthands of its tests."""

from dataclasses import dataclass
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1

PROJECT = "acme-data"
ZONE = "europe-west1-b"
STEP = (("user-agent", "escher/p-01234567/s1"),)


def options(url: str) -> dict[str, Any]:
    """Return what every client of an endpoint needs."""
    return {"credentials": AnonymousCredentials(), "client_options": ClientOptions(api_endpoint=url)}


@dataclass(frozen=True)
class Clients:
    """The real clients of one endpoint."""

    instances: compute_v1.InstancesClient
    disks: compute_v1.DisksClient
    zones: compute_v1.ZonesClient
    regions: compute_v1.RegionsClient
    operations: compute_v1.ZoneOperationsClient

    @classmethod
    def of(cls, url: str) -> "Clients":
        """Return clients that speak to `url` without credentials."""
        return cls(
            compute_v1.InstancesClient(**options(url)),
            compute_v1.DisksClient(**options(url)),
            compute_v1.ZonesClient(**options(url)),
            compute_v1.RegionsClient(**options(url)),
            compute_v1.ZoneOperationsClient(**options(url)),
        )

    def close(self) -> None:
        """Close all connections."""
        for client in (self.instances, self.disks, self.zones, self.regions, self.operations):
            client.transport.close()


def do(clients: Clients, verb: str, name: str, **more: Any) -> compute_v1.Operation:
    """Send an approved change on an instance."""
    method = getattr(clients.instances, f"{verb}_unary")
    return method(request={"project": PROJECT, "zone": ZONE, "instance": name, **more}, metadata=STEP)


def done(clients: Clients, operation: compute_v1.Operation) -> None:
    """Wait until an operation is done."""
    done = clients.operations.wait(project=PROJECT, zone=ZONE, operation=operation.name)
    assert done.status == compute_v1.Operation.Status.DONE


def get(clients: Clients, name: str) -> compute_v1.Instance:
    """Return an instance."""
    return clients.instances.get(project=PROJECT, zone=ZONE, instance=name)


def reasons(caught: pytest.ExceptionInfo[exceptions.GoogleAPICallError]) -> list[str]:
    """Return the vendor's reasons in a refusal."""
    return [error["reason"] for error in caught.value.errors]
