"""How risky admitted operations are: a score with its reasons, computed here and never taken from outside.

0-24 low, 25-49 medium, 50-74 high, 75-100 critical. A proposal's own risk can raise the level, never lower it.
"""

from dataclasses import dataclass
from enum import StrEnum

from agent_server.contract.plan import Moment
from engine.approval.requirement import Act
from engine.clouds.operation import Effect
from engine.estate.resource import Resource

_SENSITIVE = {"pii", "customer", "confidential", "restricted", "pci", "phi"}
_INTERRUPTING = {"stop", "restart", "delete"}
_WORKING_HOURS = range(8, 18)
_FRIDAY, _AFTERNOON = 4, 15
_MANY = 20
_SOME = 5
_MOST_CLAIMED = 3


class Level(StrEnum):
    """Risk in one word, in rising order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_ORDER = tuple(Level)
_FLOORS = ((75, Level.CRITICAL), (50, Level.HIGH), (25, Level.MEDIUM), (0, Level.LOW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The judgement: level, score from 0 to 100, and the reasons in the order of their weight."""

    level: Level
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the judgement looks at.

    Attributes:
        acts: Every operation on every target.
        before: The targets as they are, by id.
        reversible: Whether all steps have an inverse.
        unread: How many cells could not be read again just before planning.
        denied: How many targets the credentials are known not to be permitted to change.
        actions: Actions of the steps: a stop or restart takes the thing out of service.
        moment: The hour and the weekday where people live, when that is known.
        allowed: On how many targets the credentials are known to be permitted everything.
        untold: The targets whose tags tell no environment, which count as production.
    """

    acts: tuple[Act, ...]
    before: dict[str, Resource]
    reversible: bool
    unread: int
    denied: int
    actions: frozenset[str]
    moment: Moment | None = None
    allowed: int = 0
    untold: frozenset[str] = frozenset()

    @property
    def interrupting(self) -> bool:
        """Whether something goes out of service."""
        return bool(self.actions & _INTERRUPTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a proposal says of its own risk: foreign words, which can only raise the level."""

    level: str = "low"
    reasons: tuple[str, ...] = ()


NOTHING_CLAIMED = Claimed()


def assess(facts: Facts, claimed: Claimed = NOTHING_CLAIMED) -> Risk:
    """Judge the acts; what a proposal claimed is looked at only where it raises the level, and is named as its own."""
    weighed = sorted((item for item in _weigh(facts) if item[0]), key=lambda item: -item[0])
    score = min(100, sum(weight for weight, _ in weighed))
    level = next(level for floor, level in _FLOORS if score >= floor)
    reasons = tuple(text for _, text in weighed) or (_calm(facts),)
    if claimed.level in _ORDER and _ORDER.index(Level(claimed.level)) > _ORDER.index(level):
        level = Level(claimed.level)
        score = next(floor for floor, named in _FLOORS if named is level)
        reasons = (*reasons, _raised(level, [one for one in claimed.reasons if one not in reasons]))
    return Risk(level=level, score=score, reasons=reasons)


def _raised(level: Level, reasons: list[str]) -> str:
    why = f" ({'; '.join(reasons[:_MOST_CLAIMED])})" if reasons else ""
    return f"the planner says {level.value}{why}"


def _weigh(facts: Facts) -> tuple[tuple[int, str], ...]:
    targets = {act.target for act in facts.acts}
    return (
        _environment(facts),
        _effect(facts),
        (40 * any(act.exposes for act in facts.acts), "opens something to the public"),
        (15 * (len(targets) > _MANY) + 5 * (_SOME < len(targets) <= _MANY), f"{len(targets)} resources at once"),
        (15 * (not facts.reversible), "cannot be taken back by Escher"),
        _data(facts),
        _owned(facts),
        _hour(facts),
        (10 * bool(facts.unread), f"{facts.unread} part(s) of the estate could not be read again just now"),
        (10 * bool(facts.denied), f"{facts.denied} not permitted to Escher's credentials"),
    )


def _environment(facts: Facts) -> tuple[int, str]:
    prod = {act.target for act in facts.acts if act.env == "prod"}
    staging = {act.target for act in facts.acts if act.env == "staging"}
    if prod:
        return (30 if facts.interrupting else 15), _in_prod(len(prod), len(prod & facts.untold))
    return 5 * bool(staging), f"{len(staging)} in staging"


def _in_prod(every: int, untold: int) -> str:
    """Say how many are in prod, and of how many nothing says where they are."""
    if not untold:
        return f"{every} in prod"
    if untold == every:
        return f"{every} without an environment tag, treated as prod"
    return f"{every} in prod, {untold} of them for want of an environment tag"


def _effect(facts: Facts) -> tuple[int, str]:
    destroyed = {act.target for act in facts.acts if act.effect is Effect.DESTROY}
    return 45 * bool(destroyed), f"deletes {len(destroyed)} for good"


def _data(facts: Facts) -> tuple[int, str]:
    held = [one for one in facts.before.values() if one.tags.get("data-class", "").lower() in _SENSITIVE]
    return 10 * bool(held), f"{len(held)} {'holds' if len(held) == 1 else 'hold'} sensitive data"


def _owned(facts: Facts) -> tuple[int, str]:
    owned = [one for one in facts.before.values() if one.facts.get("owner")]
    return 10 * bool(
        owned
    ), f"{len(owned)} {'is' if len(owned) == 1 else 'are'} run by a group or stack that may undo this"


def _hour(facts: Facts) -> tuple[int, str]:
    """Production is missed most in working hours, and on a Friday afternoon nobody is there for what comes after."""
    when = facts.moment
    if when is None or not facts.interrupting or not any(act.env == "prod" for act in facts.acts):
        return 0, ""
    if when.weekday == _FRIDAY and when.hour >= _AFTERNOON:
        return 10, "on a Friday afternoon"
    return 5 * (when.weekday <= _FRIDAY and when.hour in _WORKING_HOURS), "in working hours"


def _calm(facts: Facts) -> str:
    envs = sorted({act.env for act in facts.acts})
    permitted = f", {facts.allowed} of {len(facts.before)} permitted" if facts.allowed else ""
    return f"{' and '.join(envs) or 'nothing'} only, reversible{permitted}"
