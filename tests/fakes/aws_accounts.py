"""Our accounts on a local AWS, and the moves that tests of them share."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from engine.clock import system_clock
from engine.clouds.aws.account import AwsAccount
from engine.clouds.aws.operations import COMPOSITES, OPERATIONS
from engine.clouds.aws.session import AwsAccountSettings
from engine.clouds.operation import ExpandedStep, Verdict
from engine.clouds.ports import Attempt
from engine.estate.resource import Cloud, Resource, ScanCell
from engine.sandbox import company as companies
from engine.sandbox.aws.credentials import access_key
from engine.sandbox.landmarks import DEV
from tests.fakes.local_cloud import LocalCloud, local_cloud

SEED, SCALE = 7, 300
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
ATTEMPT = Attempt(plan_id="p-7f3a0b1c", step_id="s1", token="5f0c8a52-0000-4000-8000-000000000001")
BY_ID = {operation.id: operation for operation in OPERATIONS}
COMPOSITE = {composite.id: composite for composite in COMPOSITES}
SUFFIX = {"suffix": "p-7f3a0b1c"}


@dataclass(slots=True)
class Aws:
    """The endpoint, the company behind it, and our accounts on it."""

    cloud: LocalCloud
    company: companies.Company
    accounts: dict[str, AwsAccount] = field(default_factory=dict)

    def account(self, id_: str) -> AwsAccount:
        """Our side of one account."""
        if id_ not in self.accounts:
            self.accounts[id_] = AwsAccount(settings(self.cloud.url, id_), system_clock)
        return self.accounts[id_]

    def find(self, account: str, service: str, name: str) -> Resource:
        """One resource, as a scan of all its cells shows it."""
        ours = self.account(account)
        cells = [cell for cell in ours.cells() if cell.service == service]
        return next(one for cell in cells for one in ours.scan(cell, deadline=30).resources if one.name == name)

    def do(self, operation: str, resource: Resource, params: Mapping[str, Any]) -> Resource | None:
        """Call, then look until the verdict says done; what is there then."""
        ours = self.account(resource.account)
        ours.call(operation, resource, params, ATTEMPT)
        for _ in range(100):
            fresh = ours.read(resource)
            if BY_ID[operation].verdict(fresh, params) is Verdict.DONE:
                return fresh
            time.sleep(0.05)
        raise AssertionError(f"{operation} never showed as done")

    def undo(self, operation: str, before: Resource, params: Mapping[str, Any]) -> Resource | None:
        """Take an operation back by its declared inverse; what is there then."""
        inverse = BY_ID[operation].inverse
        assert inverse is not None
        left: Resource | None = before
        for step in inverse.steps(before, params):
            left = self.do(step.operation, before, step.params)
        return left

    def changes(self, since: int) -> list[dict[str, Any]]:
        """The changing calls after a number of the log."""
        return [call for call in self.cloud.calls(since) if call["mutating"]]

    def run(self, target: Resource, steps: tuple[ExpandedStep, ...]) -> Resource:
        """Do all steps of an expansion; what is there then."""
        left: Resource | None = target
        for step in steps:
            left = self.do(step.operation, target, step.params)
        assert left is not None
        return left

    def unrun(self, before: Resource, steps: tuple[ExpandedStep, ...]) -> Resource:
        """Take all steps back, the last one first; what is there then."""
        left: Resource | None = before
        for step in reversed(steps):
            left = self.undo(step.operation, before, step.params)
        assert left is not None
        return left


def settings(url: str, account: str) -> AwsAccountSettings:
    """One account of the sandbox."""
    key, secret = access_key(seed=SEED, account_id=account)
    return AwsAccountSettings(
        name="sandbox",
        account_id=account,
        regions=REGIONS,
        access_key_id=key,
        secret_access_key=secret,
        endpoint_url=url,
    )


@contextmanager
def sandbox_aws() -> Iterator[Aws]:
    """A seeded local AWS that refuses changes without a step, until the block ends."""
    with local_cloud("aws", "--seed", str(SEED), "--scale", str(SCALE), "--gate") as cloud:
        yield Aws(cloud, companies.build(seed=SEED, scale=SCALE, now=system_clock()))


def cell(account: str, region: str, service: str) -> ScanCell:
    """A scan cell."""
    return ScanCell(cloud=Cloud.AWS, account=account, region=region, service=service)


def same(one: Resource, other: Resource) -> bool:
    """Whether two reads show the same settings; IP addresses move when a machine rests."""
    moving = {"public_ip", "launched_at"}

    def kept(resource: Resource) -> dict[str, object]:
        return {key: value for key, value in resource.facts.items() if key not in moving}

    shown = ("id", "state", "tags", "size", "created_at", "public", "encrypted")
    return all(getattr(one, name) == getattr(other, name) for name in shown) and kept(one) == kept(other)


def no_machine() -> Resource:
    """A machine that does not exist."""
    return Resource(
        id=f"arn:aws:ec2:us-east-1:{DEV.id}:instance/i-0123456789abcdef0",
        type="ec2::instance", cloud=Cloud.AWS, account=DEV.id, region="us-east-1", name="nothing",
    )  # fmt: skip


def renamed(resource: Resource, short_id: str) -> Resource:
    """The same under another id."""
    return replace(resource, id=resource.id.removesuffix(resource.short_id) + short_id)
