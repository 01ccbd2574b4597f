"""The table of resource types holds together."""

import re

from agent_server.contract.intent import Scope
from agent_server.contract.types import generic_of, names, resource_types, specific


def test_every_type_is_named_once_on_each_cloud() -> None:
    """A type may exist on two clouds, but only once on each."""
    seen = [(row.type, row.cloud) for row in resource_types()]
    assert len(seen) == len(set(seen))


def test_every_row_is_well_formed() -> None:
    """Types look like `service::type`, words are lower case and singular forms exist, generic types are in the table."""
    for row in resource_types():
        assert re.fullmatch(r"[a-z0-9]+::[a-z0-9_]+", row.type)
        assert row.words
        assert all(word == word.lower().strip() for word in row.words)
        assert not row.generic or row.generic in names()


def test_what_exists_on_a_cloud_can_be_listed() -> None:
    """Every kind of a cloud says which SDK call lists it; generic kinds have none."""
    for row in resource_types():
        assert bool(row.list_call) == (row.cloud is not Scope.ANY), row.type


def test_a_word_means_one_kind_on_each_cloud() -> None:
    """No word stands for two kinds of the same cloud, so that naming the cloud settles what is meant."""
    seen: dict[tuple[str, Scope], str] = {}
    for row in resource_types():
        for word in row.words:
            assert seen.setdefault((word, row.cloud), row.type) == row.type, word


def test_generic_kinds_have_a_name_on_each_cloud() -> None:
    """The machine, the bucket and the database are called differently on each cloud, and back."""
    for generic in ("any::vm", "any::bucket", "any::database", "any::disk", "any::snapshot", "any::k8s_cluster"):
        for cloud in (Scope.AWS, Scope.AZURE, Scope.GCP):
            there = specific(generic, cloud)
            assert there != generic
            assert generic_of(there) == generic
    assert specific("any::resource", Scope.AWS) == "any::resource"
