"""What every local endpoint does around its cloud: who calls, may they, what goes wrong on purpose, what happened.

Pure of any server: a WSGI or ASGI wrapper turns a request into an `Incoming`, asks `Desk.rule`, acts on the
`Ruling`, and hands the status to `Desk.record`. `Desk.answer` serves the endpoint's own pages:

- `GET /_escher/calls?since=SEQ` the calls after SEQ, oldest first, and the last number given out;
- `GET /_escher/cpu` the CPU seconds that the endpoint's process has used;
- `POST /_escher/faults` one `Fault`, `GET` those that still wait, `DELETE` to lift them all.

With `enforcing` the gate refuses each mutating call that names no plan's step in its user agent and does not say
that it comes from outside (the header `x-escher-outside: world`: a colleague at the console, a test that makes drift).
"""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.clock import Clock

PREFIX = "/_escher/"
OUTSIDE_HEADER = "x-escher-outside"
OUTSIDE_VALUE = "world"
KEPT_CALLS = 200_000

# Plan ids are `p-` and eight Crockford base32 characters (no I, L, O, U); the step's own id follows.
_TOKEN = re.compile(r"(?:^|\s)escher/(p-[0-9A-HJKMNP-TV-Z]{8})/([A-Za-z0-9._-]{1,64})(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepToken:
    """The plan and the step on whose behalf a call says it comes."""

    plan: str
    step: str

    @classmethod
    def read(cls, user_agent: str) -> Self | None:
        """Return the token in a user agent; None where there is none, or more than one."""
        found = _TOKEN.findall(user_agent)
        return cls(plan=found[0][0], step=found[0][1]) if len(found) == 1 else None


class FaultKind(StrEnum):
    """What can be made to go wrong with a call."""

    THROTTLE = "throttle"
    DENY = "deny"
    DROP_RESPONSE = "drop_response"
    DELAY = "delay"
    ERROR500 = "error500"


class Fault(BaseModel):
    """One ordered misfortune for the next `count` matching calls; `*` matches every service, action or region.

    `drop_response` lets the call do its work and closes the connection without an answer; `delay` waits `seconds`
    and then does it; the others answer in the cloud's own way without doing it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = "*"
    action: str = "*"
    region: str | None = None
    kind: FaultKind
    count: int = Field(default=1, ge=1)
    seconds: float = Field(default=0.0, ge=0.0, le=600.0)

    def matches(self, incoming: "Incoming") -> bool:
        """Whether the fault is meant for this call; names compare without regard to case."""
        wanted = (
            (self.service, incoming.service),
            (self.action, incoming.action),
            (self.region or "*", incoming.region),
        )
        return all(want == "*" or want.lower() == have.lower() for want, have in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A call as it arrives, before anything is done. `account` is the access key, subscription or project."""

    service: str
    action: str
    region: str
    mutating: bool
    account: str
    user_agent: str
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is to be done with a call: `refusal` is the gate's sentence, `fault` the misfortune; both None: go ahead."""

    refusal: str | None = None
    fault: FaultKind | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was answered (or dropped). `plan` and `step` are empty when the user agent names none."""

    seq: int
    at: str
    cloud: str
    service: str
    action: str
    region: str
    mutating: bool
    account: str
    user_agent: str
    plan: str
    step: str
    outside: bool
    refused: bool
    fault: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer of one of the endpoint's own pages."""

    status: int
    body: dict[str, Any]

    def encoded(self) -> bytes:
        """Return the body as JSON."""
        return json.dumps(self.body, separators=(",", ":")).encode()


def is_outside(header: str | None) -> bool:
    """Whether the value of `x-escher-outside` says that the call is the world's, not the bot's."""
    return header is not None and header.strip().lower() == OUTSIDE_VALUE


class Desk:
    """The gate, the fault table and the call log of one endpoint; safe for many threads."""

    def __init__(self, *, cloud: str, enforcing: bool, clock: Clock) -> None:
        self._cloud = cloud
        self._enforcing = enforcing
        self._clock = clock
        self._lock = threading.Lock()
        self._seq = 0
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._faults: list[Fault] = []

    def rule(self, incoming: Incoming) -> Ruling:
        """Decide about a call: the gate first, then the first fault that matches (which is used up by one)."""
        if self._enforcing and incoming.mutating and not incoming.outside and not StepToken.read(incoming.user_agent):
            return Ruling(refusal=f"{incoming.service}:{incoming.action} changes something and names no approved step")
        fault = self._take_fault(incoming)
        return Ruling(fault=fault.kind, seconds=fault.seconds) if fault else Ruling()

    def record(self, incoming: Incoming, ruling: Ruling, *, status: int) -> Call:
        """Write the call down under the next number. `status` is the cloud's answer, also when it was then dropped."""
        token = StepToken.read(incoming.user_agent)
        with self._lock:
            self._seq += 1
            call = Call(
                seq=self._seq,
                at=self._clock().isoformat(timespec="milliseconds"),
                cloud=self._cloud,
                service=incoming.service,
                action=incoming.action,
                region=incoming.region,
                mutating=incoming.mutating,
                account=incoming.account,
                user_agent=incoming.user_agent,
                plan=token.plan if token else "",
                step=token.step if token else "",
                outside=incoming.outside,
                refused=ruling.refusal is not None,
                fault=ruling.fault or "",
                status=status,
            )
            self._calls.append(call)
        return call

    def calls(self, *, since: int = 0) -> list[Call]:
        """Return the calls whose number is above `since`, oldest first."""
        with self._lock:
            if not self._calls or since < self._calls[0].seq:
                return list(self._calls)
            skipped = since - self._calls[0].seq + 1
            return [self._calls[index] for index in range(skipped, len(self._calls))]

    def add_fault(self, fault: Fault) -> None:
        """Queue a fault behind those that already wait."""
        with self._lock:
            self._faults.append(fault)

    def answer(self, *, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        """Serve one of the endpoint's own pages; None when `path` is the cloud's."""
        if not path.startswith(PREFIX):
            return None
        match method.upper(), path.removeprefix(PREFIX):
            case "GET", "calls":
                return self._calls_page(query.get("since", "0"))
            case "GET", "cpu":
                return Reply(status=200, body={"cpu_seconds": time.process_time()})
            case "POST", "faults":
                return self._new_fault(body)
            case "GET", "faults":
                with self._lock:
                    waiting = [fault.model_dump(mode="json") for fault in self._faults]
                return Reply(status=200, body={"faults": waiting})
            case "DELETE", "faults":
                with self._lock:
                    self._faults.clear()
                return Reply(status=200, body={"faults": []})
            case _:
                return Reply(status=404, body={"error": f"no such page: {method} {path}"})

    def _calls_page(self, since: str) -> Reply:
        if not since.isdecimal():
            return Reply(status=400, body={"error": "since must be a whole number"})
        calls = self.calls(since=int(since))
        last = calls[-1].seq if calls else self._seq
        return Reply(status=200, body={"calls": [asdict(call) for call in calls], "last": last})

    def _new_fault(self, body: bytes) -> Reply:
        try:
            fault = Fault.model_validate_json(body)
        except ValidationError as error:
            return Reply(status=422, body={"error": str(error)})
        self.add_fault(fault)
        return Reply(status=201, body=fault.model_dump(mode="json"))

    def _take_fault(self, incoming: Incoming) -> Fault | None:
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.matches(incoming):
                    if fault.count == 1:
                        del self._faults[index]
                    else:
                        self._faults[index] = fault.model_copy(update={"count": fault.count - 1})
                    return fault
        return None
