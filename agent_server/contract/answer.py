"""The wire models of `POST /v1/answer`: a question and the figures that the runner computed go in, words come out.

The server adds nothing to the figures: every number of an answer stands in the snapshot or follows from it by arithmetic. Things are
handles (`r1`) or labels that name nobody (`Amazon EC2`); the runner puts names back.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent_server.contract.intent import MOST_TURNS, HistoryTurn, Intent
from agent_server.contract.wire import Handle, RequestId, Sentence, Short, Text, TypeName, Usage, Wire

MOST_ROWS = 500
MOST_CELLS = 400
"""Amounts of one day."""

SAME_DIMENSION = {
    "env": "environment",
    "subscription": "account",
    "project": "account",
    "instance_type": "type",
    "sku": "type",
    "resource": "type",
    "cost_center": "cost-center",
}
"""Other words for what money is told by: runner and agent server must mean the same by them."""

Money = Annotated[float, Field(ge=-1e12, le=1e12)]


class Spend(Wire):
    """Money of one day, by what it was spent on; amounts in the snapshot's currency.

    Keys of `by` are `dimension:label` (`service:Amazon EC2`, `cloud:aws`, `environment:prod`, `account:r3`, `region:eu-west-1`, `team:data`, with
    `team:no team tag` for what has none), or two of them at once (`account:r3|region:eu-west-1`). Each dimension, and each pair, tells the whole
    day by itself. A key without a dimension is a service.
    """

    day: date
    amount: Money
    by: dict[Short, Money] = Field(default_factory=dict, max_length=MOST_CELLS)


class Driver(Wire):
    """Something whose cost changed between two periods.

    Attributes:
        label: What it is, in words that name nobody: a service, a type, an environment, or `r7`.
        dimension: What kind of thing the label is.
        before, after: Money of the earlier and the later period.
    """

    label: Short
    dimension: Literal["service", "cloud", "account", "region", "environment", "team", "type", "resource"]
    before: Money
    after: Money


class Row(Wire):
    """One line of a delivered report or table, as the reader counted it.

    Attributes:
        number: As shown, from 1; 0 when it was not numbered.
        section: Where it stood.
        finding: What was found, as a short code (`idle`, `public`, `created`, `deleted`, `changed`, `cost_up`).
        target: The thing it is about.
        amount: Money a month, where the row has any.
        facts: Further figures and words of the row.
    """

    number: Annotated[int, Field(ge=0, le=10_000)] = 0
    section: Literal["cost", "changes", "exposed", "idle", "backup", "health", "needs_you", "table"]
    finding: Short
    target: Handle | None = None
    type: TypeName | Literal[""] = ""
    cloud: Literal["aws", "azure", "gcp", ""] = ""
    region: Short = ""
    environment: Short = ""
    amount: Money | None = None
    facts: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)


class Snapshot(Wire):
    """What was known when a report was made, or when a question about money was asked.

    Attributes:
        until: The last whole day of the figures.
        today: The day on which it was asked; the last month and the last week are those before it. Without it, those before `until`.
        compared: The names of the two periods that `drivers` compare, as `["2026-03-13", "2026-03-14"]`.
        budget, forecast: For the month of `until`.
        not_seen: What could not be looked at, one clause each.
    """

    until: date | None = None
    today: date | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    spend: Annotated[list[Spend], Field(max_length=400)] = Field(default_factory=list)
    compared: Annotated[list[Short], Field(max_length=2)] = Field(default_factory=list)
    drivers: Annotated[list[Driver], Field(max_length=MOST_ROWS)] = Field(default_factory=list)
    budget: Money | None = None
    forecast: Money | None = None
    rows: Annotated[list[Row], Field(max_length=MOST_ROWS)] = Field(default_factory=list)
    not_seen: Annotated[list[Sentence], Field(max_length=50)] = Field(default_factory=list)


class AnswerRequest(Wire):
    """Ask for an answer.

    Attributes:
        snapshot: The figures; none for questions about how things work.
    """

    request_id: RequestId
    text: Text
    intent: Intent
    history: Annotated[list[HistoryTurn], Field(max_length=MOST_TURNS)] = Field(default_factory=list)
    snapshot: Snapshot | None = None


class Source(Wire):
    """Where something said comes from: a best practice, a playbook, a command, a vendor's page, or the snapshot."""

    title: Short
    reference: Short = ""


class AnswerReply(Wire):
    """An answer.

    Attributes:
        known: Whether the question could be answered from what was given; when not, `paragraphs` say what is missing.
        paragraphs: In plain sentences; handles stand for things.
        rows: Numbers of the rows that the answer rests on.
        suggestions: What could be asked or done next, as one would type it.
        components: Component JSON (`blocks/components`) over handles, which the runner fills and draws.
    """

    known: bool
    paragraphs: Annotated[list[Text], Field(min_length=1, max_length=12)]
    rows: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=100)] = Field(default_factory=list)
    sources: Annotated[list[Source], Field(max_length=10)] = Field(default_factory=list)
    suggestions: Annotated[list[Sentence], Field(max_length=6)] = Field(default_factory=list)
    components: list[dict[str, JsonValue]] = Field(default_factory=list, max_length=10)
    model: Short = ""
    usage: Usage = Field(default_factory=Usage)
