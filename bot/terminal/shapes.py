"""The JSON forms that scripts lean on (schema 1). Pure."""

from collections.abc import Mapping
from typing import Any

from bot.turn import Turn
from engine.approval.approval import approvals
from engine.execution.executor import Execution
from engine.execution.unit import Unit
from engine.planning.hindrances import Obstacle
from engine.plans import PlanState
from engine.refusal import Refusal
from engine.replies import (
    Answered,
    Changed,
    Described,
    Listed,
    PlanView,
    PlaybookReply,
    Playbooks,
    PlaybookText,
    PlaybookView,
    Question,
    Said,
    SettingsAsked,
    Unavailable,
)

SCHEMA = 1


def turn(said: Turn, thread: str) -> dict[str, Any]:
    """Return what `ask --json` prints."""
    shape: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": _kind(said),
        "thread": thread,
        "components": [shown.component.model_dump(mode="json") for shown in said.shown],
    }
    if isinstance(said.reply, PlaybookReply):
        return shape | about_playbooks(said.reply)
    match said.reply:
        case PlanView():
            shape |= plan(said.reply)
        case Listed():
            shape["resources"] = [resource(one) for one in said.reply.resources]
            shape["count"] = len(said.reply.resources)
        case Described():
            shape["resources"] = [resource(said.reply.resource)]
        case Refusal():
            shape |= {"code": said.reply.code, "message": said.reply.message, "reasons": list(said.reply.reasons)}
        case Question():
            shape |= {"question": said.reply.text, "choices": [choice.id for choice in said.reply.choices]}
        case Unavailable():
            shape |= {"code": "unavailable", "message": said.reply.reason}
        case Said() | Changed() | Answered() | SettingsAsked() | None:
            pass
    return shape


def plan(view: PlanView) -> dict[str, Any]:
    """Return the top-level fields of a plan."""
    admitted = view.kept.admitted
    needs = admitted.requirement
    fields: dict[str, Any] = {
        "plan_id": admitted.plan.plan_id,
        "digest": admitted.plan.digest,
        "state": view.state,
        "steps": [
            {
                "id": step.id,
                "operation": step.operation,
                "targets": list(step.targets),
                "params": dict(step.params),
                "depends_on": list(step.depends_on),
            }
            for step in admitted.plan.steps
        ],
        "risk": {
            "level": admitted.risk.level.value,
            "score": admitted.risk.score,
            "reasons": list(admitted.risk.reasons),
        },
        "requirement": {
            "roles": list(needs.roles),
            "quorum": needs.quorum,
            "self_allowed": needs.self_allowed,
            "confirm": needs.confirm,
            "expires_at": needs.expires_at.isoformat(),
        },
        "notes": list(view.kept.told.notes),
        "remarks": [one.text for one in view.kept.told.remarks],
    }
    if view.execution is not None:
        fields["execution"] = execution(view.execution, view.audit_seq)
    return fields


def decision(said: Turn, *, plan_id: str, audit_seq: int | None = None) -> dict[str, Any]:
    """Return what `approve --json` and `reject --json` print."""
    shape: dict[str, Any] = {"schema": SCHEMA, "plan_id": plan_id, "digest": "", "missing": [], "execution": None}
    match said.reply:
        case PlanView() as view:
            needs = view.kept.admitted.requirement
            missing = max(needs.quorum - approvals(view.decisions), 0)
            shape |= {
                "digest": view.kept.admitted.plan.digest,
                "decision": _decision(view),
                "missing": [{"approvals": missing, "roles": list(needs.roles)}] if _decision(view) == "waiting" else [],
                "execution": execution(view.execution, audit_seq) if view.execution else None,
            }
            if view.why:
                shape |= {"code": "plan.drift", "message": view.why}
        case Refusal() as refusal:
            shape |= {"decision": "refused", "code": refusal.code, "message": refusal.message}
        case _:
            shape |= {"decision": "refused", "code": "broken", "message": _what_broke(said)}
    return shape


def _what_broke(said: Turn) -> str:
    cards = [shown.component for shown in said.shown if shown.component.kind == "error"]
    words = "".join(piece.text for piece in cards[0].what_happened if piece.kind == "text") if cards else ""
    return words or "Something broke; nothing was decided."


def execution(done: Execution, audit_seq: int | None) -> dict[str, Any]:
    """Return an execution with one entry a step and target."""
    operations = {step.id: step.operation for step in done.plan.steps}
    return {
        "id": done.id,
        "state": done.state.value,
        "steps": [_unit(unit, operations) for unit in done.units.values()],
        "audit_seq": audit_seq,
    }


def resource(one: Any) -> dict[str, Any]:
    """Return one resource as answers list it."""
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "cloud": one.cloud.value,
        "region": one.region,
        "account": one.account,
        "state": one.state,
        "tags": dict(one.tags),
    }


def about_playbooks(reply: PlaybookReply) -> dict[str, Any]:
    """Return the top-level fields of an answer about playbooks."""
    match reply:
        case PlaybookView():
            return {"playbook": playbook(reply, whole=True)}
        case Playbooks():
            return {"playbooks": [playbook(one) for one in reply.views], "notes": list(reply.notes)}
        case PlaybookText():
            found = {"playbook_id": reply.playbook, "version": reply.version, "language": reply.language}
            return {**found, "text": reply.text}


def playbook(view: PlaybookView, *, whole: bool = False) -> dict[str, Any]:
    """Return one playbook as lists name it; `whole` adds its text."""
    book = view.playbook
    shape: dict[str, Any] = {
        "id": book.id,
        "version": book.version,
        "name": book.name,
        "state": view.state.value,
        "source": view.source,
        "strategy": view.strategy.value,
        "risk": book.risk,
        "summary": book.summary,
        "confidence": view.confidence,
        "warning": view.warning,
        "runnable": "run" in view.may,
        "executions": view.executions,
        "successes": view.successes,
        "unknown_operations": [one.operation for one in view.hindrances if one.obstacle is Obstacle.OPERATION],
        "why_not": [one.words for one in view.hindrances],
    }
    return shape | (
        {"playbook": book.model_dump(mode="json"), "author": view.author, "note": view.note} if whole else {}
    )


def _kind(said: Turn) -> str:
    match said.reply:
        case PlanView() as view:
            return "execution" if view.execution is not None else "plan"
        case Question():
            return "clarify"
        case Refusal():
            return "refuse"
        case Unavailable():
            return "error"
        case Said() | Listed() | Described() | Changed() | Answered() | SettingsAsked():
            return "answer"
        case PlaybookView() | Playbooks() | PlaybookText():
            return "answer"
        case None:
            kinds = {shown.component.kind for shown in said.shown}
            return "error" if "error" in kinds else "answer"


def _decision(view: PlanView) -> str:
    match PlanState(view.state):
        case PlanState.WAITING:
            return "waiting"
        case PlanState.APPROVED | PlanState.EXECUTED:
            return "approved"
        case PlanState.REJECTED:
            return "rejected"
        case PlanState.EXPIRED | PlanState.VOID | PlanState.WITHDRAWN:
            return "refused"


def _unit(unit: Unit, operations: Mapping[str, str]) -> dict[str, Any]:
    error = {"code": unit.code, "message": unit.message} if unit.code or unit.message else None
    return {
        "id": unit.key.step,
        "operation": operations[unit.key.step],
        "target": unit.key.target,
        "state": unit.state.value,
        "error": error,
        "attempts": unit.attempts,
    }
