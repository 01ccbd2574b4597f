"""What may be done with a call whose outcome is not known: after a crash, or after an answer that never came. Pure."""

from enum import StrEnum

from engine.clouds.operation import ReplayClass, Verdict
from engine.execution.unit import Unit
from engine.storage.journal import JournalEvent


class Move(StrEnum):
    """The next thing to do with a unit."""

    BEGIN = "begin"
    CALL_AGAIN = "call_again"
    VERIFY = "verify"
    LOOK = "look"
    SAY_UNCERTAIN = "say_uncertain"
    NOTHING = "nothing"


def resume(unit: Unit, replay: ReplayClass) -> Move:
    """Say how to go on with a unit of an interrupted execution."""
    match unit.last:
        case None | JournalEvent.NOT_DONE:
            return Move.BEGIN
        case JournalEvent.CALLED:
            return Move.VERIFY
        case JournalEvent.INTENT:
            return unanswered(replay)
        case _:
            return Move.NOTHING


def unanswered(replay: ReplayClass) -> Move:
    """Say what to do when a call was intended, perhaps sent, and no answer is known."""
    match replay:
        case ReplayClass.TOKEN | ReplayClass.NATURAL:
            return Move.CALL_AGAIN
        case ReplayClass.STATE | ReplayClass.CAS:
            return Move.LOOK
        case ReplayClass.ONCE:
            return Move.SAY_UNCERTAIN


def after_look(verdict: Verdict) -> Move:
    """Say what to do once a fresh read has told how the target is."""
    match verdict:
        case Verdict.DONE | Verdict.UNDERWAY:
            return Move.VERIFY
        case Verdict.NOT_DONE:
            return Move.CALL_AGAIN
        case Verdict.UNTOLD:
            return Move.SAY_UNCERTAIN
