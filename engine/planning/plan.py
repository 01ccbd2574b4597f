"""The frozen plan: what was shown, what is approved and what runs are the same bytes.

The digest is SHA-256 over the UTF-8 of the RFC 8785 (JSON canonicalisation) form of the fields below. The stored bytes are
hashed, never a re-serialisation. Ids and large integers are texts; there are no floats.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.clouds.operation import Params, ReplayClass
from engine.estate.resource import Cloud, Json, Resource
from engine.planning.canonical import canonical

VERSION = 1
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_plan_id() -> str:
    """Return `p-` and 8 random Crockford base32 characters (40 bits)."""
    return "p-" + "".join(secrets.choice(_CROCKFORD) for _ in range(8))


def guard(resource: Resource) -> dict[str, Json]:
    """Return what must still hold of a target when its step begins: it is the same thing, in the same state.

    Never metrics or times of reading, which change by themselves. Shown on the card, so it also carries the name.
    """
    return {
        "account": resource.account,
        "cloud": resource.cloud.value,
        "created_at": resource.created_at.astimezone(UTC).isoformat() if resource.created_at else "",
        "encrypted": resource.encrypted,
        "name": resource.name,
        "public": resource.public,
        "region": resource.region,
        "size": resource.size,
        "state": resource.state,
        "tags": dict(sorted(resource.tags.items())),
        "type": resource.type,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """How targets are run: at most `parallel` at once, the first `canary` of each step alone and first."""

    parallel: int = 5
    canary: int = 0
    on_failure: str = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation on one or more targets.

    Attributes:
        id: `s1`, `s2`, …, in the order shown.
        operation: Id of the catalogue; composites are expanded before.
        replay: The replay class the operation had when it was approved.
        credential: Name of the account whose credentials are used, never a secret.
        targets: Full ids, sorted.
        params: Validated parameters.
        depends_on: Ids of steps that must have succeeded on all their targets.
        preconditions: Full id to `guard` of the target; for a target touched by an earlier step it is that earlier
            step's guard, and only its identity is held against it.
        script_sha256: Digest of the script for script steps, else empty.
    """

    id: str
    operation: str
    replay: ReplayClass
    credential: str
    targets: tuple[str, ...]
    params: Params = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    preconditions: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    script_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done: frozen, ordered, digested.

    Attributes:
        plan_id: `p-` and 8 characters.
        requester: Principal id of who asked.
        origin: Key of the thread it was asked in.
        steps: In order.
        strategy: How to run.
        limits: Caps that held at admission: `max_targets`.
        not_after: After this instant it cannot be approved any more.
        rollback: What undoes it, one sentence; empty when nothing does.
        canonical: The bytes that are hashed and stored.
    """

    plan_id: str
    requester: str
    origin: str
    steps: tuple[Step, ...]
    strategy: Strategy
    limits: Mapping[str, int]
    not_after: datetime
    rollback: str
    canonical: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def targets(self) -> tuple[str, ...]:
        """All full ids touched, each once, in order of first touch."""
        return tuple(dict.fromkeys(target for step in self.steps for target in step.targets))

    def guard_of(self, target: str) -> Mapping[str, Json]:
        """Return the first guard that the plan holds of `target`."""
        return next(step.preconditions[target] for step in self.steps if target in step.preconditions)


def seal(
    *,
    plan_id: str,
    requester: str,
    origin: str,
    steps: tuple[Step, ...],
    strategy: Strategy,
    limits: Mapping[str, int],
    not_after: datetime,
    rollback: str,
) -> Plan:
    """Freeze a plan: put its fields into canonical bytes, once.

    Raises:
        ValueError: When a value has no canonical form (a float that is not whole, an unknown type).
    """
    canonical_bytes = canonical(
        {
            "v": VERSION,
            "plan_id": plan_id,
            "requester": requester,
            "origin": origin,
            "steps": [_plain_step(step) for step in steps],
            "strategy": {"parallel": strategy.parallel, "canary": strategy.canary, "on_failure": strategy.on_failure},
            "limits": dict(limits),
            "not_after": not_after.astimezone(UTC).isoformat(),
            "rollback": rollback,
        }
    )
    return Plan(
        plan_id=plan_id,
        requester=requester,
        origin=origin,
        steps=steps,
        strategy=strategy,
        limits=dict(limits),
        not_after=not_after,
        rollback=rollback,
        canonical=canonical_bytes,
    )


def load(stored: bytes) -> Plan:
    """Rebuild the plan from its stored bytes; `canonical` of the result is exactly what was given.

    Raises:
        ValueError: When the bytes are of another version or not a plan.
    """
    raw = json.loads(stored)
    if raw.get("v") != VERSION:
        raise ValueError(f"a plan of version {raw.get('v')} cannot be read by this version of Escher")
    return Plan(
        plan_id=raw["plan_id"],
        requester=raw["requester"],
        origin=raw["origin"],
        steps=tuple(
            Step(
                id=step["id"],
                operation=step["operation"],
                replay=ReplayClass(step["replay"]),
                credential=step["credential"],
                targets=tuple(step["targets"]),
                params=step["params"],
                depends_on=tuple(step["depends_on"]),
                preconditions=step["preconditions"],
                script_sha256=step["script_sha256"],
            )
            for step in raw["steps"]
        ),
        strategy=Strategy(**raw["strategy"]),
        limits=raw["limits"],
        not_after=datetime.fromisoformat(raw["not_after"]),
        rollback=raw["rollback"],
        canonical=stored,
    )


def remembered(target: str, held: Mapping[str, Json]) -> Resource:
    """Rebuild, from a plan's guard, as much of the resource as a call and a card need."""
    created = str(held["created_at"])
    return Resource(
        id=target,
        type=str(held["type"]),
        cloud=Cloud(str(held["cloud"])),
        account=str(held["account"]),
        region=str(held["region"]),
        name=str(held["name"]),
        state=str(held["state"]),
        size=str(held["size"]),
        tags={str(key): str(value) for key, value in _mapping(held["tags"]).items()},
        created_at=datetime.fromisoformat(created) if created else None,
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value


def _plain_step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "operation": step.operation,
        "replay": step.replay.value,
        "credential": step.credential,
        "targets": sorted(step.targets),
        "params": step.params,
        "depends_on": list(step.depends_on),
        "script_sha256": step.script_sha256,
        "preconditions": step.preconditions,
    }
