"""The wire models of `POST /v1/plan`: targets as handles go in, a proposal over handles comes out.

A proposal is untrusted: the runner's admission decides what of it becomes a plan.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent_server.contract.intent import Intent
from agent_server.contract.playbook import Playbook
from agent_server.contract.wire import Handle, OperationId, RequestId, Sentence, Short, Text, Usage, Wire

MOST_TARGETS = 2000


class TargetFacts(Wire):
    """One target under its per-request handle, with the facts a planner may see.

    Attributes:
        facts: What is known of it by a closed list of names; one that is not there is not known, and says nothing. From the estate:
            `size`, `size_gb`, `engine`, `engine_version`, `multi_az`, `attached`, `deletion_protection`, `versioning`, `public`,
            `encrypted`, `owned` (a group or stack runs it), `in_cluster`, `has_replicas`. From list prices: `monthly_usd` as it is,
            `monthly_usd_after` once it has the size that is asked for. Asked of the cloud just before: `sizes_offered`, those of the
            sizes asked for that can be had where it is (of machines; not of databases). The rules also know `behind_load_balancer` and
            `quota_left`. This runner has no source for them yet and never sends them: no scanner reads load balancers, and no quota
            is told together with how much of it a change would use.
        permissions: Operation to whether the runner's credentials may do it; asked just before, of the first targets of a plan.
    """

    handle: Handle
    part: int = Field(default=0, ge=0, le=20)
    type: Short
    cloud: Literal["aws", "azure", "gcp"]
    region: Short = ""
    state: Short = ""
    tags: dict[Short, Short] = Field(default_factory=dict, max_length=16)
    facts: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)
    permissions: dict[Short, Literal["allowed", "denied", "unknown"]] = Field(default_factory=dict, max_length=64)


class Limits(Wire):
    """What the runner will accept at most; the planner stays inside to be useful, the runner checks anyway."""

    max_targets: int = Field(default=500, ge=1, le=MOST_TARGETS)
    max_steps: int = Field(default=50, ge=1, le=500)
    canary_above: int = Field(default=20, ge=1)


class PlaybookUse(Wire):
    """A playbook that is to be followed, whole, so that the server need not know it, and the values of its parameters."""

    playbook: Playbook
    parameters: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)


class Moment(Wire):
    """When a plan would run, in the time of the people it is for: the hour, and the day from Monday, which is 0."""

    hour: int = Field(ge=0, le=23)
    weekday: int = Field(ge=0, le=6)


class PlanRequest(Wire):
    """Ask for a plan: the words, the intent, the targets by handle, and what the runner can do at all.

    Attributes:
        follow: The playbook that the plan is to follow; without one the plan is composed from the capabilities.
        moment: When it would run; only the judgement of risk looks at it. Left out where the runner's settings name no time zone.
    """

    request_id: RequestId
    text: Text = ""
    intent: Intent
    targets: list[TargetFacts] = Field(max_length=MOST_TARGETS)
    capabilities: list[OperationId] = Field(max_length=5000)
    limits: Limits = Field(default_factory=Limits)
    follow: PlaybookUse | None = None
    moment: Moment | None = None


class ProposedStep(Wire):
    """One operation on one or more handles. `depends_on` are indexes of earlier steps, from 0."""

    operation: OperationId
    targets: list[Handle] = Field(min_length=1, max_length=MOST_TARGETS)
    params: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)
    depends_on: list[Annotated[int, Field(ge=0, le=500)]] = Field(default_factory=list, max_length=500)
    reason: Sentence = ""


class Strategy(Wire):
    """How steps and targets are run: at most `parallel` at once; the first `canary` targets of a step go alone."""

    parallel: int = Field(default=5, ge=1, le=50)
    canary: int = Field(default=0, ge=0, le=50)
    on_failure: Literal["stop", "continue"] = "stop"


class ProposedPlan(Wire):
    """An ordered proposal over handles."""

    strategy: Strategy = Field(default_factory=Strategy)
    steps: list[ProposedStep] = Field(min_length=1, max_length=500)
    rollback: Sentence = ""


class RankedPlaybook(Wire):
    """A playbook that fits, with how sure the server is and why."""

    id: Short
    version: Short
    confidence: float = Field(ge=0, le=1)
    reason: Sentence
    warning: Sentence = ""


class Finding(Wire):
    """One thing the validation found, and what was done about it.

    Attributes:
        repair: `left_out`: targets went out of the plan; `ordered`: steps wait for others now; `values`: a step got the parameters
            that were asked for; empty: it stands as it is.
        targets: The targets it is about, where it is not about all of them.
    """

    code: Short
    message: Sentence
    severity: Literal["info", "warning", "error"] = "info"
    repair: Literal["", "left_out", "ordered", "values"] = ""
    targets: list[Handle] = Field(default_factory=list, max_length=MOST_TARGETS)


class Risk(Wire):
    """How risky a plan is, 0 to 100, and why."""

    level: Literal["low", "medium", "high", "critical"]
    score: int = Field(ge=0, le=100)
    reasons: list[Sentence] = Field(default_factory=list, max_length=20)


class PlanReply(Wire):
    """The server's answer: a proposal, a question, or a reasoned no."""

    kind: Literal["plan", "clarify", "refuse"]
    summary: Sentence
    plan: ProposedPlan | None = None
    playbooks: list[RankedPlaybook] = Field(default_factory=list, max_length=10)
    validation: list[Finding] = Field(default_factory=list, max_length=50)
    risk: Risk | None = None
    components: list[dict[str, JsonValue]] = Field(default_factory=list, max_length=10)
    model: Short = ""
    tainted: bool = False
    usage: Usage = Field(default_factory=Usage)
