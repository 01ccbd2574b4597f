"""The wire models of `POST /v1/assess`: how bad something is, and what to do next, over handles."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent_server.contract.answer import Source
from agent_server.contract.plan import RankedPlaybook, TargetFacts
from agent_server.contract.wire import OperationId, RequestId, Sentence, Short, Usage, Wire


class Event(Wire):
    """Something that happened in a cloud.

    Attributes:
        code: What, as `s3.bucket_made_public`, `rds.storage_low`, `ec2.instance_stopped`.
        facts: Figures and words of the event without identities: `used_percent`, `data_class`, `minutes_exposed`.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+){1,3}$", max_length=128)]
    facts: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)


class Outcome(Wire):
    """How one unit of an execution ended."""

    handle: Short
    operation: OperationId
    state: Literal["succeeded", "failed", "uncertain", "cancelled"]
    code: Short = ""


class AssessRequest(Wire):
    """Ask for a judgement of one event, or of one execution's outcome."""

    request_id: RequestId
    event: Event | None = None
    outcome: Annotated[list[Outcome], Field(max_length=2000)] = Field(default_factory=list)
    targets: Annotated[list[TargetFacts], Field(max_length=2000)] = Field(default_factory=list)
    capabilities: list[OperationId] = Field(default_factory=list, max_length=5000)


class NextStep(Wire):
    """Something worth doing next; `ask` is what one would type to Escher for it, empty when it is not Escher's to do."""

    text: Sentence
    ask: Sentence = ""


class AssessReply(Wire):
    """A judgement."""

    severity: Literal["info", "low", "medium", "high", "critical"]
    score: Annotated[int, Field(ge=0, le=100)]
    explanation: Annotated[list[Sentence], Field(min_length=1, max_length=12)]
    reasons: Annotated[list[Sentence], Field(max_length=20)] = Field(default_factory=list)
    next_steps: Annotated[list[NextStep], Field(max_length=8)] = Field(default_factory=list)
    playbooks: Annotated[list[RankedPlaybook], Field(max_length=5)] = Field(default_factory=list)
    sources: Annotated[list[Source], Field(max_length=10)] = Field(default_factory=list)
    model: Short = ""
    usage: Usage = Field(default_factory=Usage)
