"""Sentences about a plan, from counts, verbs and kinds of things only: no foreign text enters them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from agent_server.agents.capabilities import capabilities, known
from agent_server.contract.plan import ProposedPlan, TargetFacts
from agent_server.contract.types import resource_types

LATER = "I plan for now only; I cannot do it later yet. Ask again when it is time, or leave the time out."
_MOST_PLACES = 3
_NEAREST = {
    "scale": ("resize", "start", "stop"),
    "drain": ("stop",),
    "patch": ("restart",),
    "failover": ("restart",),
    "deploy": ("restart",),
    "rollback": ("restart",),
    "move": ("snapshot",),
    "copy": ("snapshot",),
    "create": ("start",),
    "modify": ("resize", "tag", "enable"),
    "revoke_access": ("make_private",),
    "allow_access": ("make_public",),
    "disable": ("stop",),
    "enable": ("start",),
}
"""Which actions come nearest to one that a kind of thing has not."""
UNDO = {
    "start": "stop",
    "stop": "start",
    "resize": "resize back",
    "detach": "attach",
    "tag": "restore the tags of",
    "untag": "restore the tags of",
    "enable": "disable it again on",
    "disable": "enable it again on",
    "make_private": "restore the access of",
    "make_public": "restore the access of",
    "encrypt": "restore the encryption of",
}


@cache
def noun(type_: str, cloud: str, *, many: bool) -> str:
    """Return what people call a kind of thing: `ec2 instances`, `azure vm`."""
    words = next((row.words for row in resource_types() if row.type == type_ and row.cloud == cloud), ())
    word = next((one for one in words if " " in one), words[0] if words else type_)
    if not many:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"


def counted(targets: Iterable[TargetFacts]) -> str:
    """Return how many of what: `12 ec2 instances and 1 azure vm`."""
    kinds = Counter((target.type, target.cloud) for target in targets)
    texts = [f"{count} {noun(type_, cloud, many=count > 1)}" for (type_, cloud), count in kinds.most_common()]
    return _joined(texts)


def places(targets: Iterable[TargetFacts]) -> str:
    """Return where they are when that is few regions: ` in us-east-1`."""
    regions = sorted({target.region for target in targets if target.region})
    return f" in {_joined(regions)}" if 0 < len(regions) <= _MOST_PLACES else ""


def summary(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> str:
    """Return one sentence that says what the whole plan does."""
    clauses: dict[str, dict[str, TargetFacts]] = {}
    for step in plan.steps:
        row = known().get(step.operation)
        verb = row.verb if row else "change"
        clauses.setdefault(verb, {}).update((handle, targets[handle]) for handle in step.targets if handle in targets)
    said = ", then ".join(f"{verb} {counted(on.values())}{places(on.values())}" for verb, on in clauses.items())
    widest = max(len(step.targets) for step in plan.steps)
    pace = f", {plan.strategy.parallel} at a time" if widest > plan.strategy.parallel else ""
    first = f", {plan.strategy.canary} alone first" if plan.strategy.canary else ""
    return f"{said[:1].upper()}{said[1:]}{pace}{first}."[:1000]


def rollback(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> str:
    """Return how the plan is taken back, and what of it cannot be; empty when nothing can."""
    rows = [(known().get(step.operation), step.targets) for step in reversed(plan.steps)]
    back = [(row, on) for row, on in rows if row and row.undo]
    if not back:
        return ""
    verbs = dict.fromkeys(UNDO.get(row.action, f"undo the {row.verb} of") for row, _ in back)
    touched = {handle for _, on in back for handle in on if handle in targets}
    said = f"{', then '.join(verbs)} the same {len(touched)}"
    lasting = dict.fromkeys(row.verb if row else "change" for row, _ in rows if not (row and row.undo))
    return f"{said}; what this does by {' and '.join(lasting)} cannot be taken back" if lasting else said


def cannot(action: str, type_: str, cloud: str) -> str:
    """Return that an action cannot be done to a kind of thing, and what comes nearest: to that kind, or the same to another."""
    kind = noun(type_, cloud, many=True)
    if any((row.action, row.type, row.cloud) == (action, type_, cloud) for row in capabilities().values()):
        return f"This runner does not offer to {_verb(action)} {kind}."
    able = list(dict.fromkeys(row.action for row in capabilities().values() if (row.type, row.cloud) == (type_, cloud)))
    near = [one for one in _NEAREST.get(action, ()) if one in able]
    elsewhere = list(
        dict.fromkeys(noun(row.type, row.cloud, many=True) for row in capabilities().values() if row.action == action)
    )
    said = [f"I cannot {_verb(action)} {kind} yet."]
    if near:
        said.append(f"What comes nearest is to {_either(near)} them.")
    elif able:
        said.append(f"What I can do to them: {_either(able)}.")
    if elsewhere:
        said.append(f"I can {_verb(action)} {_joined(elsewhere)}.")
    elif not able:
        said.append("Of them I can only tell you what there is.")
    return " ".join(said)[:1000]


def _verb(action: str) -> str:
    return action.replace("_", " ")


def _either(actions: list[str]) -> str:
    verbs = [_verb(action) for action in actions]
    return " or ".join(filter(None, (", ".join(verbs[:-1]), *verbs[-1:])))


def _joined(texts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
