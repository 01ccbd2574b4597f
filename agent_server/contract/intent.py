"""The wire models of `POST /v1/intent`: words in, what was asked out.

The vocabulary is closed: every intent, action and cloud is an enum member, every resource type a row of
`resource_types.tsv`. Filters stay an open mapping of known keys (see `tests/evals/SCHEMA.md`), because they only repeat
what the text says; the runner ignores nothing it does not know, it asks.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from agent_server.contract.wire import RequestId, Short, Text, TypeName, Usage, Wire

MOST_TURNS = 10


class IntentKind(StrEnum):
    """What sort of request it is, in the order in which the sorts are tried."""

    UNSUPPORTED = "unsupported"
    REPORT_QA = "report_qa"
    SETTINGS = "settings"
    ALERT = "alert"
    PLAYBOOK = "playbook"
    HELP = "help"
    COST = "cost"
    EXECUTE = "execute"
    QUERY = "query"


class Scope(StrEnum):
    """The cloud a request is about; `any` when none or several follow from the words."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"
    ANY = "any"


class Action(StrEnum):
    """What is to be done, for every intent."""

    NONE = "none"
    HELP = "help"
    ANSWER = "answer"
    LIST = "list"
    COUNT = "count"
    DESCRIBE = "describe"
    CHECK = "check"
    METRICS = "metrics"
    LOGS = "logs"
    AUDIT = "audit"
    COST_REPORT = "cost_report"
    COST_EXPLAIN = "cost_explain"
    COST_COMPARE = "cost_compare"
    COST_FORECAST = "cost_forecast"
    COST_OPTIMIZE = "cost_optimize"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    DELETE = "delete"
    CREATE = "create"
    RESIZE = "resize"
    SCALE = "scale"
    TAG = "tag"
    UNTAG = "untag"
    SNAPSHOT = "snapshot"
    RESTORE = "restore"
    DETACH = "detach"
    ENABLE = "enable"
    DISABLE = "disable"
    ENCRYPT = "encrypt"
    ROTATE = "rotate"
    MODIFY = "modify"
    MAKE_PRIVATE = "make_private"
    MAKE_PUBLIC = "make_public"
    ALLOW_ACCESS = "allow_access"
    REVOKE_ACCESS = "revoke_access"
    GRANT = "grant"
    DEPLOY = "deploy"
    FAILOVER = "failover"
    ROLLBACK = "rollback"
    DRAIN = "drain"
    PATCH = "patch"
    MOVE = "move"
    COPY = "copy"
    ALERT_CREATE = "alert_create"
    ALERT_LIST = "alert_list"
    ALERT_MUTE = "alert_mute"
    ALERT_UNMUTE = "alert_unmute"
    ALERT_ACK = "alert_ack"
    ALERT_EXPLAIN = "alert_explain"
    ALERT_UPDATE = "alert_update"
    ALERT_DELETE = "alert_delete"
    PLAYBOOK_RUN = "playbook_run"
    PLAYBOOK_FIND = "playbook_find"
    PLAYBOOK_LIST = "playbook_list"
    PLAYBOOK_DESCRIBE = "playbook_describe"
    PLAYBOOK_CREATE = "playbook_create"
    PLAYBOOK_UPDATE = "playbook_update"
    PLAYBOOK_DELETE = "playbook_delete"
    PLAYBOOK_SCHEDULE = "playbook_schedule"
    PLAYBOOK_PAUSE = "playbook_pause"
    PLAYBOOK_RESUME = "playbook_resume"
    PLAYBOOK_STATUS = "playbook_status"
    SETTINGS_CONNECT = "settings_connect"
    SETTINGS_DISCONNECT = "settings_disconnect"
    SETTINGS_UPDATE = "settings_update"
    SETTINGS_SHOW = "settings_show"


Types = Annotated[list[TypeName], Field(max_length=20)]
Filters = Annotated[dict[Short, JsonValue], Field(max_length=64)]


class ResultRef(Wire):
    """What a turn showed: the runner's name for the set, the kinds in it and how many there were."""

    set_id: Annotated[str, Field(min_length=1, max_length=64)]
    types: Types = Field(default_factory=list)
    count: Annotated[int, Field(ge=0)] = 0


class HistoryTurn(Wire):
    """One earlier turn of the thread, redacted like the text."""

    role: Literal["user", "assistant"]
    text: Text
    result: ResultRef | None = None


class IntentRequest(Wire):
    """Ask what a message means.

    Attributes:
        request_id: The runner's name for this request; comes back in errors.
        text: The words, redacted or raw.
        history: The thread so far, oldest first.
        defaults: What the runner assumes when nothing is said, such as `{"region": "eu-west-1"}`; never turned into filters.
    """

    request_id: RequestId
    text: Text
    history: Annotated[list[HistoryTurn], Field(max_length=MOST_TURNS)] = Field(default_factory=list)
    defaults: Annotated[dict[Short, Short], Field(max_length=16)] = Field(default_factory=dict)


class Reference(Wire):
    """Things shown earlier that are meant: of which set, and which of it, counted from 1."""

    set_id: Annotated[str, Field(min_length=1, max_length=64)]
    items: Literal["all"] | Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(max_length=100)] = "all"


class Part(Wire):
    """One action with targets of its own, when a message holds several; `after` are indexes of parts that must come first."""

    action: Action
    cloud: Scope = Scope.ANY
    resource_types: Types = Field(default_factory=list)
    filters: Filters = Field(default_factory=dict)
    after: Annotated[list[Annotated[int, Field(ge=0, le=20)]], Field(max_length=20)] = Field(default_factory=list)


class Intent(Wire):
    """What was asked. `tests/evals/SCHEMA.md` says how each field is decided.

    Attributes:
        steps: All actions in order when there are several on the same targets or not.
        parts: Filled when several actions have different targets; the flat fields are the first that changes something.
        reference: Earlier results that are meant by "those" or "the second one".
        confidence: From 0 to 1, how sure the model is.
        question: One precise question when `needs_clarification`, else empty.
        answer: What to say at once to `help` and `unsupported`, else empty.
        sources: Where an answer comes from, when it is taken from what the server knows.
        model: Which model understood.
        usage: What that cost.
    """

    intent: IntentKind
    cloud: Scope = Scope.ANY
    clouds: Annotated[list[Scope], Field(max_length=3)] = Field(default_factory=list)
    action: Action
    resource_types: Types = Field(default_factory=list)
    filters: Filters = Field(default_factory=dict)
    needs_clarification: bool = False
    dangerous: bool = False
    category: Short | None = None
    steps: Annotated[list[Action], Field(max_length=20)] = Field(default_factory=list)
    parts: Annotated[list[Part], Field(max_length=20)] = Field(default_factory=list)
    reference: Reference | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    question: Text = ""
    answer: Text = ""
    sources: Annotated[list[Short], Field(max_length=10)] = Field(default_factory=list)
    model: Short = ""
    usage: Usage = Field(default_factory=Usage)
