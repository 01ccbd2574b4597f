"""Long-running operations: 202, a status address to poll, and a change that takes effect on the way.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations: `Azure-AsyncOperation` is polled
for `{"status": "InProgress" | "Succeeded" | …}`, `Location` answers 202 until the end and then 200 or 204; `Retry-After` tells
the client when to ask again.

Nothing runs in the background: every read first lets time pass on the machine it looks at.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.clock import Clock
from engine.estate.resource import Json
from engine.sandbox.azure import errors

POLL_AFTER_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRunning:
    """One accepted change: when it began and when it is done."""

    id: str
    subscription: str
    location: str
    started_at: datetime
    ends_at: datetime


@dataclass(slots=True, kw_only=True)
class Operations:
    """All long-running operations of this endpoint.

    Attributes:
        clock: The time.
        seconds: How long every operation takes.
        known: By id.
    """

    clock: Clock
    seconds: float
    known: dict[str, LongRunning] = field(default_factory=dict)

    def begin(self, *, subscription: str, location: str) -> LongRunning:
        """Accept a change that is done `seconds` from now."""
        now = self.clock()
        operation = LongRunning(
            id=str(uuid.uuid4()),
            subscription=subscription,
            location=location,
            started_at=now,
            ends_at=now + timedelta(seconds=self.seconds),
        )
        self.known[operation.id] = operation
        return operation

    def get(self, operation_id: str) -> LongRunning:
        """Return an operation.

        Raises:
            ArmError: 404 when there is none of this id.
        """
        operation = self.known.get(operation_id.lower())
        if operation is None:
            raise errors.operation_not_found(operation_id)
        return operation

    def finished(self, operation: LongRunning) -> bool:
        """Whether its time is over."""
        return self.clock() >= operation.ends_at

    def status(self, operation: LongRunning) -> dict[str, Json]:
        """Return what `Azure-AsyncOperation` answers."""
        document: dict[str, Json] = {
            "name": operation.id,
            "startTime": operation.started_at.isoformat(),
            "status": "Succeeded" if self.finished(operation) else "InProgress",
        }
        if self.finished(operation):
            document["endTime"] = operation.ends_at.isoformat()
        return document


def headers(operation: LongRunning, *, base: str, api_version: str) -> Mapping[str, str]:
    """Return where to poll, as absolute addresses below `base`."""
    address = (
        f"{base}/subscriptions/{operation.subscription}/providers/Microsoft.Compute/locations/{operation.location}"
        f"/operations/{operation.id}?api-version={api_version}"
    )
    return {
        "Azure-AsyncOperation": address,
        "Location": f"{address}&monitor=true",
        "Retry-After": str(POLL_AFTER_SECONDS),
        "x-ms-request-id": operation.id,
    }
