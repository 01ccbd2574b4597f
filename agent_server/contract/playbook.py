"""Playbooks on the wire: what a playbook is, how one is looked for, and how a tenant publishes one.

`PlaybookStatus` names the states; `contract.lifecycle` holds the one table of what may follow each and how a search treats it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent_server.contract.intent import Action, Intent
from agent_server.contract.wire import OperationId, RequestId, Sentence, Short, Text, TypeName, Usage, Wire

MOST_SCRIPT = 65_536

PlaybookId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,79}$")]
Version = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Script = Annotated[str, Field(max_length=MOST_SCRIPT)]
CloudName = Literal["aws", "azure", "gcp"]
Level = Literal["low", "medium", "high", "critical"]


class PlaybookStatus(StrEnum):
    """Where a playbook is in its life."""

    DRAFT = "draft"
    READY = "ready"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    ARCHIVED = "archived"
    PENDING_REVIEW = "pending_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    BROKEN = "broken"
    NEEDS_UPDATE = "needs_update"


class StorageStrategy(StrEnum):
    """Where a playbook lives: with its runner alone, or also in the tenant's registry, or in the shared library."""

    LOCAL_ONLY = "local_only"
    UPLOADED_FOR_REVIEW = "uploaded_for_review"
    UPLOADED_TRUSTED = "uploaded_trusted"
    USING_DEFAULT = "using_default"


class Category(StrEnum):
    """What a playbook is for."""

    OPERATIONS = "operations"
    COST = "cost"
    SECURITY = "security"
    BACKUP = "backup"
    INCIDENT = "incident"
    MIGRATION = "migration"


class Language(StrEnum):
    """What a script is written in; `cli` is a plain list of the vendor's commands, without logic."""

    BASH = "bash"
    PYTHON = "python"
    CLI = "cli"


class Control(Wire):
    """A rule of a published framework that a playbook helps to meet. Ids move between versions, so the version is part of it."""

    framework: Short
    version: Short = ""
    id: Short


class Parameter(Wire):
    """A value that is asked for before a playbook can be followed.

    Attributes:
        kind: `resource` is the literal name or id of something that is not itself a target.
        choices: The closed set of values of a `choice`.
        pattern: What a `string` must match, whole.
        minimum, maximum: Bounds of an `integer`, both included.
    """

    name: Name
    kind: Literal["string", "integer", "boolean", "choice", "resource"]
    description: Sentence
    required: bool = True
    default: JsonValue = None
    choices: Annotated[list[Short], Field(max_length=50)] = Field(default_factory=list)
    pattern: Short = ""
    minimum: int | None = None
    maximum: int | None = None


class PlaybookStep(Wire):
    """One typed call of a cloud's API.

    Attributes:
        operation: Id as in the catalogue: `aws.ec2.stop_instances`, `azure.compute.virtual_machines_deallocate`,
            `gcp.compute.instances_stop`; or a composite such as `escher.s3.make_private`.
        description: What it does here and why.
        target: The API parameter that receives the target (`InstanceIds`, `vm_name`, `instance`); empty when the step has no
            target, and for composites.
        target_type: Which kind of resource it acts on; empty when that is the playbook's only kind.
        params: The other API parameters. A text `{{name}}` is the value of a parameter of the playbook.
        depends_on: Indexes of earlier steps, from 0.
        effect: Whether it only looks, changes or destroys.
    """

    operation: OperationId
    description: Sentence
    target: Short = ""
    target_type: TypeName | Literal[""] = ""
    params: dict[Short, JsonValue] = Field(default_factory=dict, max_length=32)
    depends_on: Annotated[list[Annotated[int, Field(ge=0, le=99)]], Field(max_length=100)] = Field(default_factory=list)
    effect: Literal["read", "write", "destroy"] = "write"


class Playbook(Wire):
    """A versioned procedure.

    Attributes:
        clouds: Where it applies.
        summary: What it achieves, in one or two sentences.
        explain: The plan in words, one sentence a step, for the person who decides.
        steps: Typed calls, in order; empty when the procedure is a script.
        scripts: The same procedure as text, by language; a script takes the parameters as environment variables in capitals.
        rollback: How it is taken back, or why it cannot be.
        controls: Rules of CIS benchmarks, Well-Architected frameworks and the like that it helps to meet.
    """

    id: PlaybookId
    version: Version
    name: Annotated[str, Field(min_length=3, max_length=120)]
    clouds: Annotated[list[CloudName], Field(min_length=1, max_length=3)]
    category: Category
    action: Action
    resource_types: Annotated[list[TypeName], Field(min_length=1, max_length=10)]
    summary: Sentence
    keywords: Annotated[list[Short], Field(max_length=40)] = Field(default_factory=list)
    explain: Annotated[list[Sentence], Field(min_length=1, max_length=40)]
    parameters: Annotated[list[Parameter], Field(max_length=20)] = Field(default_factory=list)
    steps: Annotated[list[PlaybookStep], Field(max_length=50)] = Field(default_factory=list)
    scripts: dict[Language, Script] = Field(default_factory=dict)
    risk: Level
    rollback: Sentence
    controls: Annotated[list[Control], Field(max_length=20)] = Field(default_factory=list)


class PlaybookMetadata(Wire):
    """What the registry knows of one version of a published playbook; scripts are only referred to.

    Attributes:
        scripts: Where each script lies (`s3://bucket/key`).
        digests: SHA-256 of each script's UTF-8 bytes.
        execution_count, success_rate: As the runners told, without who or on what.
        note: What changed, or why it was rejected.
    """

    id: PlaybookId
    version: Version
    name: Short
    summary: Sentence
    clouds: Annotated[list[CloudName], Field(min_length=1, max_length=3)]
    category: Category
    action: Action
    resource_types: Annotated[list[TypeName], Field(max_length=10)]
    keywords: Annotated[list[Short], Field(max_length=40)] = Field(default_factory=list)
    risk: Level
    status: PlaybookStatus
    storage_strategy: StorageStrategy
    scripts: dict[Language, Short] = Field(default_factory=dict)
    digests: dict[Language, Digest] = Field(default_factory=dict)
    execution_count: Annotated[int, Field(ge=0)] = 0
    success_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    note: Sentence = ""
    updated_at: datetime


class PublishedPlaybook(Wire):
    """One version of a tenant's playbook, whole: what the registry knows of it, and what was published."""

    metadata: PlaybookMetadata
    playbook: Playbook


class ScriptLink(Wire):
    """Where a script can be fetched for a while, and what it must hash to."""

    language: Language
    url: Annotated[str, Field(max_length=4096)]
    sha256: Digest
    expires_at: datetime


class Need(Wire):
    """What was understood of a request for a playbook (step 1): what it must do, where, to what."""

    action: Action
    clouds: Annotated[list[CloudName], Field(max_length=3)] = Field(default_factory=list)
    resource_types: Annotated[list[TypeName], Field(max_length=20)] = Field(default_factory=list)
    filters: dict[Short, JsonValue] = Field(default_factory=dict, max_length=64)
    use_case: Sentence = ""
    keywords: Annotated[list[Short], Field(max_length=40)] = Field(default_factory=list)


class PlaybookSearchRequest(Wire):
    """Ask which playbooks fit.

    Attributes:
        capabilities: Operations the runner offers; a playbook all of whose steps are among them can be run as it is.
    """

    request_id: RequestId
    text: Text
    intent: Intent
    capabilities: list[OperationId] = Field(default_factory=list, max_length=5000)
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class FoundPlaybook(Wire):
    """A playbook that fits (steps 3 and 4).

    Attributes:
        source: The shared library, or what the tenant published.
        status: Its state; those of the library are `active`.
        confidence: From 0 to 1, how sure the server is that it fits.
        reason: Why it was chosen, in one sentence.
        warning: What its state warns of, or empty.
        runnable: Whether the runner offers every operation of its steps.
        links: Scripts that are too large for the answer, or a tenant's.
    """

    playbook: Playbook
    source: Literal["library", "tenant"]
    status: PlaybookStatus = PlaybookStatus.ACTIVE
    confidence: Annotated[float, Field(ge=0, le=1)]
    reason: Sentence
    warning: Sentence = ""
    runnable: bool = False
    links: Annotated[list[ScriptLink], Field(max_length=3)] = Field(default_factory=list)


class PlaybookSearchReply(Wire):
    """Playbooks that fit, best first; none when nothing is good enough, or when the request only lists (`playbook_list`).

    Attributes:
        library: How many the shared library has for the clouds that were named.
        tainted: Whether a vendor's model read what a tenant wrote before it ranked.
    """

    need: Need
    playbooks: Annotated[list[FoundPlaybook], Field(max_length=20)] = Field(default_factory=list)
    summary: Sentence = ""
    library: Annotated[int, Field(ge=0)] = 0
    model: Short = ""
    tainted: bool = False
    usage: Usage = Field(default_factory=Usage)


class DraftRequest(Wire):
    """Ask for a playbook made from what was done: the words, and the steps of an executed plan over handles.

    Attributes:
        name: What the person wants to call it; empty lets the server find a name.
    """

    request_id: RequestId
    text: Text = ""
    name: Annotated[str, Field(max_length=120)] = ""
    intent: Intent
    steps: Annotated[list[PlaybookStep], Field(min_length=1, max_length=50)]


class DraftReply(Wire):
    """A playbook in state `draft`, with what a person should look at before using it."""

    playbook: Playbook
    notes: Annotated[list[Sentence], Field(max_length=20)] = Field(default_factory=list)
    model: Short = ""
    usage: Usage = Field(default_factory=Usage)


class PublishRequest(Wire):
    """Upload one version of a playbook to the tenant's registry.

    Attributes:
        strategy: `uploaded_for_review` waits for a reviewer; `uploaded_trusted` is active at once.
        note: What changed.
    """

    playbook: Playbook
    strategy: Literal[StorageStrategy.UPLOADED_FOR_REVIEW, StorageStrategy.UPLOADED_TRUSTED]
    note: Sentence = ""


class ReviewRequest(Wire):
    """A reviewer's decision; who it was is the runner's to know and to record."""

    decision: Literal["approve", "reject"]
    note: Sentence = ""


class StatusRequest(Wire):
    """Move a playbook to another state of its life."""

    status: PlaybookStatus
    note: Sentence = ""


class UsageReport(Wire):
    """How often a version was run and how often that succeeded since the last report: no identity, no target."""

    executions: Annotated[int, Field(ge=1, le=100_000)]
    successes: Annotated[int, Field(ge=0, le=100_000)]


class PlaybookListing(Wire):
    """A tenant's published playbooks, every version, newest first."""

    playbooks: Annotated[list[PlaybookMetadata], Field(max_length=1000)] = Field(default_factory=list)
