"""Any component as a short list of neutral parts, so that every surface says the same facts in the same order.

One file per flow, named as in `components/`; `parts` are the parts, `shared` the lines that several layouts use.
"""

from collections.abc import Callable
from typing import Any, Final

from blocks.components import Component
from blocks.layout import alert, chat, estate, execution, plan, playbook, report, settings
from blocks.layout.parts import Layout

LAYOUTS: Final[dict[str, Callable[[Any], Layout]]] = {
    "chat_message": chat.chat_message,
    "clarification": chat.clarification,
    "confirmation": chat.confirmation,
    "error": chat.error,
    "refusal": chat.refusal,
    "notice": chat.notice,
    "help": chat.help_card,
    "resource_table": estate.resource_table,
    "resource": estate.resource,
    "resource_diff": estate.resource_diff,
    "estate_summary": estate.estate_summary,
    "scan_coverage": estate.scan_coverage,
    "execution_plan": plan.execution_plan,
    "approval_status": plan.approval_status,
    "pending_approvals": plan.pending_approvals,
    "progress": execution.progress,
    "execution_result": execution.execution_result,
    "rollback": execution.rollback,
    "log_output": execution.log_output,
    "audit_trail": execution.audit_trail,
    "morning_report": report.morning_report,
    "cost_summary": report.cost_summary,
    "cost_chart": report.cost_chart,
    "cost_breakdown": report.cost_breakdown,
    "budget": report.budget,
    "anomaly": report.anomaly,
    "optimization": report.optimization,
    "compliance": report.compliance,
    "timeline": report.timeline,
    "security_alert": alert.alert,
    "operational_alert": alert.alert,
    "playbook": playbook.playbook,
    "playbook_list": playbook.playbook_list,
    "playbook_review": playbook.playbook_review,
    "settings": settings.settings,
    "credential_status": settings.credential_status,
    "schedule": settings.schedule,
    "permission": settings.permission,
}


def lay_out(component: Component) -> Layout:
    """The parts of a component in reading order."""
    return LAYOUTS[component.kind](component)
