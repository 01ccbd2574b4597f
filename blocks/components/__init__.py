"""Component models: what a card says, on whatever surface.

A component is a frozen pydantic model with a `kind`. Views build components from engine objects; renderers in
`blocks/` turn each into Block Kit, an Adaptive Card or plain text. Grouped by flow: `chat`, `estate`, `plan`,
`execution`, `report`, `alert`, `playbook`, `settings`; shared by all: `inline` (text as data), `actions` (what can be
pressed), `rows`, `vocabulary`. Nothing here knows a platform.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from blocks.components.actions import (
    Action,
    ActionId,
    ActionStyle,
    Ask,
    AskKind,
    Confirmation,
    ask_again,
    decode_value,
    encode_value,
    plan_actions,
)
from blocks.components.alert import OperationalAlertCard, SecurityAlertCard
from blocks.components.chat import (
    ChatMessage,
    ClarificationCard,
    ConfirmationCard,
    ErrorCard,
    HelpCard,
    HelpGroup,
    NoticeCard,
    Option,
    RefusalCard,
)
from blocks.components.estate import (
    Change,
    CoverageRow,
    EstateSummaryCard,
    ResourceCard,
    ResourceDiffCard,
    ResourceTable,
    ScanCoverageCard,
)
from blocks.components.execution import (
    AuditEntry,
    AuditTrailCard,
    ExecutionResultCard,
    LogOutputCard,
    ProgressCard,
    RollbackCard,
)
from blocks.components.inline import Code, Frozen, Line, Person, Piece, Plain, When, joined, line, strong
from blocks.components.plan import (
    ApprovalStatusCard,
    DecisionLine,
    ExecutionPlanCard,
    PendingApprovalsCard,
    PendingPlan,
    PlanStep,
    Risk,
)
from blocks.components.playbook import PlaybookCard, PlaybookEntry, PlaybookList, PlaybookReviewCard, ReviewCheck
from blocks.components.report import (
    AnomalyCard,
    BudgetCard,
    BudgetRow,
    ComplianceCard,
    CostBreakdownTable,
    CostChart,
    CostLine,
    CostSummaryCard,
    Moment,
    MorningReportCard,
    OptimizationCard,
    ReportSection,
    Series,
    TimelineView,
)
from blocks.components.rows import Column, Fact, Note, ReportItem, TableRow, TargetProgress, TargetRow
from blocks.components.settings import (
    CredentialRow,
    CredentialStatusCard,
    PermissionCard,
    ScheduleCard,
    SettingsCard,
    StatusGroup,
    StatusLine,
)
from blocks.components.vocabulary import (
    AlertState,
    Align,
    RiskLevel,
    Severity,
    State,
    TargetState,
    TimeStyle,
    Tone,
    Verdict,
)

Component = Annotated[
    ChatMessage
    | ClarificationCard
    | ConfirmationCard
    | ErrorCard
    | RefusalCard
    | NoticeCard
    | HelpCard
    | ResourceTable
    | ResourceCard
    | ResourceDiffCard
    | EstateSummaryCard
    | ScanCoverageCard
    | ExecutionPlanCard
    | ApprovalStatusCard
    | PendingApprovalsCard
    | ProgressCard
    | ExecutionResultCard
    | RollbackCard
    | LogOutputCard
    | AuditTrailCard
    | MorningReportCard
    | CostSummaryCard
    | CostChart
    | CostBreakdownTable
    | BudgetCard
    | AnomalyCard
    | OptimizationCard
    | ComplianceCard
    | TimelineView
    | SecurityAlertCard
    | OperationalAlertCard
    | PlaybookCard
    | PlaybookList
    | PlaybookReviewCard
    | SettingsCard
    | CredentialStatusCard
    | ScheduleCard
    | PermissionCard,
    Field(discriminator="kind"),
]

_COMPONENT: TypeAdapter[Component] = TypeAdapter(Component)


def parse(obj: Mapping[str, Any]) -> Component:
    """Read a component from its JSON form.

    Raises:
        pydantic.ValidationError: unknown kind, unknown key, missing or malformed field.
    """
    return _COMPONENT.validate_python(obj)


def parse_foreign(obj: Mapping[str, Any]) -> Component:
    """Read a component that somebody else wrote (the agent server): people become plain names, buttons vanish.

    Raises:
        pydantic.ValidationError: as `parse`.
    """
    return parse(_without_powers(obj))


def _without_powers(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("kind") == "person":
            return {"kind": "text", "text": str(value.get("name", ""))}
        kept = {key: _without_powers(item) for key, item in value.items() if key not in {"actions", "action"}}
        return kept | ({"image_url": "", "slack_file": ""} if value.get("kind") == "cost_chart" else {})
    if isinstance(value, (list, tuple)):
        return [_without_powers(item) for item in value]
    return value


__all__ = [
    "Action",
    "ActionId",
    "ActionStyle",
    "AlertState",
    "Align",
    "AnomalyCard",
    "ApprovalStatusCard",
    "Ask",
    "AskKind",
    "AuditEntry",
    "AuditTrailCard",
    "BudgetCard",
    "BudgetRow",
    "Change",
    "ChatMessage",
    "ClarificationCard",
    "Code",
    "Column",
    "ComplianceCard",
    "Component",
    "Confirmation",
    "ConfirmationCard",
    "CostBreakdownTable",
    "CostChart",
    "CostLine",
    "CostSummaryCard",
    "CoverageRow",
    "CredentialRow",
    "CredentialStatusCard",
    "DecisionLine",
    "ErrorCard",
    "EstateSummaryCard",
    "ExecutionPlanCard",
    "ExecutionResultCard",
    "Fact",
    "Frozen",
    "HelpCard",
    "HelpGroup",
    "Line",
    "LogOutputCard",
    "Moment",
    "MorningReportCard",
    "Note",
    "NoticeCard",
    "OperationalAlertCard",
    "OptimizationCard",
    "Option",
    "PendingApprovalsCard",
    "PendingPlan",
    "PermissionCard",
    "Person",
    "Piece",
    "Plain",
    "PlanStep",
    "PlaybookCard",
    "PlaybookEntry",
    "PlaybookList",
    "PlaybookReviewCard",
    "ProgressCard",
    "RefusalCard",
    "ReportItem",
    "ReportSection",
    "ResourceCard",
    "ResourceDiffCard",
    "ResourceTable",
    "ReviewCheck",
    "Risk",
    "RiskLevel",
    "RollbackCard",
    "ScanCoverageCard",
    "ScheduleCard",
    "SecurityAlertCard",
    "Series",
    "SettingsCard",
    "Severity",
    "State",
    "StatusGroup",
    "StatusLine",
    "TableRow",
    "TargetProgress",
    "TargetRow",
    "TargetState",
    "TimeStyle",
    "TimelineView",
    "Tone",
    "Verdict",
    "When",
    "ask_again",
    "decode_value",
    "encode_value",
    "joined",
    "line",
    "parse",
    "parse_foreign",
    "plan_actions",
    "strong",
]
