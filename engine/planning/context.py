"""Targets as per-request handles: what the agent server may know of a resource, and the way back.

Handles `r1..rn` mean nothing outside one request. Names, ids and accounts never go; tag values go for allow-listed keys only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.contract.plan import TargetFacts
from engine.estate.resource import Json, Resource
from engine.planning.money import price, resized

DEFAULT_TAG_KEYS = ("env", "team", "tier", "data-class")
SAFE_FACTS = ("size_gb", "engine", "engine_version", "multi_az", "attached", "deletion_protection", "versioning")
"""Facts of a resource that say nothing of whose it is."""
SIZES_OFFERED = "sizes_offered"
_CLUSTERS = frozenset({"eks::nodegroup", "gke::cluster"})
_MONTH_HOURS = 730
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One resource under its handle, for one part of the request."""

    handle: str
    part: int
    resource: Resource


def handles(parts: Sequence[Iterable[Resource]]) -> tuple[Target, ...]:
    """Number the resources of all parts `r1..rn` in order."""
    numbered = [(part, resource) for part, found in enumerate(parts) for resource in found]
    return tuple(
        Target(handle=f"r{index}", part=part, resource=resource) for index, (part, resource) in enumerate(numbered, 1)
    )


def facts(
    target: Target,
    redact: Callable[[str], str],
    *,
    tag_keys: Sequence[str] = DEFAULT_TAG_KEYS,
    wanted_size: str = "",
) -> TargetFacts:
    """Return what the agent server may know of one target.

    Args:
        target: Which.
        redact: Takes names and ids out of the texts people wrote.
        tag_keys: The tags whose values go.
        wanted_size: What it is to be resized to, for the price afterwards.
    """
    resource = target.resource
    # Google calls it otherwise: https://cloud.google.com/compute/docs/instances/preventing-accidental-vm-deletion
    known = {"deletion_protection": resource.facts.get("protected"), **resource.facts}
    return TargetFacts(
        handle=target.handle,
        part=target.part,
        type=resource.type,
        cloud=resource.cloud.value,
        region=resource.region,
        state=resource.state,
        tags=_tags(resource.tags, tag_keys, redact),
        facts={
            **{key: _fact(known[key], redact) for key in SAFE_FACTS if isinstance(known.get(key), str | int | bool)},
            **({"size": resource.size[:_MOST]} if resource.size else {}),
            **({"public": resource.public} if resource.public is not None else {}),
            **({"encrypted": resource.encrypted} if resource.encrypted is not None else {}),
            **_offered(resource),
            **_prices(resource, wanted_size),
            **_dependence(resource),
        },
        permissions={operation: known.value for operation, known in list(resource.permissions.items())[:64]},
    )


def _offered(resource: Resource) -> dict[str, Json]:
    """Return which of the sizes asked for can be had where it is, when that was asked of the cloud."""
    sizes = resource.facts.get(SIZES_OFFERED)
    return {SIZES_OFFERED: [str(one)[:_MOST] for one in sizes]} if isinstance(sizes, list) else {}


def _prices(resource: Resource, wanted_size: str) -> dict[str, Json]:
    """Return the list price a month as it is and as it would be, where they are known."""
    hourly = {"monthly_usd": price(resource.size), "monthly_usd_after": resized(resource, wanted_size)}
    return {name: round(amount * _MONTH_HOURS, 2) for name, amount in hourly.items() if amount}


def _dependence(resource: Resource) -> dict[str, Json]:
    """Return whether something else runs it, or leans on it."""
    owner = resource.facts.get("owner")
    kind = str(owner.get("kind", "")) if isinstance(owner, Mapping) else ""
    held = {"owned": bool(owner), "in_cluster": kind in _CLUSTERS, "has_replicas": bool(resource.facts.get("replicas"))}
    return {name: True for name, holds in held.items() if holds}


def _fact(value: Json, redact: Callable[[str], str]) -> Json:
    return redact(value)[:_MOST] if isinstance(value, str) else value


def _tags(tags: Mapping[str, str], allowed: Sequence[str], redact: Callable[[str], str]) -> dict[str, str]:
    wanted = {key.lower() for key in allowed}
    return {key.lower(): redact(value)[:_MOST] for key, value in tags.items() if key.lower() in wanted}
