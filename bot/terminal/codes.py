"""The exit codes of the objects that commands print. Pure, and cheap to import: it knows words, not the engine's types."""

from collections.abc import Mapping
from typing import Any, Final

OK: Final = 0
NO: Final = 1
USAGE: Final = 2
BROKEN: Final = 3
BROKE: Final = "broken"
"""The code of a decision that could not be taken because something broke: no is not the same as not able."""
_ENDED_BADLY: Final = frozenset({"failed", "partial", "uncertain"})
_CANCELLED: Final = "cancelled"
_DECIDED_WELL: Final = frozenset({"approved", "waiting"})
_OPEN_PLAN: Final = frozenset({"waiting", "approved", "executed"})


def exit_code(shape: Mapping[str, Any]) -> int:
    """Return the exit code of a printed object."""
    done = shape.get("execution")
    if done is not None:
        return ended(str(done["state"]))
    if shape.get("code") == BROKE:
        return BROKEN
    if "decision" in shape:
        return OK if shape["decision"] in _DECIDED_WELL else NO
    match shape.get("kind"):
        case "answer" | "execution":
            return OK
        case "plan":
            return OK if shape.get("state") in _OPEN_PLAN else NO
        case "error":
            return BROKEN
        case _:
            return NO


def ended(state: str) -> int:
    """Return the exit code of an execution's state."""
    if state in _ENDED_BADLY:
        return BROKEN
    return NO if state == _CANCELLED else OK
