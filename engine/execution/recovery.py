"""What may be done with a call whose outcome is not known: after a crash, or after an answer that never came. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from engine.clouds.operation import ReplayClass, Verdict
from engine.execution.unit import Unit
from engine.storage.journal import JournalEvent

TOKENS_HONOURED = timedelta(minutes=55)
"""How long after the first call a token is trusted: Google Cloud keeps a `requestId` for at least 60 minutes.

Source: https://cloud.google.com/compute/docs/api/how-tos/api-requests-responses#idempotent_requests
"""


class Move(StrEnum):
    """The next thing to do with a unit."""

    BEGIN = "begin"
    CALL_AGAIN = "call_again"
    VERIFY = "verify"
    LOOK = "look"
    SAY_UNCERTAIN = "say_uncertain"
    NOTHING = "nothing"


def resume(unit: Unit, replay: ReplayClass, now: datetime) -> Move:
    """Say how to go on at `now` with a unit of an interrupted execution."""
    match unit.last:
        case JournalEvent.NOT_DONE if unit.doubtful:
            return _after_interruption(unit, replay, now)
        case None | JournalEvent.NOT_DONE:
            return Move.BEGIN
        case JournalEvent.CALLED:
            return Move.VERIFY
        case JournalEvent.INTENT:
            return _after_interruption(unit, replay, now)
        case _:
            return Move.NOTHING


def _after_interruption(unit: Unit, replay: ReplayClass, now: datetime) -> Move:
    """As for a call without an answer, but a token may have been forgotten meanwhile."""
    forgotten = unit.began_at is not None and now - unit.began_at > TOKENS_HONOURED
    return Move.LOOK if replay is ReplayClass.TOKEN and forgotten else unanswered(replay)


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
