"""One thing that exists in a cloud, and the cell of the estate it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | Mapping[str, Json] | None")


class Cloud(StrEnum):
    """The clouds Escher works with."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"


class Permitted(StrEnum):
    """What the runner's own credentials may do, as far as it is known; `unknown` unless a method vouches for it."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that exists.

    Attributes:
        id: The full id: an ARN, an ARM id (lower-cased), or a selfLink path `projects/p/zones/z/instances/n`.
        type: A type of `agent_server/contract/resource_types.tsv`, such as `ec2::instance`.
        cloud: Where it lives.
        account: Account id, subscription id or project id.
        region: Region code; `global` for what has none.
        name: What people call it: the Name tag, else the name, else the short id. Hostile text: never trusted.
        state: One vocabulary for all clouds for machines and databases: `running`, `stopped`, `starting`, `stopping`,
            `deleted`, `available`, `in-use`, …; empty when the type has none.
        tags: Tags or labels as they are.
        zone: Zone code, or empty.
        size: Instance type, VM size, machine type or DB class, or empty.
        created_at: Launch or creation time in UTC, if the cloud tells.
        public: Reachable by anyone; None when unknown or meaningless.
        encrypted: Encrypted at rest; None when unknown or meaningless.
        facts: Anything else worth knowing, JSON values: `size_gb`, `engine`, `attached_to`, `resource_group`, `owner`
            (`{"kind": "autoscaling::group", "name": …}` when something else really owns it).
        permissions: Operation id to what the credentials may do.
    """

    id: str
    type: str
    cloud: Cloud
    account: str
    region: str
    name: str
    state: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    size: str = ""
    created_at: datetime | None = None
    public: bool | None = None
    encrypted: bool | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    permissions: Mapping[str, Permitted] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service part of the type: `ec2` of `ec2::instance`."""
        return self.type.partition("::")[0]

    @property
    def place(self) -> str:
        """Where it is: its zone, with the region where a cloud only numbers its zones (`eastus-3`), else its region."""
        return f"{self.region}-{self.zone}" if self.zone.isdecimal() else self.zone or self.region

    @property
    def short_id(self) -> str:
        """The last part of the id, as people type it: `i-0ab1…`, `orders-db`, `web-dev-1`."""
        return self.id.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ScanCell:
    """The unit of reading: one service in one region of one account."""

    cloud: Cloud
    account: str
    region: str
    service: str


class CellStatus(StrEnum):
    """How reading a cell ended."""

    OK = "ok"
    PARTIAL = "partial"
    DENIED = "denied"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellScan:
    """The outcome of reading one cell. Only a cell that ended `ok` may make resources vanish from the estate."""

    cell: ScanCell
    status: CellStatus
    read_at: datetime
    resources: tuple[Resource, ...] = ()
    reason: str = ""
