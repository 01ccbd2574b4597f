"""The nouns of the seeded company: what a cloud account of the sandbox holds, as plain values.

Nothing here knows an SDK or an endpoint. The endpoints read these values once, when they start; from then on
their own state is the truth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Cloud(StrEnum):
    """Whose endpoint holds a thing."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"


class MachineState(StrEnum):
    """How a machine stands when the sandbox starts.

    `STOPPED` on Azure is the guest that was shut down and still costs; `DEALLOCATED` exists on Azure only. GCP
    shows `STOPPED` as `TERMINATED`.
    """

    RUNNING = "running"
    STOPPED = "stopped"
    DEALLOCATED = "deallocated"


class CpuProfile(StrEnum):
    """How a machine is used; `engine.sandbox.use` turns it into figures."""

    IDLE = "idle"
    QUIET = "quiet"
    BUSY = "busy"
    OFFICE_HOURS = "office_hours"


class Exposure(StrEnum):
    """What opens a bucket to everyone, if anything does."""

    PRIVATE = "private"
    ACL = "acl"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An AWS account, an Azure subscription or a GCP project."""

    cloud: Cloud
    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A virtual machine.

    `id` is the cloud's own form: `i-…` on AWS, the vmId (a UUID) on Azure, a decimal number on GCP. `zone` is
    `us-east-1a` on AWS, `"1"` to `"3"` or empty on Azure, `us-central1-a` on GCP. `resource_group` is empty outside
    Azure; `scaling_group` names the group that owns the machine, empty when it stands alone.
    """

    account: Account
    region: str
    zone: str
    name: str
    id: str
    size: str
    state: MachineState
    profile: CpuProfile
    launched_at: datetime
    tags: Mapping[str, str]
    owner: str
    resource_group: str = ""
    scaling_group: str = ""
    public_ip: bool = False

    @property
    def cloud(self) -> Cloud:
        """Whose machine it is."""
        return self.account.cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A block device; `machine_id` is empty when it hangs on nothing. `kind` is the cloud's name for its type."""

    account: Account
    region: str
    zone: str
    name: str
    id: str
    size_gb: int
    kind: str
    encrypted: bool
    machine_id: str
    created_at: datetime
    tags: Mapping[str, str]
    boot: bool = False
    resource_group: str = ""

    @property
    def cloud(self) -> Cloud:
        """Whose disk it is."""
        return self.account.cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An object store; `blocks_public_access` is S3's four-fold switch."""

    account: Account
    region: str
    name: str
    exposure: Exposure
    blocks_public_access: bool
    encrypted: bool
    versioning: bool
    created_at: datetime
    tags: Mapping[str, str]

    @property
    def cloud(self) -> Cloud:
        """Whose bucket it is."""
        return self.account.cloud

    @property
    def public(self) -> bool:
        """Whether anyone may read it."""
        return self.exposure is not Exposure.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A managed relational database; `state` is `available` or `stopped`."""

    account: Account
    region: str
    zone: str
    name: str
    engine: str
    version: str
    size: str
    storage_gb: int
    state: str
    multi_az: bool
    public: bool
    encrypted: bool
    deletion_protection: bool
    backup_days: int
    created_at: datetime
    tags: Mapping[str, str]

    @property
    def cloud(self) -> Cloud:
        """Whose database it is."""
        return self.account.cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a part of a bill is about.

    `region` is empty for what belongs to no place, `usage` is AWS's usage type or Azure's resource type, `tags` are those of the
    thing as far as bills tell them.
    """

    region: str
    usage: str
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What one service of one account cost on one day (UTC), in US dollars to the cent.

    `made_of` says what it was spent on, each with its weight; `engine.sandbox.costs.parts` cuts the amount by it.
    """

    day: date
    account: Account
    service: str
    amount_usd: Decimal
    made_of: tuple[tuple[Origin, float], ...] = ()

    @property
    def cloud(self) -> Cloud:
        """Who sends the bill."""
        return self.account.cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Everything the sandbox's endpoints are seeded with."""

    seed: int
    scale: int
    now: datetime
    accounts: tuple[Account, ...]
    machines: tuple[Machine, ...]
    disks: tuple[Disk, ...]
    buckets: tuple[Bucket, ...]
    databases: tuple[Database, ...]
    costs: tuple[CostLine, ...]

    def accounts_of(self, cloud: Cloud) -> tuple[Account, ...]:
        """Return the accounts of one cloud."""
        return tuple(account for account in self.accounts if account.cloud is cloud)

    def machines_of(self, cloud: Cloud) -> tuple[Machine, ...]:
        """Return the machines of one cloud."""
        return tuple(machine for machine in self.machines if machine.cloud is cloud)

    def disks_of(self, cloud: Cloud) -> tuple[Disk, ...]:
        """Return the disks of one cloud."""
        return tuple(disk for disk in self.disks if disk.cloud is cloud)

    def costs_of(self, cloud: Cloud) -> tuple[CostLine, ...]:
        """Return the cost lines of one cloud, oldest first."""
        return tuple(line for line in self.costs if line.cloud is cloud)

    def count(self, cloud: Cloud) -> int:
        """Return how many resources (machines, disks, buckets, databases) one cloud holds."""
        things: tuple[Machine | Disk | Bucket | Database, ...] = (
            *self.machines,
            *self.disks,
            *self.buckets,
            *self.databases,
        )
        return sum(thing.cloud is cloud for thing in things)
