"""Real boto3 clients of a seeded local AWS, and its own pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
from botocore.config import Config

from engine.clock import system_clock
from engine.sandbox.aws.credentials import credentials
from engine.sandbox.company import Company, Machine, build
from engine.sandbox.landmarks import DEV
from tests.fakes.local_cloud import LocalCloud, local_cloud

STEP = "escher/p-0A1B2C3D/s1"


@dataclass(frozen=True, slots=True)
class Aws:
    """A running endpoint and the company that it was seeded with."""

    cloud: LocalCloud
    company: Company

    def client(self, service: str, account: str = DEV.id, *, region: str = "us-east-1", step: str | None = STEP) -> Any:
        """A client of one account that speaks for a step, or for nobody; no retries, so that every call is seen once."""
        key, secret = credentials(self.company)[account]
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.cloud.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, user_agent_extra=step),
        )

    def machine(self, name: str, account: str = DEV.id) -> Machine:
        """The one machine of that name in an account, as it was seeded."""
        (found,) = [m for m in self.company.machines if m.name == name and m.account.id == account]
        return found

    def state(self, machine: Machine) -> str:
        """An instance's state as EC2 says it now."""
        ec2 = self.client("ec2", machine.account.id, region=machine.region)
        (reservation,) = ec2.describe_instances(InstanceIds=[machine.id])["Reservations"]
        return str(reservation["Instances"][0]["State"]["Name"])

    def expense(self, **line: str) -> None:
        """Add a line to the bill."""
        httpx.post(f"{self.cloud.url}/_escher/costs", json=line).raise_for_status()


@contextmanager
def local_aws(*, scale: int = 300, seed: int = 7) -> Iterator[Aws]:
    """Run the endpoint as the demo does, with its gate."""
    company = build(seed=seed, scale=scale, now=system_clock())
    with local_cloud("aws", "--seed", str(seed), "--scale", str(scale), "--gate") as cloud:
        yield Aws(cloud, company)
