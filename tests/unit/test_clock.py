"""The clock that never goes back still goes on."""

from datetime import UTC, datetime, timedelta

from engine.clock import NeverBack

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


class Hands:
    """A wall clock and a monotonic one that a test moves."""

    def __init__(self):
        self.wall, self.seconds = NOON, 100.0
        self.clock = NeverBack(lambda: self.wall, monotonic=lambda: self.seconds)

    def passes(self, seconds, *, wall=True):
        """Let time pass, on the wall too or not."""
        self.seconds += seconds
        if wall:
            self.wall += timedelta(seconds=seconds)


def test_it_follows_a_clock_that_goes_forward():
    """Nothing is changed while nothing is wrong."""
    hands = Hands()
    assert hands.clock() == NOON
    hands.passes(5)
    assert hands.clock() == NOON + timedelta(seconds=5)


def test_set_back_by_an_hour_it_goes_on_from_where_it_was():
    """An hour back on the wall is no hour back here, and a minute still takes a minute."""
    hands = Hands()
    hands.clock()
    hands.wall -= timedelta(hours=1)
    assert hands.clock() == NOON
    hands.passes(60)
    assert hands.clock() == NOON + timedelta(seconds=60)


def test_when_the_wall_has_caught_up_it_is_followed_again():
    """The wall clock, set right, leads again."""
    hands = Hands()
    hands.clock()
    hands.wall -= timedelta(seconds=10)
    hands.passes(3)
    assert hands.clock() == NOON + timedelta(seconds=3)
    hands.wall = NOON + timedelta(seconds=30)
    assert hands.clock() == NOON + timedelta(seconds=30)


def test_a_floor_from_the_record_holds():
    """What the record has seen is never before now."""
    hands = Hands()
    hands.clock.at_least(NOON + timedelta(days=1))
    hands.passes(2)
    assert hands.clock() == NOON + timedelta(days=1, seconds=2)
