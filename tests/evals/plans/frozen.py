"""The frozen estate of the plan evals: what stands in `estate.json`, as accounts that a sync can read. It never changes by itself.

A line of the file is a resource as a scanner would read it, and `cpu` beside it: how busy a machine was on each of the last 14 days.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent_server.contract.types import names
from engine.approval.policy import Policy, parse
from engine.clouds.ports import DailyUse
from engine.estate.resource import Cloud, Resource
from tests.fakes.cloud_account import FakeCloudAccount

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ACCOUNTS = {
    "111122223333": ("dev", Cloud.AWS),
    "444455556666": ("prod", Cloud.AWS),
    "6f1c2d3e-0a1b-4c2d-8e3f-001122334455": ("azure", Cloud.AZURE),
    "acme-data": ("data", Cloud.GCP),
    "acme-shop": ("shop", Cloud.GCP),
}
_DAYS = 14
_QUIET_BYTES, _BUSY_BYTES = 1e6, 5e9
_QUIET_CPU = 10.0

POLICY: Policy = parse(
    {
        "version": 1,
        "roles": {"platform": {"members": ["local:*"]}},
        "caps": {"max_targets": 50, "max_destroy": 10},
        "protected": {"tags": {"protected": ["yes"]}},
        "rule": [
            {
                "id": "all",
                "effect": "allow",
                "match": {"env": ["dev", "test", "staging", "prod"]},
                "request": ["platform"],
                "approve": {"roles": ["platform"], "self": True},
            }
        ],
    },
    source="policy.toml",
)


class FrozenAccount(FakeCloudAccount):
    """An account of the file, with how busy its machines were."""

    busy: Mapping[str, float] = {}

    @property
    def types(self) -> frozenset[str]:
        """Everything there is a word for, as the real accounts of all three clouds together read."""
        return names()

    def use(self, resources: Sequence[Resource], *, days: int, until: datetime) -> Mapping[str, tuple[DailyUse, ...]]:
        """Return the same use for every day."""
        del days
        return {one.id: _use(self.busy[one.id], until) for one in resources if one.id in self.busy}


def accounts() -> tuple[FrozenAccount, ...]:
    """Return the accounts with everything in them."""
    lines = _lines()
    return tuple(_account(id_, [line for line in lines if line["account"] == id_]) for id_ in ACCOUNTS)


def keys() -> dict[str, str]:
    """Return by resource id what the gold calls it: its name, and its region where two are called alike."""
    lines = _lines()
    called = [line["name"] for line in lines]
    return {
        line["id"]: line["name"] if called.count(line["name"]) == 1 else f"{line['name']}@{line['region']}"
        for line in lines
    }


def _lines() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / "estate.json").read_text(encoding="utf-8"))
    return found


def _account(id_: str, lines: Sequence[dict[str, Any]]) -> FrozenAccount:
    name, cloud = ACCOUNTS[id_]
    made = FrozenAccount(cloud, id_, name, lambda: NOW)
    made.busy = {line["id"]: line["cpu"] for line in lines if "cpu" in line}
    made.add(*(_resource(line) for line in lines))
    return made


def _resource(line: Mapping[str, Any]) -> Resource:
    plain = {key: value for key, value in line.items() if key not in {"cpu", "created_at", "cloud"}}
    made = Resource(cloud=Cloud(line["cloud"]), created_at=datetime.fromisoformat(line["created_at"]), **plain)
    return replace(made, zone=f"{made.region}b" if made.type == "ec2::instance" else "")


def _use(cpu: float, until: datetime) -> tuple[DailyUse, ...]:
    network = _QUIET_BYTES if cpu <= _QUIET_CPU else _BUSY_BYTES
    days = (until.date() - timedelta(days=back) for back in range(1, _DAYS + 1))
    return tuple(DailyUse(day=day, cpu_mean=cpu, cpu_max=cpu, network_bytes=network) for day in days)
