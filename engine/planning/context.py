"""Targets as per-request handles: what the agent server may know of a resource, and the way back.

Handles `r1..rn` mean nothing outside one request. Names, ids and accounts never go; tag values go for allow-listed keys only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.contract.plan import TargetFacts
from engine.estate.resource import Json, Resource
from engine.planning.money import price

DEFAULT_TAG_KEYS = ("env", "team", "tier", "data-class")
SAFE_FACTS = ("size_gb", "engine", "engine_version", "multi_az", "attached", "deletion_protection")
"""Facts of a resource that say nothing of whose it is."""
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


def facts(target: Target, redact: Callable[[str], str], *, tag_keys: Sequence[str] = DEFAULT_TAG_KEYS) -> TargetFacts:
    """Return what the agent server may know of one target; `redact` takes names and ids out of the texts people wrote."""
    resource = target.resource
    return TargetFacts(
        handle=target.handle,
        part=target.part,
        type=resource.type,
        cloud=resource.cloud.value,
        region=resource.region,
        state=resource.state,
        tags=_tags(resource.tags, tag_keys, redact),
        facts={
            **{
                key: _fact(resource.facts[key], redact)
                for key in SAFE_FACTS
                if isinstance(resource.facts.get(key), str | int | bool)
            },
            **({"size": resource.size[:_MOST]} if resource.size else {}),
            **({"public": resource.public} if resource.public is not None else {}),
            **({"encrypted": resource.encrypted} if resource.encrypted is not None else {}),
            **({"monthly_usd": monthly} if (monthly := _monthly(resource.size)) else {}),
            **({"owned": True} if resource.facts.get("owner") else {}),
        },
        permissions={operation: known.value for operation, known in list(resource.permissions.items())[:64]},
    )


def _monthly(size: str) -> float:
    """Return the list price of a size for a month of 730 hours; 0 when it is not known."""
    return round((price(size) or 0.0) * 730, 2)


def _fact(value: Json, redact: Callable[[str], str]) -> Json:
    return redact(value)[:_MOST] if isinstance(value, str) else value


def _tags(tags: Mapping[str, str], allowed: Sequence[str], redact: Callable[[str], str]) -> dict[str, str]:
    wanted = {key.lower() for key in allowed}
    return {key.lower(): redact(value)[:_MOST] for key, value in tags.items() if key.lower() in wanted}
