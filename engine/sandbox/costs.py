"""The company's bills: 60 whole days ending yesterday, per account and service, with one real anomaly.

A line follows from what the account holds (list prices, rounded), a weekday rhythm and a little noise. Prices are
play figures near the on-demand list prices of 2025; nothing is ever charged by them.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.sandbox import landmarks
from engine.sandbox.inventory import Account, Cloud, CostLine, Database, Disk, Machine, MachineState

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
# What an account pays whatever it holds: (service, dollars a day).
STANDING = {
    Cloud.AWS: (
        ("Amazon Simple Storage Service", 11.4),
        ("AmazonCloudWatch", 4.1),
        ("AWS Key Management Service", 0.9),
        ("AWS Lambda", 2.6),
    ),
    Cloud.AZURE: (("Bandwidth", 6.2), ("Key Vault", 0.4), ("Azure Monitor", 5.3)),
    Cloud.GCP: (("Cloud Storage", 13.7), ("Networking", 4.9), ("BigQuery", 21.5)),
}
WEEKEND_FACTOR = 0.86
SATURDAY = 5

_Key = tuple[Account, str]


def cost_lines(
    *,
    seed: int,
    now: datetime,
    accounts: Iterable[Account],
    machines: Iterable[Machine],
    disks: Iterable[Disk],
    databases: Iterable[Database],
) -> tuple[CostLine, ...]:
    """Return every account's cost lines for the `DAYS` days before the day of `now`, oldest day first."""
    first = now.date() - timedelta(days=DAYS)
    steady, starts = _daily_rates(first, accounts, machines, disks, databases)
    lines = []
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        for key, amount in starts.get(day, {}).items():
            steady[key] += amount
        lines += [_line(seed, now.date(), day, key, rate) for key, rate in steady.items()]
    return tuple(lines)


def _daily_rates(
    first: date,
    accounts: Iterable[Account],
    machines: Iterable[Machine],
    disks: Iterable[Disk],
    databases: Iterable[Database],
) -> tuple[dict[_Key, float], dict[date, dict[_Key, float]]]:
    """Return what runs since before `first`, and what each later day adds, in dollars a day."""
    steady: dict[_Key, float] = defaultdict(float)
    starts: dict[date, dict[_Key, float]] = defaultdict(lambda: defaultdict(float))

    def add(account: Account, service: str, since: date, amount: float) -> None:
        bucket = steady if since < first else starts[since]
        bucket[account, service] += amount
        steady.setdefault((account, service), 0.0)

    for account in accounts:
        for service, amount in STANDING[account.cloud]:
            add(account, service, date.min, amount)
    for machine in machines:
        if _billed(machine):
            add(machine.account, COMPUTE[machine.cloud], machine.launched_at.date(), HOURLY_USD[machine.size] * 24)
    for disk in disks:
        daily = disk.size_gb * DISK_USD_PER_GB_MONTH / 30
        add(disk.account, DISKS[disk.cloud], disk.created_at.date(), daily)
    for database in databases:
        hours = 24 * (1 + database.multi_az) if database.state == "available" else 0
        daily = HOURLY_USD[database.size] * hours + database.storage_gb * 0.115 / 30
        add(database.account, DATABASES, database.created_at.date(), daily)
    return steady, starts


def _billed(machine: Machine) -> bool:
    """A stopped Azure machine keeps its hardware and is billed until it is deallocated."""
    stopped_azure = machine.cloud is Cloud.AZURE and machine.state is MachineState.STOPPED
    return machine.state is MachineState.RUNNING or stopped_azure


def _line(seed: int, today: date, day: date, key: _Key, rate: float) -> CostLine:
    account, service = key
    dice = random.Random(f"{seed}/cost/{account.id}/{service}/{day.isoformat()}")  # noqa: S311 - play figures
    factor = dice.uniform(0.97, 1.03)
    if day.weekday() >= SATURDAY:
        factor *= WEEKEND_FACTOR
    if (today - day).days == ANOMALY_DAYS_AGO and account == ANOMALY_ACCOUNT and service == COMPUTE[account.cloud]:
        factor *= ANOMALY_FACTOR
    return CostLine(day=day, account=account, service=service, amount_usd=Decimal(f"{rate * factor:.2f}"))
