"""The values of a morning report."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one thing cost in one account, day by day.

    Attributes:
        account: Account id.
        service, region, type, tag: As in `CostLine`; empty what the bill was not asked for.
        first: The day of the first amount; one amount a day follows, None where the bill has no line.
        amounts: In US dollars.
    """

    account: str
    service: str
    first: date
    amounts: tuple[float | None, ...]
    region: str = ""
    type: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Spending in US dollars.

    Attributes:
        day: The day `yesterday` is about; the clouds' figures end there.
        yesterday: Spent on that day.
        before: Spent the day before, or None.
        month: Spent in the month of that day so far.
        budget: The month's budget, or None.
        forecast: What the month will come to at the month's mean daily rate, or None before three days.
        drivers: (service and account, change against the day before), largest change first.
        days: (day, amount) of the last 30 days, oldest first.
        unusual: (day, amount, usual) of days far from their weekday's median in the last 14 days.
        unknown: Names of accounts without cost figures, with the reason where there is one.
        history: Every line of the days the figures were made from, so that questions about the report can be answered later.
    """

    day: date
    yesterday: float
    before: float | None
    month: float
    budget: float | None
    forecast: float | None
    drivers: tuple[tuple[str, float], ...] = ()
    days: tuple[tuple[date, float], ...] = ()
    unusual: tuple[tuple[date, float, float], ...] = ()
    unknown: tuple[str, ...] = ()
    history: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleMachine:
    """One idle machine and the numbers that say so."""

    name: str
    id: str
    type: str
    region: str
    size: str
    sentence: str
    monthly: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBucket:
    """One bucket that anyone can read."""

    name: str
    id: str
    account: str
    data_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One change since the last report.

    Attributes:
        kind: `added`, `removed` or `changed`.
        what: The values before and after, tags included, for people.
        id: Empty in reports that were kept before ids were.
        told: The same as far as it may leave the runner: no tag, no name; empty in reports that were kept before this was.
    """

    kind: str
    name: str
    type: str
    region: str
    what: str
    id: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningReport:
    """Everything a morning report says.

    Attributes:
        id: Opaque; the same id is the same report.
        made_at: When.
        resources: How many resources the estate holds.
        cost: Spending, or None when no account tells it.
        idle: Idle machines, dearest first.
        not_judged: How many running machines could not be judged.
        public: Public buckets, sensitive ones first.
        changes: What changed, weightiest first.
        more_changes: How many changes beyond those.
        gaps: What was not seen, one sentence each.
    """

    id: str
    made_at: datetime
    resources: int
    cost: Cost | None
    idle: tuple[IdleMachine, ...] = ()
    not_judged: int = 0
    public: tuple[PublicBucket, ...] = ()
    changes: tuple[Happened, ...] = ()
    more_changes: int = 0
    gaps: tuple[str, ...] = field(default=())
