"""One believable company: deterministic by seed, as large as the scale says, the same for all three endpoints.

`build` is the only door; `python -m engine.sandbox.company --scale N` prints what it makes.
"""

import argparse
from datetime import datetime

from engine.clock import system_clock
from engine.sandbox import landmarks
from engine.sandbox.costs import cost_lines
from engine.sandbox.fleet import Holdings, holdings
from engine.sandbox.inventory import (
    Account,
    Bucket,
    Cloud,
    Company,
    CostLine,
    CpuProfile,
    Database,
    Disk,
    Exposure,
    Machine,
    MachineState,
)

__all__ = [
    "Account",
    "Bucket",
    "Cloud",
    "Company",
    "CostLine",
    "CpuProfile",
    "Database",
    "Disk",
    "Exposure",
    "Machine",
    "MachineState",
    "build",
]

DEFAULT_SEED = 7
DEFAULT_SCALE = 300
AWS_PERCENT, AZURE_PERCENT = 30, 35


def build(*, seed: int, scale: int, now: datetime) -> Company:
    """Return the company as it stands at `now` (timezone-aware).

    `scale` is the number of resources over all three clouds: 30 % AWS, 35 % Azure, the rest GCP. The well-known part
    (`engine.sandbox.landmarks`) is always there, so a very small scale gives a little more than it asks for. The same
    seed and the same UTC day give the same company, to the byte.
    """
    aws, azure = scale * AWS_PERCENT // 100, scale * AZURE_PERCENT // 100
    shares = {Cloud.AWS: aws, Cloud.AZURE: azure, Cloud.GCP: scale - aws - azure}
    parts = [holdings(cloud=cloud, seed=seed, size=size, now=now) for cloud, size in shares.items()]
    whole = Holdings()
    for part in parts:
        whole.machines += part.machines
        whole.disks += part.disks
        whole.buckets += part.buckets
        whole.databases += part.databases
    return Company(
        seed=seed,
        scale=scale,
        now=now,
        accounts=landmarks.ACCOUNTS,
        machines=tuple(whole.machines),
        disks=tuple(whole.disks),
        buckets=tuple(whole.buckets),
        databases=tuple(whole.databases),
        costs=cost_lines(
            seed=seed,
            now=now,
            accounts=landmarks.ACCOUNTS,
            machines=whole.machines,
            disks=whole.disks,
            buckets=whole.buckets,
            databases=whole.databases,
        ),
    )


def main() -> None:
    """Print how much of what the company holds."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options.add_argument("--scale", type=int, default=DEFAULT_SCALE)
    chosen = options.parse_args()
    company = build(seed=chosen.seed, scale=chosen.scale, now=system_clock())
    for account in company.accounts:
        machines = [machine for machine in company.machines if machine.account == account]
        running = sum(machine.state is MachineState.RUNNING for machine in machines)
        idle = sum(machine.profile is CpuProfile.IDLE and machine.state is MachineState.RUNNING for machine in machines)
        spent = sum(line.amount_usd for line in company.costs if line.account == account)
        print(  # noqa: T201 - this command's output
            f"{account.cloud:6} {account.name:8} {len(machines):5} machines ({running} running, {idle} of them idle), "
            f"{sum(disk.account == account for disk in company.disks)} disks, "
            f"{sum(bucket.account == account for bucket in company.buckets)} buckets, "
            f"{sum(database.account == account for database in company.databases)} databases, "
            f"{spent} USD in 60 days"
        )
    for cloud in Cloud:
        print(f"{cloud:6} {company.count(cloud)} resources")  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
