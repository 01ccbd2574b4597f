"""Numbers, times and counts come out as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from blocks import wording
from blocks.components import TimeStyle


@pytest.mark.parametrize(
    ("amount", "said"),
    [(1247, "$1,247"), (11.4, "$11.40"), (5, "$5"), (99.999, "$100"), (-12.5, "-$12.50"), (0, "$0"), (-0.001, "$0")],
)
def test_money_has_cents_only_where_they_matter(amount: float, said: str) -> None:
    """Cents stand below one hundred and only where there are some."""
    assert wording.money(amount) == said


def test_money_without_a_symbol_names_its_currency() -> None:
    """A currency we have no sign for is written out."""
    assert wording.money(1500, "CHF") == "1,500 CHF"


@pytest.mark.parametrize(("amount", "said"), [(186, "+$186"), (-12.5, "-$12.50"), (0, "$0"), (0.001, "$0")])
def test_a_change_of_money_has_its_sign(amount: float, said: str) -> None:
    """More has a plus, less a minus, nothing neither."""
    assert wording.signed_money(amount) == said


@pytest.mark.parametrize(("share", "said"), [(17.5, "+17.5 %"), (-3, "-3 %"), (0, "0 %"), (-0.01, "0 %")])
def test_a_change_in_percent_has_its_sign(share: float, said: str) -> None:
    """Percentages have one digit at most."""
    assert wording.signed_percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (9, "9 s"),
        (59.6, "1 min"),
        (137, "2 min 17 s"),
        (3725, "1 h 2 min"),
        (7200, "2 h"),
        (259_200, "3 d"),
    ],
)
def test_durations_are_said_in_two_units_at_most(seconds: float, said: str) -> None:
    """Seconds, minutes, hours, days."""
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(14, "0:14"), (137, "2:17"), (3725, "1:02:05")])
def test_a_running_clock_reads_like_one(seconds: float, said: str) -> None:
    """Minutes and seconds, hours where there are some."""
    assert wording.clock(seconds) == said


def test_counts_agree_with_their_nouns() -> None:
    """One is singular; an irregular plural can be given."""
    assert [wording.count(1, "bucket"), wording.count(3, "bucket")] == ["1 bucket", "3 buckets"]
    assert wording.count(1200, "policy", "policies") == "1,200 policies"


def test_a_moment_is_shown_in_the_readers_zone() -> None:
    """The zone is named with the time."""
    noon = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
    assert wording.moment(noon, TimeStyle.TIME, ZoneInfo("Europe/Berlin")) == "13:00 CET"
    assert wording.moment(noon, TimeStyle.DATETIME, UTC) == "15 Mar 12:00 UTC"
    assert wording.moment(noon, TimeStyle.DATE, UTC) == "15 Mar 2026"


def test_sizes_use_the_largest_fitting_unit() -> None:
    """Powers of one thousand, one digit at most."""
    assert [wording.size(512), wording.size(1500), wording.size(20e9)] == ["512 B", "1.5 KB", "20 GB"]
