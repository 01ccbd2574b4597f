"""The rest of the company: as many machines, disks, buckets and databases as the scale asks for.

Item number `i` of a cloud depends on the seed, the cloud and `i` alone. A larger scale therefore holds a smaller one
whole and only adds to it.
"""

import hashlib
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

from engine.sandbox import landmarks
from engine.sandbox.inventory import (
    Account,
    Bucket,
    Cloud,
    CpuProfile,
    Database,
    Disk,
    Exposure,
    Machine,
    MachineState,
)


class Service(NamedTuple):
    """A thing the company runs, who runs it and what data it touches."""

    name: str
    team: str
    tier: str
    data_class: str = ""


SERVICES = (
    Service("web", "platform", "web"),
    Service("api", "platform", "api"),
    Service("worker", "data", "worker"),
    Service("batch", "data", "batch"),
    Service("search", "search", "search"),
    Service("cache", "platform", "cache"),
    Service("orders", "payments", "app", "confidential"),
    Service("billing", "payments", "app", "pii"),
    Service("auth", "security", "api", "confidential"),
    Service("reports", "finance", "app"),
    Service("ml-train", "ml", "ml"),
    Service("etl", "data", "batch"),
    Service("gateway", "platform", "api"),
    Service("queue", "platform", "queue"),
    Service("ci", "platform", "ci"),
    Service("crm", "sales", "app", "pii"),
)
PEOPLE = {
    "platform": "dana@acme.example",
    "data": "omar@acme.example",
    "search": "lin@acme.example",
    "payments": "ines@acme.example",
    "payroll": "petra@acme.example",
    "security": "sven@acme.example",
    "finance": "fatima@acme.example",
    "ml": "mika@acme.example",
    "sales": "sam@acme.example",
    "it": "ivan@acme.example",
}
ENVIRONMENTS = (("dev", 40), ("staging", 25), ("prod", 35))
AWS_ACCOUNT_OF = {"dev": landmarks.DEV, "staging": landmarks.STAGING, "prod": landmarks.PROD}
PLACES = {
    Cloud.AWS: ("us-east-1a", "us-east-1b", "us-east-1c", "us-west-2a", "us-west-2b", "eu-west-1a", "eu-west-1b"),
    Cloud.AZURE: ("westus", "eastus", "westeurope"),
    Cloud.GCP: ("us-central1-a", "us-central1-b", "us-east1-b", "europe-west1-b"),
}
SIZES = {
    Cloud.AWS: ("t3.small", "t3.medium", "t3.large", "m5.large", "m5.xlarge", "c5.large", "c5.xlarge", "r5.large"),
    Cloud.AZURE: ("Standard_B2s", "Standard_B2ms", "Standard_D2s_v5", "Standard_D4s_v5", "Standard_E4s_v5"),
    Cloud.GCP: ("e2-small", "e2-medium", "e2-standard-4", "e2-standard-8", "n2-standard-4", "n2-standard-8"),
}
DISK_KINDS = {
    Cloud.AWS: ("gp3", "gp2"),
    Cloud.AZURE: ("Premium_LRS", "StandardSSD_LRS"),
    Cloud.GCP: ("pd-balanced", "pd-ssd"),
}
DATABASE_ENGINES = (("postgres", "15.4"), ("postgres", "14.9"), ("mysql", "8.0.35"))
# One line of twenty AWS items: eight machines with their boot disks, and what else an account collects.
AWS_PATTERN = ("machine", "machine", "disk", "machine", "bucket", "machine", "machine", "database", "machine", "bucket",
               "machine", "machine")  # fmt: skip
OTHER_PATTERN = ("machine", "machine", "machine", "disk", "machine", "machine", "machine")


@dataclass(slots=True)
class Holdings:
    """What has been put up so far in one cloud; the builder's working state."""

    machines: list[Machine] = field(default_factory=list)
    disks: list[Disk] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.machines) + len(self.disks) + len(self.buckets) + len(self.databases)


def holdings(*, cloud: Cloud, seed: int, size: int, now: datetime) -> Holdings:
    """Return one cloud's landmarks and then as much fleet as makes `size` things (never fewer than the landmarks)."""
    held = Holdings()
    maker = _Maker(seed=seed, cloud=cloud, midnight=now.replace(hour=0, minute=0, second=0, microsecond=0))
    maker.add_landmarks(held)
    for index, kind in _kinds(cloud):
        missing = size - len(held)
        if missing <= 0:
            return held
        maker.add(held, index=index, kind="disk" if missing == 1 and kind == "machine" else kind)
    return held


def _kinds(cloud: Cloud) -> Iterator[tuple[int, str]]:
    pattern = AWS_PATTERN if cloud is Cloud.AWS else OTHER_PATTERN
    return ((index, pattern[index % len(pattern)]) for index in count())


class _Maker:
    """Makes one cloud's things; every choice is thrown with dice that the thing's own key loads."""

    def __init__(self, *, seed: int, cloud: Cloud, midnight: datetime) -> None:
        self._seed = seed
        self._cloud = cloud
        self._midnight = midnight

    def add_landmarks(self, held: Holdings) -> None:
        for row in landmarks.MACHINES:
            if row.account.cloud is self._cloud:
                self._machine(held, row)
        for loose in landmarks.LOOSE_DISKS:
            if loose.account.cloud is self._cloud:
                held.disks.append(self._loose_disk(loose))
        if self._cloud is Cloud.AWS:
            held.buckets.extend(self._bucket(row) for row in landmarks.BUCKETS)
            held.databases.extend(self._database(row) for row in landmarks.DATABASES)

    def add(self, held: Holdings, *, index: int, kind: str) -> None:
        match kind:
            case "machine":
                self._machine(held, self._machine_row(index))
            case "disk":
                held.disks.append(self._loose_disk(self._disk_row(index)))
            case "bucket":
                held.buckets.append(self._bucket(self._bucket_row(index)))
            case _:
                held.databases.append(self._database(self._database_row(index)))

    def _dice(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/{self._cloud}/{key}")  # noqa: S311 - a play company, not secrets

    def _time(self, key: str, age: int) -> datetime:
        return self._midnight - timedelta(days=age, minutes=self._dice(f"time/{key}").randrange(1, 900))

    def _id(self, prefix: str, key: str) -> str:
        digest = hashlib.sha256(f"{self._seed}/{self._cloud}/{prefix}/{key}".encode()).hexdigest()
        match self._cloud:
            case Cloud.AWS:
                return f"{prefix}-0{digest[:16]}"
            case Cloud.AZURE:
                return str(uuid.UUID(digest[:32], version=4))
            case Cloud.GCP:
                return str(10**18 + int(digest[:15], 16))

    def _machine(self, held: Holdings, row: landmarks.MachineRow) -> None:
        key = f"{row.account.id}/{row.place}/{row.name}"
        dice = self._dice(f"machine/{key}")
        tags = _tags(row.tags)
        group = self._resource_group(tags, row.place)
        zone = row.place if self._cloud is not Cloud.AZURE else dice.choice(("1", "2", "3", ""))
        owner = PEOPLE.get(tags.get("team", ""), "unknown@acme.example")
        if dice.random() < 0.5:  # noqa: PLR2004 - every second machine says who owns it
            tags["owner"] = owner if self._cloud is not Cloud.GCP else owner.partition("@")[0]
        machine = Machine(
            account=row.account,
            region=self._region(row.place),
            zone=zone,
            name=row.name,
            id=self._id("i", key),
            size=row.size,
            state=row.state,
            profile=row.profile,
            launched_at=self._time(key, row.age),
            tags=self._named(row.name, tags),
            owner=owner,
            resource_group=group,
            scaling_group=row.scaling_group,
            public_ip=tags.get("tier") in {"web", "access"},
        )
        held.machines.append(machine)
        held.disks.append(
            Disk(
                account=row.account,
                region=machine.region,
                zone=zone,
                name=f"{row.name}-osdisk" if self._cloud is Cloud.AZURE else row.name,
                id=self._id("vol", key),
                size_gb=dice.choice((8, 30, 64, 100, 128)),
                kind=dice.choice(DISK_KINDS[self._cloud]),
                encrypted=self._cloud is not Cloud.AWS or dice.random() < 0.8,  # noqa: PLR2004 - a few are not
                machine_id=machine.id,
                created_at=machine.launched_at,
                tags={key: value for key, value in tags.items() if key in {"env", "team"}},
                boot=True,
                resource_group=group,
            )
        )

    def _loose_disk(self, row: landmarks.DiskRow) -> Disk:
        key = f"{row.account.id}/{row.place}/{row.name}"
        tags = _tags(row.tags)
        return Disk(
            account=row.account,
            region=self._region(row.place),
            zone=row.place if self._cloud is not Cloud.AZURE else "",
            name=row.name,
            id=self._id("vol", key),
            size_gb=row.size_gb,
            kind=row.kind,
            encrypted=self._cloud is not Cloud.AWS,
            machine_id="",
            created_at=self._time(key, row.age),
            tags=self._named(row.name, tags),
            resource_group=self._resource_group(tags, row.place),
        )

    def _bucket(self, row: landmarks.BucketRow) -> Bucket:
        return Bucket(
            account=row.account,
            region=row.region,
            name=row.name,
            exposure=row.exposure,
            blocks_public_access="blocked" in row.marks,
            encrypted="encrypted" in row.marks,
            versioning="versioned" in row.marks,
            created_at=self._time(row.name, row.age),
            tags=_tags(row.tags),
        )

    def _database(self, row: landmarks.DatabaseRow) -> Database:
        prod = row.account is landmarks.PROD
        return Database(
            account=row.account,
            region=self._region(row.zone),
            zone=row.zone,
            name=row.name,
            engine=row.engine,
            version=row.version,
            size=row.size,
            storage_gb=row.storage_gb,
            state=row.state,
            multi_az="multi-az" in row.marks,
            public="public" in row.marks,
            encrypted="encrypted" in row.marks,
            deletion_protection=prod,
            backup_days=14 if prod else 1,
            created_at=self._time(f"{row.account.id}/{row.name}", row.age),
            tags=_tags(row.tags),
        )

    def _machine_row(self, index: int) -> landmarks.MachineRow:
        dice = self._dice(f"fleet/{index}")
        service, env, account = self._service(dice)
        return landmarks.MachineRow(
            account=account,
            place=dice.choice(PLACES[self._cloud]),
            name=f"{service.name}-{env}-{index + 10}",
            size=dice.choice(SIZES[self._cloud]),
            state=self._state(dice, env),
            profile=dice.choices(tuple(CpuProfile), weights=(18, 17, 40, 25))[0],
            age=dice.randint(0, 6) if dice.random() < 0.05 else dice.randint(8, 700),  # noqa: PLR2004 - 5 % are new
            tags=self._tag_words(dice, service, env),
        )

    def _state(self, dice: random.Random, env: str) -> MachineState:
        if dice.random() >= {"dev": 0.25, "staging": 0.15, "prod": 0.03}[env]:
            return MachineState.RUNNING
        deallocated = self._cloud is Cloud.AZURE and dice.random() < 0.8  # noqa: PLR2004 - most people know
        return MachineState.DEALLOCATED if deallocated else MachineState.STOPPED

    def _disk_row(self, index: int) -> landmarks.DiskRow:
        dice = self._dice(f"fleet/{index}")
        service, env, account = self._service(dice)
        return landmarks.DiskRow(
            account=account,
            place=dice.choice(PLACES[self._cloud]),
            name=f"{service.name}-{env}-data-{index + 10}",
            size_gb=dice.choice((50, 100, 200, 500)),
            kind=dice.choice(DISK_KINDS[self._cloud]),
            age=dice.randint(8, 500),
            tags=self._tag_words(dice, service, env),
        )

    def _bucket_row(self, index: int) -> landmarks.BucketRow:
        dice = self._dice(f"fleet/{index}")
        service, env, account = self._service(dice)
        exposure = dice.choices((Exposure.PRIVATE, Exposure.ACL, Exposure.POLICY), weights=(94, 3, 3))[0]
        return landmarks.BucketRow(
            account=account,
            region=dice.choice(("us-east-1", "us-west-2", "eu-west-1")),
            name=f"acme-{service.name}-{env}-{index + 10}",
            exposure=exposure,
            marks=_marks(dice, blocked=0.8 if exposure is Exposure.PRIVATE else 0.0, encrypted=0.85, versioned=0.5),
            age=dice.randint(8, 900),
            tags=self._tag_words(dice, service, env),
        )

    def _database_row(self, index: int) -> landmarks.DatabaseRow:
        dice = self._dice(f"fleet/{index}")
        service, env, account = self._service(dice)
        engine, version = dice.choice(DATABASE_ENGINES)
        return landmarks.DatabaseRow(
            account=account,
            zone=dice.choice(PLACES[self._cloud]),
            name=f"{service.name}-{env}-db-{index + 10}",
            engine=engine,
            version=version,
            size=dice.choice(("db.t3.micro", "db.t3.medium", "db.m5.large", "db.r5.large")),
            storage_gb=dice.choice((20, 50, 100, 250)),
            state="stopped" if env == "dev" and dice.random() < 0.3 else "available",  # noqa: PLR2004 - a third rests
            marks=_marks(dice, multi_az=1.0 if env == "prod" else 0.0, public=0.04, encrypted=0.85),
            age=dice.randint(8, 700),
            tags=self._tag_words(dice, service, env),
        )

    def _service(self, dice: random.Random) -> tuple[Service, str, Account]:
        env = dice.choices([name for name, _ in ENVIRONMENTS], weights=[weight for _, weight in ENVIRONMENTS])[0]
        account = {Cloud.AZURE: landmarks.CORP, Cloud.GCP: landmarks.DATA}.get(self._cloud) or AWS_ACCOUNT_OF[env]
        return dice.choice(SERVICES), env, account

    def _tag_words(self, dice: random.Random, service: Service, env: str) -> str:
        capital = "environment" if self._cloud is Cloud.GCP else "Environment"
        key = dice.choices(("env", capital, ""), weights=(93, 3, 4))[0]
        words = [f"{key}={env}"] if key else []
        words += [f"team={service.team}", f"tier={service.tier}"]
        if service.data_class and env == "prod":
            words.append(f"data-class={service.data_class}")
        return " ".join(words)

    def _region(self, place: str) -> str:
        match self._cloud:
            case Cloud.AWS:
                return place[:-1]
            case Cloud.AZURE:
                return place
            case Cloud.GCP:
                return place.rpartition("-")[0]

    def _named(self, name: str, tags: Mapping[str, str]) -> dict[str, str]:
        return {"Name": name, **tags} if self._cloud is Cloud.AWS else dict(tags)

    def _resource_group(self, tags: Mapping[str, str], place: str) -> str:
        if self._cloud is not Cloud.AZURE:
            return ""
        env = tags.get("env") or tags.get("Environment") or "shared"
        return f"rg-{tags.get('team', 'it')}-{env}-{place}"


def _tags(words: str) -> dict[str, str]:
    return {key: value for key, _, value in (word.partition("=") for word in words.split())}


def _marks(dice: random.Random, **chances: float) -> str:
    return " ".join(word.replace("_", "-") for word, chance in chances.items() if dice.random() < chance)
