"""The whole AWS side of the company put into moto's back ends, inside the process that serves it."""

from engine.clock import Clock
from engine.sandbox.aws import billing, buckets, compute, databases, identity, metrics
from engine.sandbox.aws.billing import Ledger
from engine.sandbox.company import Company


def seed(company: Company, *, clock: Clock) -> Ledger:
    """Put everything up; return the ledger, which also takes new cost lines later."""
    identity.seed(company)
    instances = compute.seed(company)
    metrics.seed(company, instances, clock=clock)
    buckets.seed(company)
    databases.seed(company)
    return billing.seed(company, clock=clock)
