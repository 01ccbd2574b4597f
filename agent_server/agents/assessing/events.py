"""The event codes that are known, read from `events.tsv`.

Columns: `code`; `weight` from 0 to 60, by itself; `kind`; `undo`, whether it can be taken back; `meaning` and `why`, in which `{r}` is the
thing; `steps`, `text => what one would type`, separated by ` | `; `practices`, ids of best practices.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Kind(StrEnum):
    """What sort of harm an event does."""

    EXPOSURE = "exposure"
    LOSS = "loss"
    AVAILABILITY = "availability"
    ACCESS = "access"
    POSTURE = "posture"
    COST = "cost"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One row: what is known of an event by its code alone."""

    code: str
    weight: int
    kind: Kind
    undo: bool
    meaning: str
    why: str
    steps: tuple[tuple[str, str], ...]
    practices: tuple[str, ...]


# What the last word of an unknown code says: (weight, kind, whether it can be taken back).
_BY_WORD: tuple[tuple[tuple[str, ...], int, Kind, bool], ...] = (
    (("public", "exposed", "opened", "world", "leaked"), 45, Kind.EXPOSURE, True),
    (("deleted", "terminated", "purged", "destroyed", "dropped"), 40, Kind.LOSS, False),
    (("disabled", "removed", "suspended", "unencrypted"), 25, Kind.POSTURE, True),
    (("low", "full", "high", "unhealthy", "failed", "failing", "down", "unreachable", "expired"), 30, Kind.AVAILABILITY, True),
    (("stopped", "restarted", "deallocated"), 15, Kind.AVAILABILITY, True),
    (("granted", "attached", "escalated", "login"), 25, Kind.ACCESS, True),
    (("exceeded", "anomaly", "spike"), 25, Kind.COST, True),
    (("created", "launched", "started", "changed", "updated", "modified"), 8, Kind.INFO, True),
)  # fmt: skip


@cache
def events() -> dict[str, Known]:
    """Return every row by its code."""
    table = resources.files(__package__).joinpath("events.tsv").read_text(encoding="utf-8")
    rows = (_row(line) for line in table.splitlines()[1:] if line)
    return {row.code: row for row in rows}


def known(code: str) -> Known | None:
    """Return the row of a code; one made from its last word where there is none; None when even that says nothing."""
    if (found := events().get(code)) is not None:
        return found
    last = code.rpartition(".")[2].split("_")
    for words, weight, kind, undo in _BY_WORD:
        if set(words) & set(last):
            said = " ".join(last)
            return Known(
                code=code,
                weight=weight,
                kind=kind,
                undo=undo,
                meaning=f"{{r}}: {said}.",
                why="I know this kind of event only by its name.",
                steps=(("Look at it", "describe {r}"), ("See what changed", "what changed since yesterday")),
                practices=(),
            )
    return None


def _row(line: str) -> Known:
    code, weight, kind, undo, meaning, why, steps, practices = line.split("\t")
    return Known(
        code=code,
        weight=int(weight),
        kind=Kind(kind),
        undo=undo == "yes",
        meaning=meaning,
        why=why,
        steps=tuple(_step(step) for step in steps.split(" | ")),
        practices=tuple(practices.split(", ")),
    )


def _step(text: str) -> tuple[str, str]:
    said, _, ask = text.partition(" => ")
    return said, ask
