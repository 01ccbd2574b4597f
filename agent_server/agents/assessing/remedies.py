"""What helps against an event: best practices by the event's row, and playbooks of the library about the same kind of thing."""

from collections.abc import Sequence

from agent_server.agents.assessing.events import Kind, known
from agent_server.contract.answer import Source
from agent_server.contract.assess import Event
from agent_server.contract.plan import RankedPlaybook, TargetFacts
from agent_server.contract.types import generic_of
from agent_server.knowledge.practices import practices
from agent_server.knowledge.store import Knowledge

_LEAST = 0.35
_MOST = 3
_WANTED = {
    Kind.EXPOSURE: "close public access, make private",
    Kind.LOSS: "restore from backup or snapshot",
    Kind.AVAILABILITY: "recover, restart, make room",
    Kind.ACCESS: "contain, revoke access, rotate keys",
    Kind.POSTURE: "turn the safeguard on again",
    Kind.COST: "stop what is idle, reduce cost",
    Kind.INFO: "",
}


def sources(event: Event) -> list[Source]:
    """Return the best practices that an event's row names, with the vendor's page."""
    row = known(event.code)
    found = [practices()[id_] for id_ in (row.practices if row else ()) if id_ in practices()]
    return [Source(title=one.title, reference=one.source[1][:256]) for one in found]


def playbooks(event: Event, targets: Sequence[TargetFacts], knowledge: Knowledge) -> list[RankedPlaybook]:
    """Return playbooks that fit an event's things, best first; none where nothing fits well."""
    row = known(event.code)
    if row is None or row.kind is Kind.INFO:
        return []
    text = f"{event.code.replace('.', ' ').replace('_', ' ')}: {_WANTED[row.kind]}"
    kinds = {generic_of(one.type) for one in targets} | {one.type for one in targets}
    found = knowledge.playbooks(text, sorted({one.cloud for one in targets}), limit=10)
    fitting = [one for one in found if one.score >= _LEAST and (not kinds or _kinds(one.item.resource_types) & kinds)]
    return [
        RankedPlaybook(
            id=one.item.id,
            version=one.item.version,
            confidence=min(one.score, 1.0),
            reason=f"It is about {one.item.category.value} of the same kind of thing: {one.item.name}."[:1000],
        )
        for one in fitting[:_MOST]
    ]


def _kinds(types: Sequence[str]) -> set[str]:
    return {*types, *map(generic_of, types)}
