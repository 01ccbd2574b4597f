"""A snapshot with round figures, so that every answer to it can be computed by hand, and questions about it."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

from agent_server.agents.answering.answer import answer
from agent_server.contract.answer import AnswerReply, AnswerRequest, Driver, Row, Snapshot, Spend
from agent_server.contract.intent import HistoryTurn, IntentRequest
from agent_server.models.offline.parse import parse

LAST = date(2026, 3, 14)
EC2, S3, VMS = "Amazon Elastic Compute Cloud - Compute", "Amazon Simple Storage Service", "Virtual Machines"


def day(ago: int, *, ec2: float = 60.0, s3: float = 10.0, vms: float = 30.0) -> Spend:
    """One day: AWS is EC2 in production and S3 in dev, Azure is machines in dev."""
    return Spend(
        day=LAST - timedelta(days=ago),
        amount=ec2 + s3 + vms,
        by={
            EC2: ec2,
            S3: s3,
            VMS: vms,
            "cloud:aws": ec2 + s3,
            "cloud:azure": vms,
            "environment:prod": ec2,
            "environment:dev": s3 + vms,
        },
    )


def spend(days: int = 46) -> list[Spend]:
    """Days at 100 dollars (EC2 60, S3 10, machines 30); the last one at 132.50 (EC2 90, machines 32.50)."""
    return [*(day(ago) for ago in range(days - 1, 0, -1)), day(0, ec2=90.0, vms=32.5)]


def cut(parts: list[tuple[dict[str, str], float]], ago: int) -> Spend:
    """One day told by each dimension of its parts and by each two at once."""
    by: dict[str, float] = {}
    for labels, amount in parts:
        for dimensions in (*((one,) for one in labels), *combinations(labels, 2)):
            key = "|".join(f"{one}:{labels[one]}" for one in dimensions)
            by[key] = by.get(key, 0.0) + amount
    return Spend(day=LAST - timedelta(days=ago), amount=sum(amount for _, amount in parts), by=by)


def by_region(days: int = 46, *, only: str = "") -> list[Spend]:
    """The same money: EC2 is 40 in us-east-1 (70 on the last day) and 20 in eu-west-1, S3 in us-east-1, machines in westus."""
    found = []
    for ago in reversed(range(days)):
        parts = [
            ({"region": "us-east-1", "service": EC2, "account": "r1"}, 40.0 if ago else 70.0),
            ({"region": "eu-west-1", "service": EC2, "account": "r2"}, 20.0),
            ({"region": "us-east-1", "service": S3, "account": "r2"}, 10.0),
            ({"region": "westus", "service": VMS, "account": "r3"}, 30.0 if ago else 32.5),
        ]
        found.append(cut([one for one in parts if only in {"", one[0]["region"]}], ago))
    return found


def by_team(days: int = 46) -> list[Spend]:
    """The same money: EC2 is 40 of team data (70 on the last day) and 20 of nobody, S3 of nobody, machines of team platform."""
    return [
        cut(
            [
                ({"team": "data", "service": EC2, "cloud": "aws"}, 40.0 if ago else 70.0),
                ({"team": "no team tag", "service": EC2, "cloud": "aws"}, 20.0),
                ({"team": "no team tag", "service": S3, "cloud": "aws"}, 10.0),
                ({"team": "platform", "service": VMS, "cloud": "azure"}, 30.0 if ago else 32.5),
            ],
            ago,
        )
        for ago in reversed(range(days))
    ]


def rows() -> list[Row]:
    """Six lines: a public bucket, three idle machines of which one has no price, a new one, one that is gone."""
    ec2: dict[str, Any] = {"type": "ec2::instance", "cloud": "aws", "region": "us-east-1"}
    return [
        Row(number=1, section="needs_you", finding="public", target="r1", type="s3::bucket", cloud="aws", region="us-east-1", environment="prod"),
        Row(number=2, section="idle", finding="idle", target="r2", environment="dev", amount=60.74, facts={"says": "CPU at most 2 % on 14 of 14 days", "ask": "stop r2"}, **ec2),
        Row(number=3, section="idle", finding="idle", target="r3", environment="prod", amount=140.16, **ec2),
        Row(number=4, section="idle", finding="idle", target="r4", environment="dev", **ec2),
        Row(number=5, section="changes", finding="created", target="r5", environment="prod", **ec2),
        Row(number=6, section="changes", finding="deleted", target="r6", type="compute::disk", cloud="azure", region="westus"),
    ]  # fmt: skip


def snapshot(**fields: Any) -> Snapshot:
    """The whole: 1,432.50 spent of 3,000 in March, and drivers of the last day."""
    given: dict[str, Any] = {
        "until": LAST,
        "spend": spend(),
        "budget": 3000.0,
        "forecast": 3171.96,
        "compared": ["2026-03-13", "2026-03-14"],
        "drivers": [
            Driver(label=VMS, dimension="service", before=30.0, after=32.5),
            Driver(label=EC2, dimension="service", before=60.0, after=90.0),
        ],
        "rows": rows(),
        "not_seen": ["r9 eu-west-1 rds (access denied)"],
    }
    return Snapshot(**{**given, **fields})


def question(text: str, given: Snapshot | None = None, *, before: tuple[str, ...] = ()) -> AnswerRequest:
    """A question as the runner sends it, understood by the offline parser."""
    history = [HistoryTurn(role="user", text=one) for one in before]
    intent = parse(IntentRequest(request_id="t-1", text=text, history=history))
    return AnswerRequest(request_id="t-1", text=text, intent=intent, history=history, snapshot=given or snapshot())


def told(text: str, given: Snapshot | None = None, *, before: tuple[str, ...] = ()) -> AnswerReply:
    """The computed answer to a question."""
    return answer(question(text, given, before=before))
