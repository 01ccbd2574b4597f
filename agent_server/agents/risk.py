"""How risky a proposal is, from what a planner may know: 0 to 100, with the reasons.

Each factor adds its weight once and names itself; more of anything never lowers the score. The weights that the runner has too are the
same; it judges again over real resources and lets this level only raise its own. 0-24 low, 25-49 medium, 50-74 high, 75-100 critical.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent_server.agents.capabilities import Capability, known
from agent_server.agents.environment import PROD, STAGING, env_of, is_careful
from agent_server.contract.plan import Moment, ProposedPlan, Risk, TargetFacts

Level = Literal["low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high", "critical")
_FLOORS: tuple[tuple[int, Level], ...] = ((75, "critical"), (50, "high"), (25, "medium"), (0, "low"))
_SENSITIVE = {"pii", "customer", "confidential", "restricted", "pci", "phi"}
_INTERRUPTING = {"stop", "restart", "delete"}
_COUNTS = ((100, 25), (20, 15), (5, 5))
"""More than so many targets, and the weight."""
_LEANING = ("attached", "behind_load_balancer", "in_cluster", "has_replicas")
"""Facts that say that something else depends on a target."""
_WORKING_HOURS = range(8, 18)
_FRIDAY, _AFTERNOON = 4, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What the factors look at.

    Attributes:
        touched: Every target of the plan by handle.
        uses: Every operation with the handles it acts on.
        moment: When it would run, if the runner said so.
    """

    touched: Mapping[str, TargetFacts]
    uses: Sequence[tuple[Capability, Sequence[str]]]
    moment: Moment | None

    @property
    def interrupting(self) -> bool:
        """Whether something goes out of service."""
        return any(row.action in _INTERRUPTING for row, _ in self.uses)

    def count(self, holds: Callable[[TargetFacts], bool]) -> int:
        """Return of how many targets something holds."""
        return sum(map(holds, self.touched.values()))

    def interrupted(self, holds: Callable[[TargetFacts], bool]) -> int:
        """Return of how many of the targets that go out of service something holds."""
        handles = {handle for row, on in self.uses if row.action in _INTERRUPTING for handle in on}
        return sum(holds(one) for handle, one in self.touched.items() if handle in handles)


Weighed = tuple[int, str]


def assess(plan: ProposedPlan, targets: Mapping[str, TargetFacts], moment: Moment | None = None) -> Risk:
    """Judge a proposal over its targets' facts."""
    touched = {handle: targets[handle] for step in plan.steps for handle in step.targets if handle in targets}
    uses = [(row, step.targets) for step in plan.steps if (row := known().get(step.operation))]
    judged = _Judged(touched=touched, uses=uses, moment=moment)
    weighed = sorted((one for factor in _FACTORS if (one := factor(judged))[0]), key=lambda one: -one[0])
    score = min(100, sum(weight for weight, _ in weighed))
    reasons = [text for _, text in weighed] or ["reversible, nothing sensitive known about it"]
    return Risk(level=level_of(score), score=score, reasons=reasons[:20])


def level_of(score: int) -> Level:
    """Return the word for a score."""
    return next(level for floor, level in _FLOORS if score >= floor)


def floor_of(level: Level) -> int:
    """Return the lowest score of a level."""
    return next(floor for floor, known in _FLOORS if known == level)


def _environment(judged: _Judged) -> Weighed:
    prod = judged.count(lambda one: env_of(one) in PROD)
    if prod:
        return (30 if judged.interrupting else 15), f"{prod} in prod"
    unknown = judged.count(lambda one: not env_of(one))
    if unknown:
        return (10 if judged.interrupting else 5), f"{unknown} of no known environment"
    staging = judged.count(lambda one: env_of(one) in STAGING)
    return 5 * bool(staging), f"{staging} in staging"


def _loss(judged: _Judged) -> Weighed:
    destroyed = {handle for row, handles in judged.uses if row.effect == "destroy" for handle in handles}
    return 45 * bool(destroyed), f"deletes {len(destroyed)} for good"


def _exposure(judged: _Judged) -> Weighed:
    """Count what exposes whatever it is given; of a part of others only its values tell, and the runner reads those."""
    return 40 * any(row.exposes and bool(row.action) for row, _ in judged.uses), "can weaken security"


def _number(judged: _Judged) -> Weighed:
    count = len(judged.touched)
    return next((weight for most, weight in _COUNTS if count > most), 0), f"{count} resources at once"


def _lasting(judged: _Judged) -> Weighed:
    return 15 * any(not row.undo for row, _ in judged.uses), "cannot be taken back by Escher"


def _data(judged: _Judged) -> Weighed:
    held = judged.count(lambda one: one.tags.get("data-class", "").lower() in _SENSITIVE)
    return 10 * bool(held), f"{held} {'holds' if held == 1 else 'hold'} sensitive data"


def _owned(judged: _Judged) -> Weighed:
    owned = judged.count(lambda one: one.facts.get("owned") is True)
    return 10 * bool(owned), f"{owned} {'is' if owned == 1 else 'are'} run by a group or stack that may undo this"


def _denied(judged: _Judged) -> Weighed:
    denied = {
        handle
        for row, handles in judged.uses
        for handle in handles
        if handle in judged.touched and judged.touched[handle].permissions.get(row.operation) == "denied"
    }
    return 10 * bool(denied), f"{len(denied)} not permitted to Escher's credentials"


def _leaned_on(judged: _Judged) -> Weighed:
    held = judged.interrupted(lambda one: any(one.facts.get(fact) is True for fact in _LEANING))
    return 10 * bool(held), f"{held} that something else depends on"


def _facing(judged: _Judged) -> Weighed:
    held = judged.interrupted(lambda one: one.facts.get("public") is True)
    return 5 * bool(held), f"{held} open to the public, so that outsiders notice"


def _hour(judged: _Judged) -> Weighed:
    """Production is missed most in working hours, and on a Friday afternoon nobody is there for what comes after."""
    when = judged.moment
    if when is None or not judged.interrupted(is_careful):
        return 0, ""
    if when.weekday == _FRIDAY and when.hour >= _AFTERNOON:
        return 10, "on a Friday afternoon"
    return 5 * (when.weekday <= _FRIDAY and when.hour in _WORKING_HOURS), "in working hours"


_FACTORS: Iterable[Callable[[_Judged], Weighed]] = (
    _environment,
    _loss,
    _exposure,
    _number,
    _lasting,
    _data,
    _owned,
    _denied,
    _leaned_on,
    _facing,
    _hour,
)
