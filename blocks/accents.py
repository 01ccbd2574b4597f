"""One accent per state, always with its word: colour alone says nothing to many readers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from blocks.components.vocabulary import RiskLevel, Severity, State, TargetState, Tone


class Accent(StrEnum):
    """What a state looks like."""

    NEUTRAL = "neutral"
    WAITING = "waiting"
    RUNNING = "running"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A state in words with its accent."""

    words: str
    accent: Accent


EMOJI: Final = {
    Accent.NEUTRAL: "⚪",
    Accent.WAITING: "🟡",
    Accent.RUNNING: "🔵",
    Accent.GOOD: "🟢",
    Accent.WARNING: "🟠",
    Accent.BAD: "🔴",
    Accent.OFF: "⚫",
}

STATES: Final = {
    State.WAITING: Badge(words="waiting for approval", accent=Accent.WAITING),
    State.APPROVED: Badge(words="approved", accent=Accent.GOOD),
    State.SCHEDULED: Badge(words="scheduled", accent=Accent.WAITING),
    State.RUNNING: Badge(words="running", accent=Accent.RUNNING),
    State.DONE: Badge(words="done", accent=Accent.GOOD),
    State.PARTIAL: Badge(words="partly done", accent=Accent.WARNING),
    State.FAILED: Badge(words="failed", accent=Accent.BAD),
    State.UNCERTAIN: Badge(words="uncertain", accent=Accent.WARNING),
    State.REFUSED: Badge(words="refused", accent=Accent.BAD),
    State.REJECTED: Badge(words="rejected", accent=Accent.OFF),
    State.CANCELLED: Badge(words="cancelled", accent=Accent.OFF),
    State.EXPIRED: Badge(words="expired", accent=Accent.OFF),
    State.VOID: Badge(words="void: it changed meanwhile", accent=Accent.OFF),
}

TARGETS: Final = {
    TargetState.PENDING: ("·", "waiting", Accent.NEUTRAL),
    TargetState.RUNNING: ("◔", "running", Accent.RUNNING),
    TargetState.DONE: ("✔", "done", Accent.GOOD),
    TargetState.FAILED: ("✘", "failed", Accent.BAD),
    TargetState.UNCERTAIN: ("?", "uncertain", Accent.WARNING),
    TargetState.SKIPPED: ("-", "skipped", Accent.OFF),
    TargetState.CANCELLED: ("-", "cancelled", Accent.OFF),
}

RISKS: Final = {
    RiskLevel.LOW: Tone.NORMAL,
    RiskLevel.MEDIUM: Tone.WARNING,
    RiskLevel.HIGH: Tone.BAD,
    RiskLevel.CRITICAL: Tone.BAD,
}

SEVERITIES: Final = {
    Severity.INFO: Accent.NEUTRAL,
    Severity.LOW: Accent.RUNNING,
    Severity.MEDIUM: Accent.WAITING,
    Severity.HIGH: Accent.WARNING,
    Severity.CRITICAL: Accent.BAD,
}

TONES: Final = {
    Tone.NORMAL: Accent.NEUTRAL,
    Tone.GREY: Accent.NEUTRAL,
    Tone.GOOD: Accent.GOOD,
    Tone.WARNING: Accent.WARNING,
    Tone.BAD: Accent.BAD,
}


def badge(state: State, words: str = "") -> Badge:
    """The badge of a state, with other words where the view has better ones ("3 of 5 · 0:14")."""
    return Badge(words=words or STATES[state].words, accent=STATES[state].accent)
