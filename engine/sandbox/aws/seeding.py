"""The whole AWS side of the company put into moto's back ends, inside the process that serves it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.clock import Clock
from engine.sandbox.aws import billing, buckets, compute, databases, history, identity, metrics, scaling
from engine.sandbox.aws.billing import Ledger
from engine.sandbox.aws.trail import Trail, TrailEvent, resources_in, serve
from engine.sandbox.company import Company
from engine.sandbox.gate import Incoming

COLLEAGUE = "dana"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What goes on after seeding: the ledger takes new cost lines, the trail new events."""

    ledger: Ledger
    trail: Trail


def seed(company: Company, *, clock: Clock) -> Seeded:
    """Put everything up."""
    identity.seed(company)
    instances = compute.seed(company)
    scaling.seed(company)
    metrics.seed(company, instances, clock=clock)
    buckets.seed(company)
    databases.seed(company)
    trail = Trail(history.events(company))
    serve(trail)
    return Seeded(ledger=billing.seed(company, clock=clock), trail=trail)


def witness(trail: Trail, *, clock: Clock) -> Callable[[Incoming, dict[str, Any], str], None]:
    """Return what writes a change into the trail under the name of the key's user.

    A change that says it comes from the world is a colleague's, though it borrows the runner's key.
    """

    def write(incoming: Incoming, asked: dict[str, Any], error: str) -> None:
        account, user = identity.whose(incoming.account)
        trail.add(
            TrailEvent(
                at=clock().replace(microsecond=0),
                account=account,
                region=incoming.region,
                service=incoming.service,
                name=incoming.action,
                user=COLLEAGUE if incoming.outside else user,
                access_key=incoming.account,
                user_agent=incoming.user_agent,
                resources=resources_in(asked),
                parameters=asked,
                error=error,
            )
        )

    return write
