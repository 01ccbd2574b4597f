"""How bad: 0 to 100 from what happened, where, to which data, how exposed, whether it can be taken back, and when. Each part has its reason.

75 and more is critical, 50 high, 25 medium, 10 low, below that info.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from agent_server.agents.assessing.events import Kind, Known
from agent_server.contract.plan import TargetFacts

Level = Literal["info", "low", "medium", "high", "critical"]
_FLOORS: tuple[tuple[int, Level], ...] = ((75, "critical"), (50, "high"), (25, "medium"), (10, "low"), (0, "info"))
_PROD = frozenset({"prod", "production", "prd", "live"})
_STAGING = frozenset({"staging", "stage", "stg", "preprod", "uat"})
_SENSITIVE = frozenset({"pii", "customer", "confidential", "restricted", "pci", "phi", "secret"})
_MANY = 10
_LONG_MINUTES = 60
_NEARLY_FULL = 95


def level_of(score: int) -> Level:
    """Return the word for a score."""
    return next(level for floor, level in _FLOORS if score >= floor)


def weighed(event: Known, facts: Mapping[str, JsonValue], targets: Sequence[TargetFacts]) -> list[tuple[int, str]]:
    """Return what counts for and against, heaviest first, each with its reason."""
    parts = (
        (event.weight, _SAID[event.kind]),
        _environment(event, facts, targets),
        _data(event, facts, targets),
        _exposure(event, facts, targets),
        (10 * (not event.undo), "it cannot be taken back"),
        (10 * (len(targets) > _MANY), f"{len(targets)} things at once"),
        _time(facts),
        _lasting(facts),
        (10 * (_number(facts.get("used_percent")) >= _NEARLY_FULL), "almost nothing is left"),
        (-25 * (facts.get("resolved") is True), "it is already over"),
    )
    return sorted((one for one in parts if one[0]), key=lambda one: -abs(one[0]))


_SAID = {
    Kind.EXPOSURE: "somebody outside can reach it",
    Kind.LOSS: "something is gone or will be",
    Kind.AVAILABILITY: "something does not work as it should",
    Kind.ACCESS: "who may do what has changed, or is being tried",
    Kind.POSTURE: "a safeguard is off",
    Kind.COST: "it costs money",
    Kind.INFO: "it is worth knowing",
}


def _environment(event: Known, facts: Mapping[str, JsonValue], targets: Iterable[TargetFacts]) -> tuple[int, str]:
    said = [one.tags.get("env", "").lower() for one in targets] or [_text(facts.get("environment"))]
    if event.kind is Kind.COST and said == [""]:
        return 0, ""
    if any(env in _PROD for env in said):
        return 20, "it is in production"
    if any(not env for env in said):
        return 10, "no environment is recorded, so it counts almost as production"
    if any(env in _STAGING for env in said):
        return 5, "it is in staging"
    return -10, "it is not in production"


def _data(event: Known, facts: Mapping[str, JsonValue], targets: Iterable[TargetFacts]) -> tuple[int, str]:
    classes = {one.tags.get("data-class", "").lower() for one in targets} | {_text(facts.get("data_class"))}
    if not classes & _SENSITIVE:
        return 0, ""
    return (20 if event.kind in {Kind.EXPOSURE, Kind.LOSS} else 10), "it holds sensitive data"


def _exposure(event: Known, facts: Mapping[str, JsonValue], targets: Iterable[TargetFacts]) -> tuple[int, str]:
    if event.kind is Kind.EXPOSURE:
        return 10, "the internet can reach it"
    public = facts.get("public") is True or any(one.facts.get("public") is True for one in targets)
    return 10 * public, "it can be reached from the internet"


def _time(facts: Mapping[str, JsonValue]) -> tuple[int, str]:
    if facts.get("out_of_hours") is True:
        return 5, "it happened outside working hours"
    if facts.get("change_freeze") is True:
        return 10, "it happened during a change freeze"
    return 0, ""


def _lasting(facts: Mapping[str, JsonValue]) -> tuple[int, str]:
    minutes = max(_number(facts.get("minutes_exposed")), _number(facts.get("minutes")))
    return 5 * (minutes >= _LONG_MINUTES), f"it lasts {minutes:.0f} minutes already"


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _text(value: JsonValue) -> str:
    return value.lower() if isinstance(value, str) else ""
