"""A plan that follows a playbook: its own steps, with its own values, in its own order, over the request's handles. Pure.

The runner holds such a plan against the same playbook and refuses any difference, so nothing is added here and nothing left out but steps that
lead and are done already. What acts on what, and how grave it is, comes from the capabilities; the playbook's own words about it are not
believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agent_server.agents import risk, wording
from agent_server.agents.capabilities import Capability, known
from agent_server.agents.filling import valued
from agent_server.agents.frame import Frame
from agent_server.agents.outcomes import clarify, refuse, strategy
from agent_server.agents.parameters import Missing, Unfit
from agent_server.agents.validation import findings, standing_problems
from agent_server.contract.placeholders import filled
from agent_server.contract.plan import (
    Finding,
    PlanReply,
    PlanRequest,
    PlaybookUse,
    ProposedPlan,
    ProposedStep,
    Risk,
    TargetFacts,
)
from agent_server.contract.playbook import Playbook, PlaybookStep
from agent_server.contract.soundness import faults

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One step of the playbook with what is known of it."""

    row: Capability
    params: dict[str, JsonValue]
    after: frozenset[int]
    reason: str


def follow(request: PlanRequest, use: PlaybookUse) -> PlanReply:
    """Return the plan that a playbook makes of these targets, or the question or refusal it ends in."""
    steps = _steps(request, use)
    if isinstance(steps, PlanReply):
        return steps
    handles = [target.handle for target in request.targets]
    if len(set(handles)) != len(handles):
        return refuse("Two targets have the same handle; I cannot tell them apart.")
    if missing := _without_targets(steps, request.targets):
        return clarify(missing)
    places = _placed(steps, request.targets)
    if isinstance(places, str):
        return refuse(places)
    if not any(places.values()):
        return refuse("Everything is already as the playbook would make it; there is nothing to do.")
    return _settled(_plan(steps, places, request), request, use.playbook)


def _steps(request: PlanRequest, use: PlaybookUse) -> tuple[_Step, ...] | PlanReply:
    """Read the playbook against what the runner offers and the values that were given."""
    playbook = use.playbook
    if not playbook.steps:
        return refuse(
            "The procedure is a script; I plan typed steps only. You can read the script and run it yourself."
        )
    if wrong := faults(playbook):
        return refuse(f"The playbook cannot be followed: {wrong[0][1]}.")
    offered = frozenset(request.capabilities)
    unknown = list(
        dict.fromkeys(
            step.operation for step in playbook.steps if step.operation not in offered or step.operation not in known()
        )
    )
    if unknown:
        return refuse(_cannot(unknown, playbook))
    values = valued(playbook, use.parameters)
    if isinstance(values, Missing):
        return clarify(values.question)
    if isinstance(values, Unfit):
        return refuse(values.message)
    try:
        return tuple(_read(index, step, values.by_name) for index, step in enumerate(playbook.steps))
    except KeyError:
        return refuse("A step wants a value that nobody gave: the parameter is optional and has no default.")


def _read(index: int, step: PlaybookStep, values: Mapping[str, JsonValue]) -> _Step:
    row = known()[step.operation]
    # What destroys comes last even where the playbook forgot to say so.
    after = frozenset(range(index)) if row.effect == "destroy" else frozenset(step.depends_on)
    params = {key: filled(value, values) for key, value in step.params.items()}
    reason = f"Step {index + 1} of the playbook: {row.verb} {wording.noun(row.type, row.cloud, many=True)}."
    return _Step(row=row, params=params, after=after, reason=reason)


def _cannot(unknown: Sequence[str], playbook: Playbook) -> str:
    named = ", ".join(unknown[:_MOST_NAMED])
    rest = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    script = " It also comes as a script, which you can read and run yourself." if playbook.scripts else ""
    return f"I cannot follow this playbook, because this runner does not do {named}{rest}.{script}"


def _without_targets(steps: Sequence[_Step], targets: Sequence[TargetFacts]) -> str:
    """Return the question for a kind of thing that the playbook acts on and that nobody named."""
    given = {(target.cloud, target.type) for target in targets}
    lacking = [step.row for step in steps if (step.row.cloud, step.row.type) not in given]
    if not lacking:
        return ""
    first = lacking[0]
    return f"Which {wording.noun(first.type, first.cloud, many=True)} do you mean? The playbook acts on them."


def _placed(steps: Sequence[_Step], targets: Sequence[TargetFacts]) -> dict[int, list[str]] | str:
    """Return the handles of each step, or why some target cannot be begun with.

    A step that leads and is done already is left out for that target; what comes after a step that stays sees another state than today's.
    """
    places: dict[int, list[str]] = {index: [] for index in range(len(steps))}
    wrong: list[tuple[Capability, str]] = []
    for target in targets:
        begun = False
        for index, step in enumerate(steps):
            if (step.row.cloud, step.row.type) != (target.cloud, target.type):
                continue
            if not begun and target.state and target.state in step.row.done_states:
                continue
            if not begun and _is_wrong(step.row, target.state):
                wrong.append((step.row, target.state))
            begun = True
            places[index].append(target.handle)
    if wrong:
        row = wrong[0][0]
        count = f"{len(wrong)} target{'s are' if len(wrong) > 1 else ' is'}"
        return f"{count} in no state to {row.verb}; it takes {' or '.join(sorted(row.from_states))}."
    return places


def _is_wrong(row: Capability, state: str) -> bool:
    return bool(row.from_states and state and state not in row.from_states)


def _plan(steps: Sequence[_Step], places: Mapping[int, Sequence[str]], request: PlanRequest) -> ProposedPlan:
    """Write the steps down; what waits for a step that was left out waits for what that waited for."""
    at = {index: place for place, index in enumerate(index for index in range(len(steps)) if places[index])}
    proposed = [
        ProposedStep(
            operation=step.row.operation,
            targets=list(places[index]),
            params=step.params,
            depends_on=sorted({at[earlier] for earlier in _standing(step.after, steps, at)}),
            reason=step.reason,
        )
        for index, step in enumerate(steps)
        if index in at
    ]
    return ProposedPlan(strategy=strategy(proposed, request), steps=proposed)


def _standing(after: frozenset[int], steps: Sequence[_Step], at: Mapping[int, int]) -> Iterator[int]:
    for earlier in sorted(after):
        if earlier in at:
            yield earlier
        else:
            yield from _standing(steps[earlier].after, steps, at)


def _settled(plan: ProposedPlan, request: PlanRequest, playbook: Playbook) -> PlanReply:
    frame = Frame(request=request, parts=())
    problems = tuple(standing_problems(plan.steps, frame))
    found = list(findings(problems))
    if stops := next((one for one in problems if one.severity == "error"), None):
        return refuse(stops.message, found)
    kinds = {(known()[step.operation].cloud, known()[step.operation].type) for step in plan.steps}
    if others := [one.handle for one in request.targets if (one.cloud, one.type) not in kinds]:
        message = f"The playbook does nothing to {len(others)} of the targets."
        found.append(
            Finding(code="target.type", message=message, severity="warning", repair="left_out", targets=others)
        )
    sound = plan.model_copy(update={"rollback": wording.rollback(plan, frame.target)})
    return PlanReply(
        kind="plan",
        summary=wording.summary(sound, frame.target),
        plan=sound,
        validation=found[:50],
        risk=_at_least(risk.assess(sound, frame.target, request.moment), playbook),
    )


def _at_least(judged: Risk, playbook: Playbook) -> Risk:
    """Let a playbook raise the risk and never lower it."""
    if risk.LEVELS.index(playbook.risk) <= risk.LEVELS.index(judged.level):
        return judged
    reasons = [f"the playbook itself says {playbook.risk}", *judged.reasons]
    return Risk(level=playbook.risk, score=risk.floor_of(playbook.risk), reasons=reasons[:20])
