"""From the types people ask for to the types that exist: `any::vm` is an EC2 instance, an Azure VM or a GCE instance."""

from collections.abc import Iterable
from functools import cache

from agent_server.contract.types import generic_of, resource_types

ANYTHING = "any::resource"
_OWN_WORDS = 5
_GENERIC_WORDS = 3
_CAPITALS = "acm aks ami api asg dns ebs ec2 ecr ecs efs eks elb eni gce gcp gcs gke iam ip kms nat nic nsg rds s3 sns sql sqs ssm vm vpc waf"
_NAMES = "azure bigquery cloudformation cloudfront cloudtrail cloudwatch cosmos entra eventbridge kubernetes lambda redis spanner"
_WRITTEN = {one: one.upper() for one in _CAPITALS.split()} | {one: one.capitalize() for one in _NAMES.split()}


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


def called(types: Iterable[str]) -> str:
    """Return what several types are called in a sentence: `pods`, `Cloud SQL instances and security groups`."""
    words = sorted({_called(one) for one in types})
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


@cache
def _called(type_: str) -> str:
    words = next((row.words for row in resource_types() if row.type == type_), ())
    own = type_.partition("::")[2].replace("_", " ")
    named = [word for word in words if own in word] or [word for word in words if " " in word] or [*words, own]
    word = " ".join(_WRITTEN.get(part, part) for part in named[0].split())
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch")) else f"{word}s"


@cache
def on_cloud(type_: str, cloud: str) -> bool:
    """Say whether a type can exist on a cloud; one that the table does not know might on any."""
    clouds = {row.cloud.value for row in resource_types() if row.type == type_}
    return not clouds or cloud in clouds
