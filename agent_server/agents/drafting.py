"""A playbook made of what was done: the typed steps of an executed plan, said so that it can be done again. Pure, and the same every time.

Everything is in our own words: names, sentences and keywords come from what the operations are for, and from the asker's plain words; what
machines wrote (descriptions, literals) becomes parameters or stays inside the steps. The result is a draft with notes on what to look at.
"""

import re
from collections.abc import Sequence

from agent_server.agents import wording
from agent_server.agents.capabilities import Capability, known
from agent_server.agents.lifting import MOST, Lifted, lifted
from agent_server.agents.parameters import plain
from agent_server.agents.parts import READING
from agent_server.agents.scripting import scripts_of
from agent_server.contract.intent import Action
from agent_server.contract.playbook import (
    Category,
    CloudName,
    DraftReply,
    DraftRequest,
    Level,
    Playbook,
    PlaybookStep,
)
from agent_server.contract.types import resource_types

FIRST = "1.0.0"
_WORD = re.compile(r"[a-z][a-z-]{3,30}")
_PSEUDONYM = re.compile(r"\b[\w.-]+-p\d+\b|\br\d+\b")
_SILENT = frozenset(
    [
        "this",
        "that",
        "them",
        "then",
        "with",
        "from",
        "please",
        "make",
        "save",
        "turn",
        "into",
        "playbook",
        "runbook",
        "plan",
        "just",
        "what",
        "when",
        "also",
    ]
)
_CLOUDS: tuple[CloudName, ...] = ("aws", "azure", "gcp")
_CATEGORIES: tuple[tuple[Category, frozenset[str]], ...] = (
    (Category.SECURITY, frozenset({"make_private", "encrypt", "revoke_access", "rotate"})),
    (Category.BACKUP, frozenset({"snapshot", "restore"})),
    (Category.COST, frozenset({"resize"})),
)
_INTERRUPTING = frozenset({"stop", "restart", "delete", "resize", "detach"})


def draft(request: DraftRequest) -> DraftReply:
    """Return a playbook in state draft, and what a person should look at."""
    ordered = tuple(
        step.model_copy(update={"depends_on": sorted({one for one in step.depends_on if one < index})})
        for index, step in enumerate(request.steps)
    )
    steps, found = lifted(ordered)
    rows = [known().get(step.operation) for step in steps]
    name = _name(request, steps, rows)
    playbook = Playbook(
        id=_id(name, rows),
        version=FIRST,
        name=name,
        clouds=_clouds(steps, rows),
        category=_category(rows),
        action=_action(request, rows),
        resource_types=_types(request, steps, rows),
        summary=f"{_doing(steps, rows)}."[:1000],
        keywords=_keywords(request, rows),
        explain=[_explained(index, step, row) for index, (step, row) in enumerate(zip(steps, rows, strict=True))][:40],
        parameters=found.parameters,
        steps=list(steps),
        risk=_risk(steps, rows),
        rollback=_rollback(steps, rows),
    )
    scripts = scripts_of(playbook)
    whole = playbook.model_copy(update={"scripts": scripts})
    return DraftReply(playbook=whole, notes=_notes(request, whole, rows, found))


def _name(request: DraftRequest, steps: Sequence[PlaybookStep], rows: Sequence[Capability | None]) -> str:
    said = " ".join("".join(one if one.isprintable() else " " for one in request.name).split())
    least = 3
    return said if len(said) >= least else _doing(steps, rows, third=False)[:120]


def _id(name: str, rows: Sequence[Capability | None]) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")
    if re.fullmatch(r"[a-z][a-z0-9-]{2,79}", slug):
        return slug
    first = next((row.action for row in rows if row and row.action), "steps")
    return f"playbook-{first.replace('_', '-')}"


def _doing(steps: Sequence[PlaybookStep], rows: Sequence[Capability | None], *, third: bool = True) -> str:
    """Say what is done in one clause: "Stops, then resizes ec2 instances"."""
    clauses: list[str] = []
    for step, row in zip(steps, rows, strict=True):
        verb, noun = _verb_and_noun(step, row)
        clause = f"{_third(verb) if third else verb} {noun}"
        if clause not in clauses:
            clauses.append(clause)
    text = ", then ".join(clauses[:6])
    return text[:1].upper() + text[1:]


def _verb_and_noun(step: PlaybookStep, row: Capability | None) -> tuple[str, str]:
    if row and row.action:
        return row.verb, wording.noun(row.type, row.cloud, many=True)
    method = step.operation.rsplit(".", 1)[1].split("_")
    return "call", " ".join(method)


def _third(verb: str) -> str:
    first, _, rest = verb.partition(" ")
    ending = "es" if first.endswith(("s", "x", "ch", "sh")) else "s"
    first = f"{first[:-1]}ies" if first.endswith("y") and first[-2:-1] not in "aeiou" else f"{first}{ending}"
    return f"{first} {rest}".strip()


def _explained(index: int, step: PlaybookStep, row: Capability | None) -> str:
    verb, noun = _verb_and_noun(step, row)
    after = f", once step {' and '.join(str(one + 1) for one in step.depends_on)} is done" if step.depends_on else ""
    lasting = " This cannot be undone." if step.effect == "destroy" or (row and row.effect == "destroy") else ""
    return f"{index + 1}. {verb[:1].upper()}{verb[1:]} {noun}{after}.{lasting}"


def _clouds(steps: Sequence[PlaybookStep], rows: Sequence[Capability | None]) -> list[CloudName]:
    named = {row.cloud if row else step.operation.split(".")[0] for step, row in zip(steps, rows, strict=True)}
    named |= {step.operation.split(".")[1] for step in steps if step.operation.startswith("escher.")}
    return [cloud for cloud in _CLOUDS if cloud in named] or ["aws"]


def _category(rows: Sequence[Capability | None]) -> Category:
    actions = {row.action for row in rows if row}
    return next(
        (category for category, known in _CATEGORIES if actions & known and "delete" not in actions),
        Category.OPERATIONS,
    )


def _action(request: DraftRequest, rows: Sequence[Capability | None]) -> Action:
    asked = request.intent.action
    if asked not in READING and not asked.value.startswith(("playbook_", "settings_")):
        return asked
    known = [row for row in rows if row]
    gravest = next((row for row in known if row.effect == "destroy"), known[-1] if known else None)
    return Action(gravest.action) if gravest and gravest.action else Action.MODIFY


def _types(request: DraftRequest, steps: Sequence[PlaybookStep], rows: Sequence[Capability | None]) -> list[str]:
    found = [step.target_type or (row.type if row else "") for step, row in zip(steps, rows, strict=True)]
    types = list(dict.fromkeys(one for one in (*found, *request.intent.resource_types) if one))
    return types[:10] or ["any::resource"]


def _keywords(request: DraftRequest, rows: Sequence[Capability | None]) -> list[str]:
    own = [row.verb for row in rows if row and row.action]
    kinds = {(row.type, row.cloud) for row in rows if row}
    words = [word for one in resource_types() if (one.type, one.cloud.value) in kinds for word in one.words[:3]]
    said = _WORD.findall(_PSEUDONYM.sub(" ", request.text.lower()))
    return list(dict.fromkeys((*own, *words, *(word for word in said if word not in _SILENT))))[:20]


def _risk(steps: Sequence[PlaybookStep], rows: Sequence[Capability | None]) -> Level:
    if any(step.effect == "destroy" for step in steps) or any(
        row.effect == "destroy" or (row.exposes and row.action) for row in rows if row
    ):
        return "high"
    # Whether a part of others weakens anything depends on its values, which the runner judges.
    if any(row is None or not row.action or row.action in _INTERRUPTING or not row.undo for row in rows):
        return "medium"
    return "low"


def _rollback(steps: Sequence[PlaybookStep], rows: Sequence[Capability | None]) -> str:
    """Say how it is taken back, the last step first; steps that cannot be are named."""
    ways: list[str] = []
    lasting: list[int] = []
    for index in range(len(steps) - 1, -1, -1):
        row = rows[index]
        if row is None or not row.undo:
            lasting.append(index + 1)
            continue
        way = f"{wording.UNDO.get(row.action, f'undo the {row.verb} of')} the {wording.noun(row.type, row.cloud, many=True)}"
        if way not in ways:
            ways.append(way)
    back = f"To take it back: {', then '.join(ways)}." if ways else ""
    cannot = f"Nothing takes back step {', '.join(map(str, sorted(lasting)))}." if lasting else ""
    return " ".join(filter(None, (back, cannot)))[:1000]


def _notes(request: DraftRequest, playbook: Playbook, rows: Sequence[Capability | None], found: Lifted) -> list[str]:
    notes: list[str] = []
    if not request.name:
        notes.append("The name was made from the steps; give it one that your colleagues would look for.")
    if playbook.parameters:
        named = ", ".join(one.name for one in playbook.parameters)
        notes.append(f"These values of that run became parameters: {named}. Look at their names and defaults.")
    if found.particular:
        named = ", ".join(found.particular)
        notes.append(f"Without a default, because it named one particular thing: {named}.")
    if len(found.parameters) == MOST:
        notes.append(f"A playbook has at most {MOST} parameters; further values stayed as they were.")
    if unknown := [step.operation for step, row in zip(playbook.steps, rows, strict=True) if row is None]:
        notes.append(
            f"I do not know what {plain(', '.join(dict.fromkeys(unknown)))} does; check its risk and order yourself."
        )
    if playbook.risk == "high":
        notes.append("It destroys or exposes something: consider having it reviewed before others use it.")
    if not playbook.scripts:
        notes.append("There is no script, because not every step can be said as one by rule.")
    notes.append("It is a draft: nobody but you finds it until it is ready.")
    return [note[:1000] for note in notes][:20]
