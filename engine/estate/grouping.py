"""How many resources there are of each region, state, team or whatever else they are to be counted by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from engine.approval.requirement import environment
from engine.estate.kinds import called
from engine.estate.resource import Resource


def counts(
    resources: Iterable[Resource], by: str, *, accounts: Mapping[str, str], env_keys: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Return the number of resources by value, the most first.

    Args:
        resources: What is counted.
        by: `region`, `zone`, `state`, `size`, `cloud`, `type`, `account`, `env`, or the key of a tag.
        accounts: Account ids to what the settings call them.
        env_keys: Tag keys that tell the environment.
    """
    found = Counter(_value(one, by, accounts, env_keys) for one in resources)
    return tuple(found.most_common())


def _value(one: Resource, by: str, accounts: Mapping[str, str], env_keys: Sequence[str]) -> str:
    match by:
        case "region":
            return one.region
        case "zone":
            return one.place
        case "state" | "status":
            return one.state or "no state"
        case "size" | "instance_type":
            return one.size or "no size"
        case "cloud":
            return one.cloud.value
        case "type" | "service":
            return called((one.type,))
        case "account" | "subscription" | "project":
            return accounts.get(one.account, one.account)
        case "env" | "environment":
            return environment(one.tags, env_keys)
        case _:
            return one.tags.get(by, "") or f"no {by}"
