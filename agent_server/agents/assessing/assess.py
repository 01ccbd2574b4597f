"""From an event or an outcome to a judgement."""

from agent_server.agents.assessing.events import Known, known
from agent_server.agents.assessing.outcome import judged
from agent_server.agents.assessing.severity import level_of, weighed
from agent_server.contract.assess import AssessReply, AssessRequest, Event, NextStep
from agent_server.contract.plan import TargetFacts

_UNKNOWN_SCORE = 25


def assess(request: AssessRequest) -> AssessReply:
    """Judge one event, or how an execution ended; with neither, say that there is nothing to judge."""
    if request.event is not None:
        return _of_event(request.event, request.targets)
    return judged(request.outcome, request.targets)


def _of_event(event: Event, targets: list[TargetFacts]) -> AssessReply:
    row = known(event.code)
    handle = targets[0].handle if targets else "it"
    if row is None:
        return AssessReply(
            severity=level_of(_UNKNOWN_SCORE),
            score=_UNKNOWN_SCORE,
            explanation=["I do not know this kind of event, so somebody should look at it."],
            reasons=["an unknown event counts as medium until somebody has looked"],
            next_steps=_steps((("Look at it", "describe {r}"),) if targets else (), handle),
        )
    parts = weighed(row, event.facts, targets)
    score = max(0, min(100, sum(weight for weight, _ in parts)))
    meaning = row.meaning.format(r=_them(targets))
    return AssessReply(
        severity=level_of(score),
        score=score,
        explanation=[meaning[:1].upper() + meaning[1:] if not targets else meaning, row.why],
        reasons=[reason for _, reason in parts],
        next_steps=_steps(_fitting(row, targets), handle),
    )


def _fitting(row: Known, targets: list[TargetFacts]) -> tuple[tuple[str, str], ...]:
    """Return the steps that name a thing only where there is one to name."""
    return tuple(step for step in row.steps if targets or "{r}" not in step[1])


def _steps(steps: tuple[tuple[str, str], ...], handle: str) -> list[NextStep]:
    return [NextStep(text=text, ask=ask.format(r=handle)) for text, ask in steps][:8]


def _them(targets: list[TargetFacts]) -> str:
    if not targets:
        return "it"
    return targets[0].handle if len(targets) == 1 else f"{targets[0].handle} and {len(targets) - 1} more"
