"""The company's bills: 60 whole days ending yesterday, per account and service, with one real anomaly.

A line follows from what the account holds (list prices, rounded), a weekday rhythm and a little noise. Prices are
play figures near the on-demand list prices of 2025; nothing is ever charged by them. Each line knows what it was spent on: regions,
kinds of usage and tags of the very things, so that it adds up to the same amount whichever way it is cut.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.sandbox import landmarks
from engine.sandbox.inventory import (
    Account,
    Bucket,
    Cloud,
    CostLine,
    Database,
    Disk,
    Machine,
    MachineState,
    Origin,
)

DAYS = 60
ANOMALY_DAYS_AGO = 9
ANOMALY_FACTOR = 3.4
ANOMALY_ACCOUNT = landmarks.PROD

COMPUTE = {
    Cloud.AWS: "Amazon Elastic Compute Cloud - Compute",
    Cloud.AZURE: "Virtual Machines",
    Cloud.GCP: "Compute Engine",
}
DISKS = {Cloud.AWS: "EC2 - Other", Cloud.AZURE: "Storage", Cloud.GCP: "Compute Engine"}
DATABASES = "Amazon Relational Database Service"

HOURLY_USD = {
    "t3.micro": 0.0104, "t3.small": 0.0208, "t3.medium": 0.0416, "t3.large": 0.0832, "m5.large": 0.096,
    "m5.xlarge": 0.192, "m5.2xlarge": 0.384, "c5.large": 0.085, "c5.xlarge": 0.17, "c5.2xlarge": 0.34,
    "r5.large": 0.126, "g4dn.xlarge": 0.526,
    "Standard_B2s": 0.0416, "Standard_B2ms": 0.0832, "Standard_D2s_v5": 0.096, "Standard_D4s_v5": 0.192,
    "Standard_E4s_v5": 0.252, "Standard_E8s_v5": 0.504,
    "e2-small": 0.0168, "e2-medium": 0.0335, "e2-standard-4": 0.134, "e2-standard-8": 0.268, "n2-standard-4": 0.194,
    "n2-standard-8": 0.388, "n2-highmem-8": 0.524, "a2-highgpu-1g": 3.67,
    "db.t3.micro": 0.018, "db.t3.medium": 0.072, "db.t3.large": 0.145, "db.m5.large": 0.178, "db.r5.large": 0.25,
}  # fmt: skip
DISK_USD_PER_GB_MONTH = 0.09
# What an account pays whatever it holds: (service, dollars a day, what kind of usage). What is stored is stored in its buckets, where it
# has any; nobody tagged the rest, and it is used in the region where the account began.
STORED = frozenset({"Amazon Simple Storage Service", "Cloud Storage"})
STANDING = {
    Cloud.AWS: (
        ("Amazon Simple Storage Service", 11.4, "TimedStorage-ByteHrs"),
        ("AmazonCloudWatch", 4.1, "CW:MetricMonitorUsage"),
        ("AWS Key Management Service", 0.9, "KMS-Keys"),
        ("AWS Lambda", 2.6, "Lambda-GB-Second"),
    ),
    Cloud.AZURE: (
        ("Bandwidth", 6.2, "microsoft.network/publicipaddresses"),
        ("Key Vault", 0.4, "microsoft.keyvault/vaults"),
        ("Azure Monitor", 5.3, "microsoft.insights/components"),
    ),
    Cloud.GCP: (
        ("Cloud Storage", 13.7, "storage"),
        ("Networking", 4.9, "networking"),
        ("BigQuery", 21.5, "bigquery"),
    ),
}
FIRST_REGION = {Cloud.AWS: "us-east-1", Cloud.AZURE: "westeurope", Cloud.GCP: "us-central1"}
BILLED_TAGS = ("team", "env", "Environment", "environment", "tier")
# How usage types of a region begin: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
USAGE_PREFIX = {"us-east-1": "", "us-west-2": "USW2-", "eu-west-1": "EU-"}
WEEKEND_FACTOR = 0.86
SATURDAY = 5

_Key = tuple[Account, str]
_Rates = dict[_Key, dict[Origin, float]]


def cost_lines(
    *,
    seed: int,
    now: datetime,
    accounts: Iterable[Account],
    machines: Iterable[Machine],
    disks: Iterable[Disk],
    buckets: Iterable[Bucket],
    databases: Iterable[Database],
) -> tuple[CostLine, ...]:
    """Return every account's cost lines for the `DAYS` days before the day of `now`, oldest day first."""
    first = now.date() - timedelta(days=DAYS)
    rates = _DailyRates(first)
    rates.add_standing(accounts, buckets)
    rates.add_held(machines, disks, databases)
    made_of = {key: tuple(origins.items()) for key, origins in rates.steady.items()}
    lines = []
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        for key, origins in rates.starts.get(day, {}).items():
            for origin, amount in origins.items():
                rates.steady[key][origin] += amount
            made_of[key] = tuple(rates.steady[key].items())
        lines += [_line(seed, now.date(), day, key, origins) for key, origins in made_of.items()]
    return tuple(lines)


def parts(line: CostLine) -> tuple[tuple[Origin, Decimal], ...]:
    """Return what a line was spent on, in cents that add up to it: what rounding leaves goes to the largest remainders."""
    whole = int(line.amount_usd * 100)
    weights = [weight for _, weight in line.made_of]
    exact = [whole * weight / (sum(weights) or 1.0) for weight in weights]
    cents = [int(one) for one in exact]
    order = sorted(range(len(cents)), key=lambda place: cents[place] - exact[place])
    for place in order[: whole - sum(cents)]:
        cents[place] += 1
    return tuple(
        (origin, Decimal(each).scaleb(-2)) for (origin, _), each in zip(line.made_of, cents, strict=True) if each
    )


class _DailyRates:
    """What runs since before `first`, and what each later day adds, in dollars a day."""

    def __init__(self, first: date) -> None:
        self._first = first
        self.steady: _Rates = defaultdict(lambda: defaultdict(float))
        self.starts: dict[date, _Rates] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))

    def add_standing(self, accounts: Iterable[Account], buckets: Iterable[Bucket]) -> None:
        """Add what accounts pay whatever they hold."""
        stored: dict[Account, list[Bucket]] = defaultdict(list)
        for bucket in buckets:
            stored[bucket.account].append(bucket)
        for account in accounts:
            for service, amount, usage in STANDING[account.cloud]:
                held = stored[account] if service in STORED else []
                for bucket in held:
                    origin = _origin(account, bucket.region, usage, bucket.tags)
                    self._add(account, service, date.min, amount / len(held), origin)
                if not held:
                    origin = _origin(account, FIRST_REGION[account.cloud], usage, {})
                    self._add(account, service, date.min, amount, origin)

    def add_held(self, machines: Iterable[Machine], disks: Iterable[Disk], databases: Iterable[Database]) -> None:
        """Add what runs and what is stored."""
        for machine in machines:
            if _billed(machine):
                usage = {Cloud.AWS: f"BoxUsage:{machine.size}", Cloud.AZURE: "microsoft.compute/virtualmachines"}.get(
                    machine.cloud, "instance"
                )
                origin = _origin(machine.account, machine.region, usage, machine.tags)
                daily = HOURLY_USD[machine.size] * 24
                self._add(machine.account, COMPUTE[machine.cloud], machine.launched_at.date(), daily, origin)
        for disk in disks:
            usage = {Cloud.AWS: f"EBS:VolumeUsage.{disk.kind}", Cloud.AZURE: "microsoft.compute/disks"}.get(
                disk.cloud, "disk"
            )
            origin = _origin(disk.account, disk.region, usage, disk.tags)
            daily = disk.size_gb * DISK_USD_PER_GB_MONTH / 30
            self._add(disk.account, DISKS[disk.cloud], disk.created_at.date(), daily, origin)
        for database in databases:
            since, kind = database.created_at.date(), "Multi-AZUsage" if database.multi_az else "InstanceUsage"
            hours = 24 * (1 + database.multi_az) if database.state == "available" else 0
            for billed, amount in (
                (f"{kind}:{database.size}", HOURLY_USD[database.size] * hours),
                ("RDS:GP2-Storage", database.storage_gb * 0.115 / 30),
            ):
                origin = _origin(database.account, database.region, billed, database.tags)
                self._add(database.account, DATABASES, since, amount, origin)

    def _add(self, account: Account, service: str, since: date, amount: float, origin: Origin) -> None:
        bucket = self.steady if since < self._first else self.starts[since]
        bucket[account, service][origin] += amount
        self.steady[account, service].setdefault(origin, 0.0)


def _origin(account: Account, region: str, usage: str, tags: Mapping[str, str]) -> Origin:
    prefix = USAGE_PREFIX.get(region, f"{region}-") if account.cloud is Cloud.AWS else ""
    told = tuple((key, tags[key]) for key in BILLED_TAGS if tags.get(key))
    return Origin(region=region, usage=prefix + usage, tags=told)


def _billed(machine: Machine) -> bool:
    """A stopped Azure machine keeps its hardware and is billed until it is deallocated."""
    stopped_azure = machine.cloud is Cloud.AZURE and machine.state is MachineState.STOPPED
    return machine.state is MachineState.RUNNING or stopped_azure


def _line(seed: int, today: date, day: date, key: _Key, origins: tuple[tuple[Origin, float], ...]) -> CostLine:
    account, service = key
    rate = sum(amount for _, amount in origins)
    dice = random.Random(f"{seed}/cost/{account.id}/{service}/{day.isoformat()}")  # noqa: S311 - play figures
    factor = dice.uniform(0.97, 1.03)
    if day.weekday() >= SATURDAY:
        factor *= WEEKEND_FACTOR
    if (today - day).days == ANOMALY_DAYS_AGO and account == ANOMALY_ACCOUNT and service == COMPUTE[account.cloud]:
        factor *= ANOMALY_FACTOR
    amount = Decimal(f"{rate * factor:.2f}")
    return CostLine(day=day, account=account, service=service, amount_usd=amount, made_of=origins)
