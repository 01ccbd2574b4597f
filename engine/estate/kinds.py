"""From the types people ask for to the types that exist: `any::vm` is an EC2 instance, an Azure VM or a GCE instance."""

from collections.abc import Iterable
from functools import cache

from agent_server.contract.types import generic_of, resource_types

ANYTHING = "any::resource"
_OWN_WORDS = 5
_GENERIC_WORDS = 3


def expand(types: Iterable[str]) -> frozenset[str] | None:
    """Return the concrete types behind `types`; None when one of them is `any::resource`, which means every type.

    A concrete type stands for itself; a generic type for every type that the contract's table files under it. A type the
    table does not know, or a generic one without an instance, contributes nothing: see `unknown`.
    """
    wanted = frozenset(types)
    if ANYTHING in wanted:
        return None
    found = {row.type for row in resource_types() if row.type in wanted or row.generic in wanted}
    return frozenset(name for name in found if not name.startswith(("any::", "k8s::")))


def unknown(types: Iterable[str]) -> tuple[str, ...]:
    """Return those of `types` for which nothing in the estate can ever exist, sorted."""
    return tuple(sorted(name for name in set(types) if name != ANYTHING and not expand((name,))))


@cache
def words_for(type_: str) -> tuple[str, ...]:
    """Return what people call a type: its own first words, and the first of its generic kind, without repetition.

    The later words of a generic kind are names of brands and engines (`postgres` for any database) that say too much.
    """
    own = [word for row in resource_types() if row.type == type_ for word in row.words[:_OWN_WORDS]]
    kind = [word for row in resource_types() if row.type == generic_of(type_) for word in row.words[:_GENERIC_WORDS]]
    return tuple(dict.fromkeys((*own, *kind)))


@cache
def on_cloud(type_: str, cloud: str) -> bool:
    """Say whether a type can exist on a cloud; one that the table does not know might on any."""
    clouds = {row.cloud.value for row in resource_types() if row.type == type_}
    return not clouds or cloud in clouds
