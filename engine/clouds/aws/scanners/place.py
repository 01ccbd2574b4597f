"""Where a scanner reads, and what all of them share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.clouds.aws.session import AwsSession
from engine.clouds.purpose import Purpose
from engine.estate.resource import Json

# Tags by which AWS itself says that something else owns an instance, the one that acts first.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html,
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
_OWNER_TAGS = (
    ("aws:autoscaling:groupName", "autoscaling::group"),
    ("eks:nodegroup-name", "eks::nodegroup"),
    ("aws:cloudformation:stack-name", "cloudformation::stack"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scanner reads: clients of one account, in one region, with the patience that the caller has."""

    session: AwsSession
    account: str
    region: str
    purpose: Purpose = Purpose.READ

    def client(self, service: str, region: str = "") -> Any:
        """Return a reading client."""
        return self.session.client(service, region or self.region, self.purpose)


def tags_of(items: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Turn AWS's list of `{"Key", "Value"}` into a mapping."""
    return {item["Key"]: item.get("Value", "") for item in items or ()}


def owner_of(tags: Mapping[str, str]) -> dict[str, Json]:
    """Return the fact `owner` when the tags name one, else nothing."""
    for tag, kind in _OWNER_TAGS:
        if name := tags.get(tag):
            return {"owner": {"kind": kind, "name": name}}
    return {}


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a time of the SDK in UTC."""
    return moment.astimezone(UTC) if moment else None
