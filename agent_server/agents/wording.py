"""Sentences about a plan, from counts, verbs and kinds of things only: no foreign text enters them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from agent_server.agents.capabilities import capabilities
from agent_server.contract.plan import ProposedPlan, TargetFacts
from agent_server.contract.types import resource_types

LATER = "I plan for now only; I cannot do it later yet. Ask again when it is time, or leave the time out."
_MOST_PLACES = 3
_UNDO = {
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
    clauses: dict[str, list[TargetFacts]] = {}
    for step in plan.steps:
        row = capabilities().get(step.operation)
        verb = (row.action if row else "change").replace("_", " ")
        clauses.setdefault(verb, []).extend(targets[handle] for handle in step.targets if handle in targets)
    said = ", then ".join(f"{verb} {counted(group)}{places(group)}" for verb, group in clauses.items())
    widest = max(len(step.targets) for step in plan.steps)
    pace = f", {plan.strategy.parallel} at a time" if widest > plan.strategy.parallel else ""
    first = f", {plan.strategy.canary} alone first" if plan.strategy.canary else ""
    return f"{said[:1].upper()}{said[1:]}{pace}{first}."[:1000]


def rollback(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> str:
    """Return how the plan is taken back; empty when some of it cannot be."""
    rows = [capabilities().get(step.operation) for step in reversed(plan.steps)]
    if not all(row and row.undo for row in rows):
        return ""
    verbs = dict.fromkeys(_UNDO.get(row.action, f"undo the {row.action}") for row in rows if row)
    touched = {handle for step in plan.steps for handle in step.targets if handle in targets}
    return f"{', then '.join(verbs)} the same {len(touched)}"


def _joined(texts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
