"""Zone operations: every change answers one, and it goes from PENDING over RUNNING to DONE.

Sources: https://cloud.google.com/compute/docs/api/how-tos/api-requests-responses#handling_api_responses and
https://cloud.google.com/compute/docs/reference/rest/v1/zoneOperations/wait (answers when done or after two minutes at most).
A `requestId` that was seen before answers the operation of the first request
(https://cloud.google.com/compute/docs/api/how-tos/api-requests-responses#idempotent_requests).
"""

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.clock import Clock
from engine.estate.resource import Json
from engine.sandbox.gcp import errors
from engine.sandbox.gcp.links import link

LONGEST_WAIT_SECONDS = 120.0
POLL_SECONDS = 0.02
PENDING_PART = 0.2
FIRST_ID = 5_000_000_000_000_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOperation:
    """One accepted change: on what, and when it is done; `zone` is empty for a global one."""

    id: int
    verb: str
    project: str
    zone: str
    target: str
    target_id: str
    started_at: datetime
    ends_at: datetime

    @property
    def name(self) -> str:
        """The name that addresses it, as good as its id."""
        return f"operation-{self.id}"

    @property
    def place(self) -> str:
        """The path it lives under: its zone's, or the global one."""
        return f"projects/{self.project}/" + (f"zones/{self.zone}" if self.zone else "global")

    def status(self, now: datetime) -> str:
        """`PENDING`, `RUNNING` or `DONE`."""
        if now >= self.ends_at:
            return "DONE"
        begun = self.started_at + (self.ends_at - self.started_at) * PENDING_PART
        return "RUNNING" if now >= begun else "PENDING"

    def document(self, now: datetime) -> dict[str, Json]:
        """Return the resource body."""
        status = self.status(now)
        document: dict[str, Json] = {
            "kind": "compute#operation",
            "id": str(self.id),
            "name": self.name,
            "operationType": self.verb,
            "targetLink": link(self.target),
            "targetId": self.target_id,
            "status": status,
            "user": errors.PRINCIPAL,
            "progress": 100 if status == "DONE" else 0,
            "insertTime": self.started_at.isoformat(),
            "startTime": self.started_at.isoformat(),
            "selfLink": link(f"{self.place}/operations/{self.name}"),
        }
        if self.zone:
            document["zone"] = link(self.place)
        if status == "DONE":
            document["endTime"] = self.ends_at.isoformat()
        return document


@dataclass(slots=True, kw_only=True)
class Operations:
    """All zone operations of this endpoint.

    Attributes:
        clock: The time.
        seconds: How long every operation takes.
    """

    clock: Clock
    seconds: float
    _known: dict[tuple[str, str, str], ZoneOperation] = field(default_factory=dict)
    _by_request: dict[tuple[str, str], ZoneOperation] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_ID))

    def begin(
        self, verb: str, *, project: str, zone: str, target: str, target_id: str, request_id: str, at_once: bool
    ) -> ZoneOperation:
        """Accept a change; it is done `seconds` from now, or already when there is nothing to do.

        Args:
            verb: `start`, `stop`, `setLabels`, …
            project: The project's id.
            zone: The zone's name.
            target: The path of what is changed, from `projects/` on.
            target_id: Its number.
            request_id: The caller's UUID, or empty.
            at_once: Whether nothing needs to change.
        """
        now = self.clock()
        operation = ZoneOperation(
            id=next(self._ids),
            verb=verb,
            project=project,
            zone=zone,
            target=target,
            target_id=target_id,
            started_at=now,
            ends_at=now if at_once else now + timedelta(seconds=self.seconds),
        )
        for key in (operation.name, str(operation.id)):
            self._known[(project, zone, key)] = operation
        if request_id:
            self._by_request[(project, request_id.lower())] = operation
        return operation

    def repeated(self, project: str, request_id: str) -> ZoneOperation | None:
        """Return the operation that an earlier request with this id began; None when the id is new or empty.

        Raises:
            ComputeError: 400 when the id is not a UUID, or the zero UUID.
        """
        if not request_id:
            return None
        try:
            valid = uuid.UUID(request_id).int != 0
        except ValueError:
            valid = False
        if not valid:
            raise errors.invalid("requestId", request_id, "The request ID must be a valid UUID.")
        return self._by_request.get((project, request_id.lower()))

    def get(self, project: str, zone: str, name: str) -> ZoneOperation:
        """Return an operation by name or number.

        Raises:
            ComputeError: 404 when there is none.
        """
        found = self._known.get((project, zone, name))
        if found is None:
            raise errors.not_found(f"projects/{project}/zones/{zone}/operations/{name}")
        return found

    async def wait(self, operation: ZoneOperation) -> None:
        """Return when the operation is done, or after two minutes."""
        waited = 0.0
        while operation.status(self.clock()) != "DONE" and waited < LONGEST_WAIT_SECONDS:
            await asyncio.sleep(POLL_SECONDS)
            waited += POLL_SECONDS
