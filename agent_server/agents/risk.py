"""How risky a proposal is, from what a planner may know: 0 to 100, with the reasons.

The weights are those of the runner, which judges again over real resources and lets this level only raise its own.
0-24 low, 25-49 medium, 50-74 high, 75-100 critical.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from agent_server.agents.capabilities import Capability, capabilities
from agent_server.contract.plan import ProposedPlan, Risk, TargetFacts

Level = Literal["low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high", "critical")
_FLOORS: tuple[tuple[int, Level], ...] = ((75, "critical"), (50, "high"), (25, "medium"), (0, "low"))
_PROD = {"prod", "production", "prd", "live"}
_STAGING = {"staging", "stage", "stg", "preprod"}
_SENSITIVE = {"pii", "customer", "confidential", "restricted", "pci", "phi"}
_INTERRUPTING = {"stop", "restart", "delete"}
_MANY, _SOME = 20, 5


def assess(plan: ProposedPlan, targets: Mapping[str, TargetFacts]) -> Risk:
    """Judge a proposal over its targets' facts."""
    touched = {handle: targets[handle] for step in plan.steps for handle in step.targets if handle in targets}
    done = [(row, step.targets) for step in plan.steps if (row := capabilities().get(step.operation))]
    weighed = sorted((one for one in _weigh(touched, done) if one[0]), key=lambda one: -one[0])
    score = min(100, sum(weight for weight, _ in weighed))
    reasons = [text for _, text in weighed] or ["reversible, nothing sensitive known about it"]
    return Risk(level=level_of(score), score=score, reasons=reasons)


def level_of(score: int) -> Level:
    """Return the word for a score."""
    return next(level for floor, level in _FLOORS if score >= floor)


def floor_of(level: Level) -> int:
    """Return the lowest score of a level."""
    return next(floor for floor, known in _FLOORS if known == level)


def _weigh(
    touched: Mapping[str, TargetFacts], done: Iterable[tuple[Capability, list[str]]]
) -> tuple[tuple[int, str], ...]:
    uses = list(done)
    rows = [row for row, _ in uses]
    destroyed = {handle for row, handles in uses if row.effect == "destroy" for handle in handles}
    count = len(touched)
    return (
        _environment(touched.values(), interrupting=any(row.action in _INTERRUPTING for row in rows)),
        (45 * bool(destroyed), f"deletes {len(destroyed)} for good"),
        (40 * any(row.exposes for row in rows), "can weaken security"),
        (15 * (count > _MANY) + 5 * (_SOME < count <= _MANY), f"{count} resources at once"),
        (15 * any(not row.undo for row in rows), "cannot be taken back by Escher"),
        _said_of(touched.values(), "data-class", _SENSITIVE, 10, "hold sensitive data"),
        _owned(touched.values()),
        _denied(touched, uses),
    )


def _environment(touched: Iterable[TargetFacts], *, interrupting: bool) -> tuple[int, str]:
    envs = [one.tags.get("env", "").lower() for one in touched]
    prod = sum(env in _PROD for env in envs)
    if prod:
        return (30 if interrupting else 15), f"{prod} in prod"
    unknown = sum(not env for env in envs)
    if unknown:
        return (10 if interrupting else 5), f"{unknown} of no known environment"
    staging = sum(env in _STAGING for env in envs)
    return 5 * bool(staging), f"{staging} in staging"


def _said_of(touched: Iterable[TargetFacts], key: str, values: set[str], weight: int, what: str) -> tuple[int, str]:
    held = sum(one.tags.get(key, "").lower() in values for one in touched)
    return weight * bool(held), f"{held} {what}"


def _owned(touched: Iterable[TargetFacts]) -> tuple[int, str]:
    owned = sum(one.facts.get("owned") is True for one in touched)
    return 10 * bool(owned), f"{owned} are run by a group or stack that may undo this"


def _denied(touched: Mapping[str, TargetFacts], uses: Iterable[tuple[Capability, list[str]]]) -> tuple[int, str]:
    denied = {
        handle
        for row, handles in uses
        for handle in handles
        if handle in touched and touched[handle].permissions.get(row.operation) == "denied"
    }
    return 10 * bool(denied), f"{len(denied)} not permitted to Escher's credentials"
