"""Accounts, a machine, and what an intent with filters selects of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.estate.asked import Asked, Unanswerable, from_intent
from engine.estate.resource import Cloud, Resource
from engine.estate.selector import Selector

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    cloud: Cloud
    account: str
    name: str


ACCOUNTS = (
    Account(cloud=Cloud.AWS, account="111111111111", name="dev"),
    Account(cloud=Cloud.AWS, account="222222222222", name="prod"),
    Account(cloud=Cloud.GCP, account="acme-data", name="data"),
)
WEB = Resource(
    id="arn:aws:ec2:us-east-1:111111111111:instance/i-0abc",
    type="ec2::instance",
    cloud=Cloud.AWS,
    account="111111111111",
    region="us-east-1",
    zone="us-east-1a",
    name="Web-Dev-1",
    state="running",
    size="m5.large",
    tags={"env": "Development", "Team": "Payments"},
    created_at=NOW - timedelta(days=100),
    facts={"size_gb": 80},
)


def asked(action: str = "stop", types: tuple[str, ...] = ("ec2::instance",), **filters: Any) -> Selector | Unanswerable:
    """Return what an intent with these filters selects."""
    return from_intent(Asked(action=action, resource_types=types, filters=filters), accounts=ACCOUNTS)


def selects(resource: Resource, **filters: Any) -> bool:
    """Say whether an intent with these filters means the resource."""
    selector = asked(**filters)
    assert isinstance(selector, Selector), selector
    return selector.matches(resource, NOW)
