"""CloudTrail's event history: what changed, who did it and when; moto keeps none.

Seeded with what the company did lately (launches, stops, opened buckets, the day that cost too much) and continued with
every change that reaches the endpoint, refused ones included. `LookupEvents` answers from it.
"""

import json
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

KEPT_DAYS = 90
PAGE = 50

_SOURCES = {"cloudwatch": "monitoring", "elbv2": "elasticloadbalancing", "ses": "email"}
_KINDS = {
    "InstanceId": "AWS::EC2::Instance",
    "VolumeId": "AWS::EC2::Volume",
    "SnapshotId": "AWS::EC2::Snapshot",
    "GroupId": "AWS::EC2::SecurityGroup",
    "DBInstanceIdentifier": "AWS::RDS::DBInstance",
    "DBSnapshotIdentifier": "AWS::RDS::DBSnapshot",
    "AutoScalingGroupName": "AWS::AutoScaling::AutoScalingGroup",
    "bucketName": "AWS::S3::Bucket",
    "FunctionName": "AWS::Lambda::Function",
    "UserName": "AWS::IAM::User",
    "RoleName": "AWS::IAM::Role",
    "TableName": "AWS::DynamoDB::Table",
    "SecretId": "AWS::SecretsManager::Secret",
    "KeyId": "AWS::KMS::Key",
    "ResourceId": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One change. `resources` are pairs of type and name; `error` is empty where it succeeded."""

    at: datetime
    account: str
    region: str
    service: str
    name: str
    user: str
    access_key: str = ""
    user_agent: str = "console.amazonaws.com"
    resources: tuple[tuple[str, str], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def id(self) -> str:
        """A UUID that follows from what happened."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.at.isoformat()}/{self.account}/{self.name}/{self.resources}"))

    @property
    def source(self) -> str:
        """The service as CloudTrail writes it: `ec2.amazonaws.com`."""
        return f"{_SOURCES.get(self.service, self.service)}.amazonaws.com"

    def wire(self) -> dict[str, Any]:
        """Return the event as `LookupEvents` answers it."""
        record: dict[str, Any] = {
            "eventVersion": "1.09",
            "eventID": self.id,
            "eventTime": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "userAgent": self.user_agent,
            "userIdentity": {"type": "IAMUser", "userName": self.user, "accountId": self.account},
            "requestParameters": dict(self.parameters),
            "readOnly": False,
            "recipientAccountId": self.account,
        }
        if self.error:
            record["errorCode"] = self.error
        return {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": "false",
            "AccessKeyId": self.access_key,
            "EventTime": self.at.timestamp(),
            "EventSource": self.source,
            "Username": self.user,
            "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in self.resources],
            "CloudTrailEvent": json.dumps(record),
        }

    def has(self, attribute: str, value: str) -> bool:
        """Whether a lookup attribute of the event has that value."""
        match attribute:
            case "ResourceName":
                return any(name == value for _, name in self.resources)
            case "ResourceType":
                return any(kind == value for kind, _ in self.resources)
            case "EventName":
                return self.name == value
            case "EventSource":
                return self.source == value
            case "Username":
                return self.user == value
            case "EventId":
                return self.id == value
            case "AccessKeyId":
                return self.access_key == value
            case "ReadOnly":
                return value == "false"
            case _:
                raise JsonRESTError("InvalidLookupAttributesException", f"unknown lookup attribute {attribute}")


class Trail:
    """Every account's events, oldest first; safe for many threads."""

    def __init__(self, events: Iterable[TrailEvent] = ()) -> None:
        self._lock = threading.Lock()
        self._events = sorted(events, key=lambda event: event.at)

    def add(self, event: TrailEvent) -> None:
        """Write one more event, the latest."""
        with self._lock:
            self._events.append(event)

    def lookup(self, account: str, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer LookupEvents: newest first, pages of up to 50, every lookup attribute must hold.

        Source: docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
        """
        start = datetime.fromtimestamp(asked.get("StartTime", 0), UTC)
        end = datetime.fromtimestamp(asked["EndTime"], UTC) if "EndTime" in asked else datetime.max.replace(tzinfo=UTC)
        wanted = [(pair["AttributeKey"], pair["AttributeValue"]) for pair in asked.get("LookupAttributes", [])]
        with self._lock:
            events = [event for event in self._events if (event.account, event.region) == (account, region)]
        found = [
            event
            for event in reversed(events)
            if start <= event.at <= end and all(event.has(key, value) for key, value in wanted)
        ]
        first, size = int(asked.get("NextToken", 0)), min(int(asked.get("MaxResults", PAGE)), PAGE)
        answer: dict[str, Any] = {"Events": [event.wire() for event in found[first : first + size]]}
        if len(found) > first + size:
            answer["NextToken"] = str(first + size)
        return answer


def serve(trail: Trail) -> None:
    """Teach moto's CloudTrail the one operation that it lacks."""

    def lookup_events(self: Any) -> str:
        """Answer `LookupEvents` of the caller's account and region."""
        return json.dumps(trail.lookup(self.current_account, self.region, json.loads(self.body or "{}")))

    responses: Any = CloudTrailResponse
    responses.lookup_events = lookup_events


def resources_in(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Find the things that a request names: `InstanceId.1=i-…`, `{"FunctionName": …}`, a bucket."""
    found = []
    for key, value in parameters.items():
        word = key.partition(".")[0]
        if word in _KINDS and isinstance(value, str):
            found.append((_KINDS[word] or _kind_of_id(value), value))
    return tuple(found)


def _kind_of_id(value: str) -> str:
    kinds = {"i": "InstanceId", "vol": "VolumeId", "snap": "SnapshotId", "sg": "GroupId"}
    return _KINDS.get(kinds.get(value.partition("-")[0], ""), "")


def recently(now: datetime, days: float) -> datetime:
    """Return a moment that many days before `now`, to the second, as CloudTrail keeps time."""
    return (now - timedelta(days=days)).replace(microsecond=0)
