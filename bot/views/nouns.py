"""What kinds of resources are called on a card, and how several are counted."""

from collections import Counter
from collections.abc import Iterable, Sequence

from blocks.wording import count
from engine.estate.environment import environment_of
from engine.estate.resource import Cloud, Resource

_NOUNS = {
    "ec2::instance": "EC2 instance",
    "ec2::volume": "EBS volume",
    "ec2::snapshot": "EBS snapshot",
    "s3::bucket": "S3 bucket",
    "rds::instance": "RDS database",
    "compute::virtualmachine": "Azure VM",
    "compute::instance": "GCE instance",
    "any::vm": "machine",
    "any::bucket": "bucket",
    "any::database": "database",
    "any::disk": "disk",
    "any::resource": "resource",
}
_DISK = {Cloud.AZURE: "Azure disk", Cloud.GCP: "GCE disk"}
_CLOUDS = {Cloud.AWS: "AWS", Cloud.AZURE: "Azure", Cloud.GCP: "GCP"}


def noun(resource: Resource) -> str:
    """Return what one resource is called, in the singular: `EC2 instance`."""
    if resource.type == "compute::disk":
        return _DISK.get(resource.cloud, "disk")
    return of_type(resource.type)


def of_type(type_: str) -> str:
    """Return what a type is called, in the singular."""
    return _NOUNS.get(type_, type_.partition("::")[2].replace("_", " ") or "resource")


def cloud_name(cloud: Cloud) -> str:
    """Return how a cloud is written."""
    return _CLOUDS[cloud]


def counted(resources: Sequence[Resource], *, adjectives: Iterable[str] = ()) -> str:
    """Return `5 EC2 instances` or `5 EC2 instances, 4 Azure VMs and 3 GCE instances`."""
    words = " ".join(adjectives)
    kinds = Counter(noun(one) for one in resources)
    parts = [f"{count(number, f'{words} {kind}'.strip())}" for kind, number in kinds.most_common()]
    if len(parts) <= 1:
        return parts[0] if parts else f"0 {words} resources".replace("  ", " ")
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def common_environment(resources: Sequence[Resource], keys: Iterable[str]) -> str:
    """Return the environment that all share by their tags, or an empty text."""
    keys = tuple(keys)
    found = {environment_of(one.tags, keys) for one in resources}
    return (next(iter(found)) or "") if len(found) == 1 else ""


def acted(verb: str, what: str) -> str:
    """Return a verb with its object inside where it has two words: `Make private` and `my-logs`: `Make my-logs private`."""
    first, _, rest = verb.partition(" ")
    if rest and first.lower() in {"make", "making", "made"}:
        return f"{first} {what} {rest}"
    return f"{verb} {what}"
