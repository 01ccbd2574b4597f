"""How each account spells its tag keys: to a bill `Team` and `team` are two tags, to people they are one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from engine.clouds.billing import CostGrouping
from engine.estate.resource import Resource

Spellings = Mapping[tuple[str, str], str]
"""By account and folded key, the spelling that most of its resources have."""


def spellings(resources: Iterable[Resource], keys: Collection[str]) -> Spellings:
    """Return how the accounts of these resources spell some keys; of several spellings the most frequent, then the first."""
    wanted = {key.casefold() for key in keys}
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for resource in resources:
        for key in resource.tags:
            if key.casefold() in wanted:
                found[resource.account, key.casefold()][key] += 1
    return {where: min(each, key=lambda key: (-each[key], key)) for where, each in found.items()}


def spelled(grouping: CostGrouping, account: str, same: Collection[str], known: Spellings) -> CostGrouping:
    """Return the grouping with its tag as the account spells it; as it was said where nothing carries it.

    Args:
        grouping: How the account's bill is to be cut.
        account: The account's id.
        same: Tags that all mean the same, such as those that tell the environment.
        known: The spellings.
    """
    if not grouping.tag:
        return grouping
    meant = same if grouping.tag in same else (grouping.tag,)
    found = (known[account, key.casefold()] for key in meant if (account, key.casefold()) in known)
    return replace(grouping, tag=next(found, grouping.tag))
