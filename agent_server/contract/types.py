"""The kinds of resources Escher has a word for, read from `resource_types.tsv`.

The table is the one place that says which types exist, on which cloud, how people call them, which SDK call lists them and what
their ids look like; the parser, the scanners and the operation catalogue are checked against it. Columns:

`type` (`service::type`), `cloud` (`any` for generic kinds), `generic` (the `any::` type it is an instance of), `words` (singular,
lower case), `list_call` (AWS: boto3 client and method; Azure: package suffix, group and method; GCP: API, collection and
method), `id_form` (`*` stands for anything; Azure: the ARM resource type; GCP: the end of the selfLink path).
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent_server.contract.intent import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One row: a kind of resource on one cloud, or a generic kind.

    Attributes:
        type: Such as `ec2::instance` or `any::vm`; `compute::disk` and a few others exist on two clouds.
        cloud: Where it exists; `any` for generic kinds and Kubernetes objects.
        generic: The `any::` type it is an instance of, or empty.
        words: What people call it, singular, lower case.
        list_call: The SDK call that lists it, or empty.
        id_form: The shape of its ids, or empty.
    """

    type: str
    cloud: Scope
    generic: str = ""
    words: tuple[str, ...] = ()
    list_call: str = ""
    id_form: str = ""


@cache
def resource_types() -> tuple[ResourceType, ...]:
    """Return every row of the table, in its order."""
    table = resources.files("agent_server.contract").joinpath("resource_types.tsv").read_text(encoding="utf-8")
    return tuple(_row(line) for line in table.splitlines()[1:] if line)


@cache
def names() -> frozenset[str]:
    """Return the name of every type."""
    return frozenset(row.type for row in resource_types())


@cache
def specific(generic: str, cloud: Scope) -> str:
    """Return what a generic type is called on one cloud; the generic type itself where it has no counterpart."""
    for row in resource_types():
        if row.generic == generic and row.cloud is cloud:
            return row.type
    return generic


@cache
def generic_of(type_: str) -> str:
    """Return the generic type that `type_` is an instance of; itself when there is none."""
    for row in resource_types():
        if row.type == type_ and row.generic:
            return row.generic
    return type_


def _row(line: str) -> ResourceType:
    type_, cloud, generic, words, list_call, id_form = line.split("\t")
    return ResourceType(
        type=type_,
        cloud=Scope(cloud),
        generic=generic,
        words=tuple(word for word in words.split(", ") if word),
        list_call=list_call,
        id_form=id_form,
    )
