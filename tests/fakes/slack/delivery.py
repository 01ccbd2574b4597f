"""Handing payloads to the app: three seconds to acknowledge, retries for events, none for interactions.

Sources: https://docs.slack.dev/apis/events-api/#retries (3 retries: nearly at once, after a minute, after five minutes;
`http_timeout`, `http_error`, `connection_failed`), https://docs.slack.dev/interactivity/handling-user-interaction/
#acknowledgment_response (3 seconds, no retry; the user sees an error).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.fakes.patience import PATIENCE
from tests.fakes.slack.errors import Json

ACK_SECONDS = 3.0
RETRY_DELAYS = (0.0, 60.0, 300.0)
EVENTS, INTERACTIVE, COMMANDS = "events_api", "interactive", "slash_commands"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One payload on its way to the app.

    Attributes:
        kind: `events_api`, `interactive` or `slash_commands`.
        payload: What is delivered.
        attempts: How often it was sent.
        failures: Why earlier attempts did not count.
        response: What the app said in its acknowledgement, when it said something.
        ack_seconds: Seconds from the last sending to its acknowledgement.
        done: Set when acknowledged or given up.
    """

    kind: str
    payload: Json
    attempts: int = 0
    failures: list[str] = field(default_factory=list)
    response: Json | None = None
    ack_seconds: float | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> bool:
        """Whether the app took it."""
        return self.ack_seconds is not None

    async def finished(self, seconds: float = PATIENCE) -> "Delivery":
        """Wait until it is acknowledged or given up, and return it."""
        async with asyncio.timeout(seconds):
            await self.done.wait()
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sending of a delivery.

    Attributes:
        delivery: What is sent.
        number: 0 for the first, then the retry number.
        reason: Why it is sent again.
        seconds: Time to acknowledge.
    """

    delivery: Delivery
    number: int
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a sending ended: acknowledged with a response, or the reason why not."""

    failure: str = ""
    response: Json | None = None
    no_retry: bool = False


Transport = Callable[[Attempt], Awaitable[Outcome]]


async def deliver(delivery: Delivery, send: Transport, *, ack_seconds: float, retry_delays: tuple[float, ...]) -> None:
    """Send a delivery until it is acknowledged or given up."""
    delays = retry_delays if delivery.kind == EVENTS else ()
    try:
        for number, delay in enumerate((0.0, *delays)):
            await asyncio.sleep(delay)
            reason = delivery.failures[-1] if delivery.failures else ""
            started = time.monotonic()
            delivery.attempts += 1
            outcome = await send(Attempt(delivery=delivery, number=number, reason=reason, seconds=ack_seconds))
            if not outcome.failure:
                delivery.ack_seconds = time.monotonic() - started
                delivery.response = outcome.response
                return
            delivery.failures.append(outcome.failure)
            if outcome.no_retry:
                return
    finally:
        delivery.done.set()
