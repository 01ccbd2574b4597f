"""Which parts of a selector keyed hashes can answer, as fields and the values of which one must be there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.estate.environment import PRODUCTION
from engine.estate.record import UNSAID, three_valued
from engine.estate.selector import Selector

Group: TypeAlias = tuple[str, frozenset[str]]


def decided_by_hashes(selector: Selector, env_keys: Sequence[str]) -> bool:
    """Say whether `groups` alone gives exactly what the selector means, so that no record has to be looked at."""
    nothing = frozenset[str]()
    if (
        selector.ids == nothing
        or selector.patterns
        or PRODUCTION in selector.envs
        or tuple(selector.env_keys) != tuple(env_keys)
    ):
        return False
    rest = replace(
        selector,
        clouds=frozenset(),
        accounts=nothing,
        regions=nothing,
        zones=nothing,
        types=nothing,
        ids=None,
        names=nothing,
        envs=nothing,
        states=nothing,
        tags=(),
        tags_present=nothing,
        idle=None,
        limit=None,
    )
    return rest == Selector(env_keys=selector.env_keys)


def groups(selector: Selector, env_keys: Sequence[str]) -> list[Group]:
    """Return the groups that every resource the selector may mean passes; never one that would lose such a resource.

    Where a resource may not say (environment, public, encrypted) the value for "not known" is in the group, so that the
    undecided are found and counted.

    Args:
        selector: The question.
        env_keys: The tag keys that the stored environment was told by.
    """
    asked: list[Group] = [("kind", frozenset({"resource"}))]
    asked += [
        (field, values)
        for field, values in (
            ("cloud", frozenset(cloud.value for cloud in selector.clouds)),
            ("account", selector.accounts),
            ("region", selector.regions),
            ("zone", selector.zones),
            ("type", selector.types),
            ("id", selector.ids or frozenset()),
            ("name", frozenset() if selector.patterns else selector.names),
            ("state", selector.states),
            *(("tag", frozenset(f"{key}={value}" for value in values)) for key, values in selector.tags),
            *(("tag-key", frozenset({key})) for key in sorted(selector.tags_present)),
        )
        if values
    ]
    if selector.envs and tuple(selector.env_keys) == tuple(env_keys):
        asked.append(("env", selector.envs | {UNSAID} if PRODUCTION in selector.envs else selector.envs))
    for field, value in (("public", selector.public), ("encrypted", selector.encrypted)):
        if value is not None:
            asked.append((field, frozenset({three_valued(value), UNSAID})))
    return asked
