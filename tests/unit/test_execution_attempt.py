"""The life of one unit against everything a cloud may answer: nothing twice, nothing guessed, nothing after a cancel."""

import pytest

from engine.clouds.errors import CloudError, Conflict, Denied, NotSent, Throttled, Unanswered
from engine.clouds.operation import ReplayClass, Verdict
from engine.execution.attempt import MOST_ATTEMPTS
from engine.execution.recovery import Move
from engine.execution.unit import UnitState
from engine.storage.journal import JournalEvent as Event
from tests.fakes.scripted_account import Lived, ScriptedAccount


def raising(error: Exception):
    """Order: refuse or break without doing anything."""

    def order(_account: ScriptedAccount) -> None:
        raise error

    return order


def lost(account: ScriptedAccount) -> None:
    """Order: do it, and lose the answer."""
    account.stops()
    raise Unanswered("reset", "the connection was reset")


done = ScriptedAccount.stops
throttled = raising(Throttled("SlowDown", "too many calls", retry_after=3.0))


async def test_a_throttled_call_waits_as_asked_and_is_sent_again_with_the_same_token():
    """Each attempt is written before it is sent and after it was refused."""
    lived = Lived(ScriptedAccount(throttled, throttled, done))
    unit = await lived.go()
    assert unit.state is UnitState.SUCCEEDED
    assert [event for event, _ in lived.events] == [
        *[Event.INTENT, Event.NOT_DONE] * 2, Event.INTENT, Event.CALLED, Event.DONE,
    ]  # fmt: skip
    assert lived.waited >= 6.0
    assert len({attempt.token for attempt in lived.account.attempts}) == 1


@pytest.mark.parametrize("error", [Throttled("SlowDown", "too many"), NotSent("refused", "nobody listens")])
async def test_it_gives_up_after_a_fixed_number_of_attempts(error):
    """No more than the most attempts, and the failure says how many."""
    lived = Lived(ScriptedAccount(raising(error)))
    unit = await lived.go()
    assert (unit.state, unit.attempts, len(lived.account.attempts)) == (UnitState.FAILED, MOST_ATTEMPTS, MOST_ATTEMPTS)
    assert f"after {MOST_ATTEMPTS} attempts" in unit.message


@pytest.mark.parametrize("replay", [ReplayClass.TOKEN, ReplayClass.NATURAL])
async def test_a_lost_answer_is_asked_for_again_where_that_does_nothing_twice(replay):
    """The second call carries the same token; the unit ends verified."""
    lived = Lived(ScriptedAccount(lost, done), replay)
    assert (await lived.go()).state is UnitState.SUCCEEDED
    assert len({attempt.token for attempt in lived.account.attempts}) == 1


@pytest.mark.parametrize("replay", [ReplayClass.STATE, ReplayClass.CAS])
async def test_a_lost_answer_is_looked_for_where_a_second_call_would_count(replay):
    """It shows that it was done: one call only."""
    lived = Lived(ScriptedAccount(lost), replay)
    assert (await lived.go()).state is UnitState.SUCCEEDED
    assert len(lived.account.attempts) == 1


async def test_a_lost_answer_of_once_is_uncertain_with_what_can_be_seen():
    """It is not sent again, and the sentence says why and how the machine is."""
    lived = Lived(ScriptedAccount(lost), ReplayClass.ONCE)
    unit = await lived.go()
    assert unit.state is UnitState.UNCERTAIN
    assert "the connection was reset" in unit.message
    assert "it is stopped now" in unit.message
    assert "I have not tried again" in unit.message
    assert len(lived.account.attempts) == 1


@pytest.mark.parametrize("replay", [ReplayClass.TOKEN, ReplayClass.NATURAL, ReplayClass.STATE])
@pytest.mark.parametrize("error", [Conflict("State", "it is stopped already"), Denied("No", "you may not")])
async def test_a_refusal_after_a_lost_answer_is_not_a_failure_when_it_was_done(replay, error):
    """The first call did it, whatever the second was told."""

    def late(account: ScriptedAccount) -> None:
        account.stops()
        raise error

    lived = Lived(ScriptedAccount(raising(Unanswered("reset", "reset")), late), replay)
    assert (await lived.go()).state is UnitState.SUCCEEDED


async def test_a_refusal_after_a_lost_answer_is_uncertain_when_nothing_can_be_seen():
    """Nothing to see, nothing claimed."""
    orders = (raising(Unanswered("reset", "reset")), raising(Denied("No", "you may not")))
    lived = Lived(ScriptedAccount(*orders), verdict=lambda _now, _params: Verdict.UNTOLD)
    assert (await lived.go()).state is UnitState.UNCERTAIN


async def test_a_refusal_of_the_only_call_is_a_failure():
    """Nothing was done, and the cloud's own words are kept."""
    unit = await Lived(ScriptedAccount(raising(Denied("AccessDenied", "you may not")))).go()
    assert (unit.state, unit.code, unit.message) == (UnitState.FAILED, "AccessDenied", "you may not")


@pytest.mark.parametrize(
    ("replay", "end"), [(ReplayClass.ONCE, UnitState.UNCERTAIN), (ReplayClass.STATE, UnitState.SUCCEEDED)]
)
async def test_what_no_account_foresaw_counts_as_no_answer(replay, end):
    """A bug below us may have struck after the call was sent."""

    def strange(account: ScriptedAccount) -> None:
        account.stops()
        raise KeyError("Reservations")

    lived = Lived(ScriptedAccount(strange), replay)
    assert (await lived.go()).state is end
    assert len(lived.account.attempts) == 1


async def test_cancel_ends_the_wait_for_another_attempt():
    """Asked to wait long, it waits half a second more at most, sends nothing and says so."""
    lived = Lived(ScriptedAccount(raising(Throttled("SlowDown", "wait", retry_after=25.0)), done), cancel_after=2.0)
    unit = await lived.go()
    assert (unit.state, unit.message) == (UnitState.CANCELLED, "cancelled before it was tried again")
    assert lived.waited <= 2.5
    assert len(lived.account.attempts) == 1


async def test_cancel_while_it_looks_sends_nothing():
    """Between the look before and the call there is time for a cancel."""
    lived = Lived(ScriptedAccount(done), cancel_after=0.0)
    unit = await lived.go()
    assert (unit.state, lived.account.attempts) == (UnitState.CANCELLED, [])


async def test_cancel_after_a_lost_answer_tells_what_was_done():
    """It was stopped, so it is not called cancelled."""
    lived = Lived(ScriptedAccount(lost), cancel_after=0.1)
    assert (await lived.go()).state is UnitState.SUCCEEDED
    assert len(lived.account.attempts) == 1


async def test_a_process_that_leaves_lets_the_unit_lie_where_the_journal_has_it():
    """The answer is kept, nothing is made up, and the next start verifies."""
    lived = Lived(ScriptedAccount(lambda _account: None), leave_after=0.3)
    unit = await lived.go()
    assert (unit.state, unit.last) == (UnitState.RUNNING, Event.CALLED)
    lived.leave_after = float("inf")
    lived.account.stops()
    assert (await lived.go(Move.VERIFY)).state is UnitState.SUCCEEDED


async def test_accepted_and_never_seen_done_is_uncertain():
    """After the operation's deadline the last look is told."""
    unit = await Lived(ScriptedAccount(lambda _account: None)).go()
    assert (unit.state, unit.code) == (UnitState.UNCERTAIN, "not_verified")
    assert "it is running" in unit.message


async def test_a_target_that_cannot_be_looked_at_is_not_touched():
    """No look before, no call."""
    lived = Lived(ScriptedAccount(done))
    lived.account.unreadable = CloudError("Away", "the region does not answer")
    unit = await lived.go()
    assert (unit.state, lived.account.attempts) == (UnitState.FAILED, [])
    assert "could not look before acting" in unit.message
