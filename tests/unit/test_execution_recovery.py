"""What the journal says of a unit, and what may be done with a call whose outcome is not known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clouds.operation import ReplayClass, Verdict
from engine.execution.recovery import TOKENS_HONOURED, Move, after_look, resume, unanswered
from engine.execution.unit import JournalLine, Unit, UnitKey, UnitState, advanced, fold
from engine.storage.journal import JournalEvent as Event

KEY = UnitKey("s1", "i-1")
AT = datetime(2031, 3, 1, tzinfo=UTC)
FINAL = (Event.DONE, Event.FAILED, Event.UNCERTAIN, Event.SKIPPED, Event.CANCELLED)


def unit(*events: tuple[Event, int]) -> Unit:
    """Fold events, each with its attempt, one second apart."""
    lines = [
        JournalLine(key=KEY, event=event, attempt=attempt, at=AT + timedelta(seconds=n))
        for n, (event, attempt) in enumerate(events)
    ]
    return fold([KEY], lines)[KEY]


I1, I2, CALLED, NOT_DONE = (Event.INTENT, 1), (Event.INTENT, 2), (Event.CALLED, 1), (Event.NOT_DONE, 1)


@pytest.mark.parametrize(
    ("events", "moves"),
    [
        ((), dict.fromkeys(ReplayClass, Move.BEGIN)),
        ((I1, NOT_DONE), dict.fromkeys(ReplayClass, Move.BEGIN)),
        ((I1, CALLED), dict.fromkeys(ReplayClass, Move.VERIFY)),
        (
            (I1,),
            {
                ReplayClass.TOKEN: Move.CALL_AGAIN,
                ReplayClass.NATURAL: Move.CALL_AGAIN,
                ReplayClass.STATE: Move.LOOK,
                ReplayClass.CAS: Move.LOOK,
                ReplayClass.ONCE: Move.SAY_UNCERTAIN,
            },
        ),
        (
            (I1, I2, (Event.NOT_DONE, 2)),
            {ReplayClass.TOKEN: Move.CALL_AGAIN, ReplayClass.NATURAL: Move.CALL_AGAIN, ReplayClass.STATE: Move.LOOK},
        ),
        *(((I1, (end, 1)), dict.fromkeys(ReplayClass, Move.NOTHING)) for end in FINAL),
    ],
    ids=["nothing", "refused", "answered", "unanswered", "unanswered, then refused", *FINAL],
)
def test_the_next_start_goes_on_by_the_last_line_and_the_replay_class(events, moves):
    """Nothing that may have been done is done again unless its class allows it."""
    for replay, move in moves.items():
        assert resume(unit(*events), replay, AT + timedelta(seconds=5)) is move


def test_a_token_is_not_trusted_for_ever():
    """After the time for which clouds keep tokens, one looks first."""
    sent = unit(I1)
    assert resume(sent, ReplayClass.TOKEN, AT + TOKENS_HONOURED) is Move.CALL_AGAIN
    assert resume(sent, ReplayClass.TOKEN, AT + TOKENS_HONOURED + timedelta(seconds=1)) is Move.LOOK
    assert resume(sent, ReplayClass.NATURAL, AT + timedelta(days=2)) is Move.CALL_AGAIN


def test_a_look_decides_only_what_it_shows():
    """Done or under way is verified, not done is called, what looks the same before and after is uncertain."""
    assert {verdict: after_look(verdict) for verdict in Verdict} == {
        Verdict.DONE: Move.VERIFY,
        Verdict.UNDERWAY: Move.VERIFY,
        Verdict.NOT_DONE: Move.CALL_AGAIN,
        Verdict.UNTOLD: Move.SAY_UNCERTAIN,
    }


def test_once_is_never_sent_again():
    """No last line and no time makes a second call of `once` out of one that may have been made."""
    assert unanswered(ReplayClass.ONCE) is Move.SAY_UNCERTAIN
    for days in (0, 1, 400):
        assert resume(unit(I1), ReplayClass.ONCE, AT + timedelta(days=days)) is Move.SAY_UNCERTAIN


def test_the_fold_tells_state_attempts_times_and_doubt():
    """The newest line is the state; the first intent is the beginning; an intent after an intent leaves a doubt."""
    assert unit() == Unit(key=KEY)
    running = unit(I1)
    assert (running.state, running.attempts, running.began_at, running.doubtful) == (UnitState.RUNNING, 1, AT, False)
    again = unit(I1, I2)
    assert (again.attempts, again.doubtful, again.began_at) == (2, True, AT)
    assert not unit(I1, NOT_DONE, I2).doubtful
    done = unit(I1, I2, (Event.CALLED, 2), (Event.DONE, 2))
    assert (done.state, done.ended_at) == (UnitState.SUCCEEDED, AT + timedelta(seconds=3))
    skipped = unit((Event.SKIPPED, 0))
    assert (skipped.state, skipped.attempts, skipped.began_at) == (UnitState.SKIPPED, 0, None)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(list(Event)), st.integers(0, 6)), max_size=12))
def test_a_fold_in_one_go_is_a_fold_line_by_line(events):
    """What the running process knows is what a restart reads."""
    one_by_one = Unit(key=KEY)
    for n, (event, attempt) in enumerate(events):
        line = JournalLine(key=KEY, event=event, attempt=attempt, at=AT + timedelta(seconds=n))
        one_by_one = advanced(one_by_one, line)
    assert one_by_one == unit(*events)
    assert one_by_one.state.final == (bool(events) and events[-1][0] in FINAL)
