"""Two readings of one message, or two plans for one request: the safer of both. Pure.

The rules' reading is the hint a vendor's model is given; where they differ on a change, the person is asked or the narrower holds.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agent_server.agents.danger import is_dangerous
from agent_server.agents.groups import Group
from agent_server.agents.risk import LEVELS, Level
from agent_server.contract.intent import Intent, IntentKind, IntentRequest
from agent_server.contract.plan import PlanReply, ProposedPlan, ProposedStep, Risk, Strategy
from agent_server.contract.types import names

SURE = 0.75
"""The rules' confidence from which their reading counts: below it they only guessed from words around the object."""
_NAMES = ("name", "id", "vpc", "resource_group", "cluster", "namespace", "account", "project", "subscription")
_COMPARED = ("name", "tags", "exclude")
_FLOORS: Mapping[Level, int] = {"low": 0, "medium": 25, "high": 50, "critical": 75}


class GroupedStep(BaseModel):
    """One step as a model orders it, over groups."""

    model_config = ConfigDict(extra="forbid")

    operation: Annotated[str, Field(max_length=128)]
    groups: Annotated[list[Annotated[str, Field(pattern=r"^g[1-9][0-9]{0,3}$")]], Field(min_length=1, max_length=200)]
    depends_on: Annotated[list[Annotated[int, Field(ge=0, le=200)]], Field(max_length=200)] = []
    reason: Annotated[str, Field(max_length=300)] = ""


class GroupedPlan(BaseModel):
    """A plan as a model orders it: `ProposedPlan` over groups, and how risky the model finds it."""

    model_config = ConfigDict(extra="forbid")

    steps: Annotated[list[GroupedStep], Field(min_length=1, max_length=100)]
    parallel: Annotated[int, Field(ge=1, le=50)] = 5
    canary: Annotated[int, Field(ge=0, le=50)] = 0
    on_failure: Literal["stop", "continue"] = "stop"
    risk: Literal["low", "medium", "high", "critical"] = "low"


def is_grounded(intent: Intent, request: IntentRequest) -> bool:
    """Whether a reading invents nothing: its types exist, its names were said, its reference is to something shown."""
    if not all(type_ in names() for type_ in _types(intent)):
        return False
    shown = {turn.result.set_id for turn in request.history if turn.result}
    if intent.reference is not None and intent.reference.set_id not in shown:
        return False
    said = " ".join((request.text, *(turn.text for turn in request.history))).lower()
    return all(name.lower() in said for filters in _filters(intent) for name in _named(filters))


def safer_intent(model: Intent, offline: Intent, request: IntentRequest) -> Intent:
    """Return the model's reading, held to the rules' one wherever something would change."""
    dangerous = model.dangerous or offline.dangerous or is_dangerous(model, request.text)
    intent = model.model_copy(update={"dangerous": dangerous})
    changes = IntentKind.EXECUTE in {model.intent, offline.intent}
    if not changes or offline.confidence < SURE:
        return intent
    if model.intent is not offline.intent or model.action is not offline.action:
        return _asking(intent, _which(model, offline))
    missing = {key: value for key, value in offline.filters.items() if key not in model.filters}
    intent = intent.model_copy(update={"filters": {**missing, **model.filters}})
    differs = [key for key in _COMPARED if _plain(model.filters.get(key)) != _plain(intent_filter(offline, key, model))]
    if differs:
        return _asking(intent, "I read which ones you mean in two ways. Which ones exactly?")
    if offline.needs_clarification and not intent.needs_clarification:
        return _asking(intent, offline.question or "Which ones do you mean?")
    return intent


def intent_filter(offline: Intent, key: str, model: Intent) -> JsonValue:
    """Return the rules' value of a filter; the model's own where the rules saw none and it narrows, which is safe."""
    return offline.filters[key] if key in offline.filters and key in model.filters else model.filters.get(key)


def expanded(plan: GroupedPlan, draft: ProposedPlan, groups: Iterable[Group]) -> ProposedPlan | None:
    """Return a model's plan over handles; None when it names a group that there is not.

    Parameters come from the draft's step of the same operation: a model gives none.
    """
    handles = {group.name: group.handles for group in groups}
    params = {step.operation: step.params for step in draft.steps}
    steps: list[ProposedStep] = []
    for step in plan.steps:
        if any(name not in handles for name in step.groups):
            return None
        steps.append(
            ProposedStep(
                operation=step.operation,
                targets=[handle for name in dict.fromkeys(step.groups) for handle in handles[name]],
                params=params.get(step.operation, {}),
                depends_on=step.depends_on,
                reason=step.reason,
            )
        )
    strategy = Strategy(
        parallel=min(plan.parallel, draft.strategy.parallel),
        canary=max(plan.canary, draft.strategy.canary),
        on_failure="stop" if "stop" in {plan.on_failure, draft.strategy.on_failure} else "continue",
    )
    return ProposedPlan(strategy=strategy, steps=steps)


def covers(plan: ProposedPlan, draft: ProposedPlan, protective: Iterable[str]) -> bool:
    """Whether a plan does all that the draft does and, beyond it, only what protects."""
    wanted, given = _pairs(draft), _pairs(plan)
    extra = {operation for operation, _ in given - wanted}
    return wanted <= given and extra <= set(protective) and len(given) == sum(len(step.targets) for step in plan.steps)


def riskier(reply: PlanReply, level: Level) -> PlanReply:
    """Return the reply with at least this level of risk."""
    risk = reply.risk
    if risk is None or LEVELS.index(level) <= LEVELS.index(risk.level):
        return reply
    reasons = ["the model finds it riskier than the rules do", *risk.reasons]
    return reply.model_copy(update={"risk": Risk(level=level, score=_FLOORS[level], reasons=reasons[:20])})


def _pairs(plan: ProposedPlan) -> set[tuple[str, str]]:
    return {(step.operation, handle) for step in plan.steps for handle in step.targets}


def _asking(intent: Intent, question: str) -> Intent:
    return intent.model_copy(update={"needs_clarification": True, "question": question})


def _which(model: Intent, offline: Intent) -> str:
    changing = [one for one in (offline, model) if one.intent is IntentKind.EXECUTE]
    verbs = list(dict.fromkeys(one.action.value.replace("_", " ") for one in changing))
    if len(verbs) == 1:
        return f"Do you want me to {verbs[0]} something, or only to tell you?"
    return f"Do you mean {verbs[0]} or {verbs[1]}?"


def _types(intent: Intent) -> list[str]:
    return [*intent.resource_types, *(type_ for part in intent.parts for type_ in part.resource_types)]


def _filters(intent: Intent) -> list[Mapping[str, JsonValue]]:
    every: list[Mapping[str, JsonValue]] = [intent.filters, *(part.filters for part in intent.parts)]
    for filters in tuple(every):
        excluded = filters.get("exclude")
        if isinstance(excluded, dict):
            every.append(excluded)
    return every


def _named(filters: Mapping[str, JsonValue]) -> list[str]:
    values = [filters.get(key) for key in _NAMES]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if isinstance(one, str)]


def _plain(value: JsonValue) -> JsonValue:
    """Return a value so that one spelled as a list of one, or in capitals, is the same."""
    match value:
        case str():
            return value.lower()
        case [only]:
            return _plain(only)
        case list():
            return sorted((_plain(one) for one in value), key=str)
        case dict():
            return {key.lower(): _plain(one) for key, one in value.items()}
        case _:
            return value
