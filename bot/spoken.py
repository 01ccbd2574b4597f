"""Text commands: everything a button does can be typed. Pure.

Only exact forms are commands; anything else is a message to be understood, so that "approve my holiday" is not a decision.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """The commands."""

    APPROVE = "approve"
    REJECT = "reject"
    STATUS = "status"
    PENDING = "pending"
    CANCEL = "cancel"
    UNDO = "undo"
    DETAILS = "details"
    MORE = "more"
    WHOAMI = "whoami"
    WHY = "why"
    HELP = "help"
    SYNC = "sync"
    REPORT = "report"
    LOG = "log"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, the plan it names (empty: the one of this thread), and what was typed behind it."""

    verb: Verb
    plan_id: str = ""
    reason: str = ""
    confirm: str = ""


_PLAN = r"(?P<plan>p-[0-9a-hjkmnp-tv-z]{8})"
_FORMS = re.compile(
    rf"^(?:(?P<plain>pending|whoami|help|sync|more|report|status)"
    rf"|(?P<about>status|cancel|undo|details|why|log|check|show)(?:\s+{_PLAN})?"
    rf"|(?P<decide>approve|reject)(?:\s+(?:plan\s+)?{_PLAN.replace('plan', 'decided', 1)})?"
    rf"(?:\s+(?:--confirm|confirm)\s+(?P<confirm>\S+))?(?:\s+(?:--reason\s+|because\s+|reason:?\s+)(?P<reason>.+)|\s+(?P<rest>.+))?)[.!]?$",
    re.IGNORECASE | re.DOTALL,
)


def command(text: str) -> Command | None:
    """Return the command that `text` is, or None when it is a message to be understood."""
    found = _FORMS.match(text.strip())
    if found is None:
        return None
    if found["plain"]:
        return Command(verb=Verb(found["plain"].lower()))
    if found["about"]:
        return _about(found["about"].lower(), (found["plan"] or "").lower())
    return _decision(found)


def _about(word: str, plan_id: str) -> Command | None:
    if not plan_id and word in {"check", "show", "why"}:
        return None
    return Command(verb=Verb.STATUS if word == "show" else Verb(word), plan_id=plan_id)


def _decision(found: re.Match[str]) -> Command | None:
    plan_id = (found["decided"] or "").lower()
    rest = found["rest"] or ""
    if rest and not plan_id:
        return None
    return Command(
        verb=Verb(found["decide"].lower()),
        plan_id=plan_id,
        reason=(found["reason"] or rest).strip(),
        confirm=found["confirm"] or "",
    )
