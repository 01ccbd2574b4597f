"""Cards about a plan's inside, its record, and the asker."""

from collections.abc import Sequence

from blocks.components import (
    AuditEntry,
    AuditTrailCard,
    Code,
    Fact,
    Line,
    NoticeCard,
    line,
)
from blocks.limits import SHOWN_ROWS
from bot.views.nouns import acted, counted
from bot.views.plan import headline
from engine.approval.approval import approvals
from engine.approval.policy import Policy
from engine.audit.events import RecordedEvent
from engine.clouds.catalog import Catalog
from engine.estate.resource import Resource
from engine.principal import Principal
from engine.replies import PlanView

_MOST_STEPS = 12
_MOST_ENTRIES = 20


def details_card(view: PlanView, catalog: Catalog) -> NoticeCard:
    """Return the inside of a plan: the targets its card has no room for, each step's call, command line, permissions, the policy rule and the digest."""
    admitted = view.kept.admitted
    facts: list[Fact] = []
    for step in admitted.plan.steps[:_MOST_STEPS]:
        operation = catalog.operations[step.operation]
        targets = tuple(admitted.before[target] for target in step.targets)
        facts.append(
            Fact(label=f"{step.id} {acted(operation.words[0], counted(targets))}", value=line(Code(text=operation.id)))
        )
        others = f"   # and {len(targets) - 1} more" if len(targets) > 1 else ""
        facts.append(Fact(label="as a command", value=line(Code(text=operation.cli(targets[0], step.params) + others))))
        facts.append(Fact(label="needs", value=line(", ".join(operation.permissions))))
    facts += [
        Fact(label="Policy rules", value=line(", ".join(admitted.requirement.rules))),
        Fact(
            label="Risk",
            value=line(
                f"{admitted.risk.level.value}, {admitted.risk.score} of 100: {'; '.join(admitted.risk.reasons)}"
            ),
        ),
        Fact(label="Digest", value=line(Code(text=admitted.plan.digest))),
    ]
    more = len(admitted.plan.steps) - _MOST_STEPS
    if rest := tuple(admitted.before.values())[SHOWN_ROWS:]:
        facts.insert(0, Fact(label="The other targets", value=_named(rest)))
    return NoticeCard(
        headline=line(f"Inside plan {admitted.plan.plan_id}: {headline(view.kept)}"),
        facts=tuple(facts),
        lines=(line(f"and {more} more steps"),) if more > 0 else (),
    )


def _named(targets: Sequence[Resource]) -> Line:
    """Return each target by its name, and by its id where that is something else."""
    names = [one.name if one.short_id == one.name else f"{one.name} ({one.short_id})" for one in targets]
    return line(", ".join(names))


def log_card(view: PlanView, events: Sequence[RecordedEvent]) -> AuditTrailCard:
    """Return what the record says of a plan."""
    shown = tuple(events)[-_MOST_ENTRIES:]
    return AuditTrailCard(
        headline=line(f"Record of plan {view.kept.admitted.plan.plan_id}: {headline(view.kept)}"),
        entries=tuple(
            AuditEntry(seq=one.seq, at=one.event.at, tag=one.event.tag.value, text=line(_said(one)))
            for one in shown
            if one.event.at is not None
        ),
        more=len(events) - len(shown),
    )


def why_card(view: PlanView, policy: Policy, *, now_differs: Sequence[str] | None = None) -> NoticeCard:
    """Return why a plan needs what it needs, who could decide, and how its targets are now if that was looked at."""
    needs = view.kept.admitted.requirement
    members = policy.members_of(needs.roles)
    facts = [
        Fact(label="Rules", value=line(", ".join(needs.rules))),
        Fact(label="Approvals", value=line(f"{approvals(view.decisions)} of {needs.quorum}")),
        Fact(label="Requester may approve", value=line("yes" if needs.self_allowed else "no")),
        Fact(label="Who could", value=line(", ".join(members) or "nobody; add members to the role")),
        Fact(
            label="Risk",
            value=line(f"{view.kept.admitted.risk.level.value}: {'; '.join(view.kept.admitted.risk.reasons)}"),
        ),
    ]
    looked = (
        ()
        if now_differs is None
        else tuple(line(text) for text in now_differs) or (line("The targets are as planned."),)
    )
    return NoticeCard(
        headline=line(f"Plan {view.kept.admitted.plan.plan_id} is {view.state}: {headline(view.kept)}"),
        facts=tuple(facts),
        lines=looked,
    )


def whoami_card(principal: Principal, roles: frozenset[str]) -> NoticeCard:
    """Return who somebody is to Escher."""
    return NoticeCard(
        headline=line("You are ", Code(text=principal.id)),
        facts=(
            Fact(label="Name", value=line(principal.display or "not told")),
            Fact(label="Roles", value=line(", ".join(sorted(roles)) or "none")),
            Fact(label="Standing", value=line(principal.standing.value)),
        ),
    )


def _said(one: RecordedEvent) -> str:
    detail = one.event.detail
    parts = [str(detail[key]) for key in ("verdict", "event", "state", "code", "message", "reason") if detail.get(key)]
    target = str(detail.get("target", "")).rsplit("/", 1)[-1]
    who = f"by {one.event.principal}" if one.event.principal else ""
    return " · ".join(part for part in (one.event.step_id, target, *parts, who) if part)
