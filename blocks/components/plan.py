"""Plans and their approval."""

from typing import Literal

from pydantic import AwareDatetime, Field

from blocks.components.actions import Action, Confirmation
from blocks.components.inline import Frozen, Line, Person
from blocks.components.rows import Note, TargetRow
from blocks.components.vocabulary import RiskLevel, State, Verdict


class Risk(Frozen):
    """Level and the reasons for it, in words."""

    level: RiskLevel
    reasons: tuple[str, ...] = ()


class DecisionLine(Frozen):
    """One decision as a card shows it: `1 of 2: @approver 14:05`."""

    person: Person
    verdict: Verdict
    at: AwareDatetime
    reason: str = ""
    note: str = ""


class PlanStep(Frozen):
    """One step under Details: the exact API call, the CLI text, the permissions and how they were checked."""

    title: Line
    call: str
    cli: str = ""
    permissions: tuple[str, ...] = ()
    checked: str = ""
    params: tuple[str, ...] = ()


class ExecutionPlanCard(Frozen):
    """Exactly what would be done; built from the same plan that is hashed.

    `rows` are the targets in plan order, as many as the view has at hand; renderers show the first eight and count the
    rest. `more` counts targets beyond `rows`. `approvals_needed` is the quorum that decisions are counted against. `alike` are
    the ids of playbooks that do the same.
    """

    kind: Literal["execution_plan"] = "execution_plan"
    headline: Line
    state: State
    state_text: str = ""
    plan_id: str
    digest: str
    scope: Line = ()
    requester: Person
    rows: tuple[TargetRow, ...] = ()
    more: int = Field(default=0, ge=0)
    risk: Risk
    undo: Line = ()
    money: Line = ()
    requirement: Line = ()
    approvals_needed: int = Field(default=1, ge=1)
    decisions: tuple[DecisionLine, ...] = ()
    expires_at: AwareDatetime | None = None
    notes: tuple[Note, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    policy: Line = ()
    alike: tuple[str, ...] = ()
    confirm: Confirmation = Confirmation()
    actions: tuple[Action, ...] = ()


class ApprovalStatusCard(Frozen):
    """Where one plan's approval stands: who decided, what is missing, who could."""

    kind: Literal["approval_status"] = "approval_status"
    headline: Line
    state: State
    plan_id: str
    digest: str = ""
    approvals_needed: int = Field(default=1, ge=1)
    decisions: tuple[DecisionLine, ...] = ()
    missing: tuple[Line, ...] = ()
    who_can: Line = ()
    policy: Line = ()
    expires_at: AwareDatetime | None = None
    actions: tuple[Action, ...] = ()


class PendingPlan(Frozen):
    """One waiting plan in a list."""

    headline: Line
    plan_id: str
    requester: Person
    risk: RiskLevel
    missing: str = ""
    expires_at: AwareDatetime | None = None
    action: Action | None = None


class PendingApprovalsCard(Frozen):
    """All plans that wait, the ones the reader may decide first."""

    kind: Literal["pending_approvals"] = "pending_approvals"
    headline: Line
    plans: tuple[PendingPlan, ...] = ()
    more: int = Field(default=0, ge=0)
