"""Idle by AWS Trusted Advisor's rule, with its numbers, or not claimed at all."""

from datetime import date, timedelta

import pytest

from engine.clouds.ports import DailyUse
from engine.estate.idleness import Verdict, judge
from engine.estate.resource import Cloud

TODAY = date(2026, 3, 15)


def day(ago: int, cpu: float = 2.0, megabytes: float = 1.0) -> DailyUse:
    """Return the use of a machine some days ago."""
    return DailyUse(day=TODAY - timedelta(days=ago), cpu_mean=cpu, cpu_max=cpu + 1, network_bytes=megabytes * 1e6)


def days(quiet: int, busy: int) -> list[DailyUse]:
    """Return so many quiet days and before them so many busy ones, the last of them yesterday."""
    return [day(n) for n in range(1, quiet + 1)] + [
        day(n, cpu=60, megabytes=900) for n in range(quiet + 1, quiet + busy + 1)
    ]


@pytest.mark.parametrize(
    ("quiet", "busy", "verdict"),
    [(4, 10, Verdict.IDLE), (3, 11, Verdict.IN_USE), (14, 0, Verdict.IDLE), (0, 14, Verdict.IN_USE)],
)
def test_four_quiet_days_of_fourteen_make_a_machine_idle(quiet: int, busy: int, verdict: Verdict) -> None:
    """The boundary is between three and four."""
    judged = judge(days(quiet, busy), until=TODAY)
    assert (judged.verdict, judged.quiet_days, judged.days) == (verdict, quiet, 14)


@pytest.mark.parametrize(
    ("cpu", "megabytes", "verdict"),
    [(10.0, 5.0, Verdict.IDLE), (10.1, 5.0, Verdict.IN_USE), (10.0, 5.1, Verdict.IN_USE)],
)
def test_a_quiet_day_has_both_little_cpu_and_little_network(cpu: float, megabytes: float, verdict: Verdict) -> None:
    """Ten percent and five megabytes are still quiet; more of either is not."""
    assert judge([day(n, cpu, megabytes) for n in range(1, 15)], until=TODAY).verdict is verdict


@pytest.mark.parametrize(
    ("measured", "verdict"), [(6, Verdict.NOT_ENOUGH_DATA), (7, Verdict.IDLE), (0, Verdict.NOT_ENOUGH_DATA)]
)
def test_less_than_a_week_of_data_is_no_ground(measured: int, verdict: Verdict) -> None:
    """Six quiet days prove nothing."""
    judged = judge(days(measured, 0), until=TODAY)
    assert judged.verdict is verdict
    assert ("not enough data" in judged.sentence) is (verdict is Verdict.NOT_ENOUGH_DATA)


def test_only_the_last_fourteen_full_days_count() -> None:
    """Today is not over, older days are outside, a day given twice counts once."""
    outside = [day(0), day(15), day(16), day(17), day(18)]
    judged = judge([*outside, *days(3, 11), day(1)], until=TODAY)
    assert (judged.verdict, judged.days, judged.quiet_days) == (Verdict.IN_USE, 14, 3)


@pytest.mark.parametrize("cloud", [Cloud.AZURE, Cloud.GCP])
def test_nothing_is_claimed_for_other_clouds(cloud: Cloud) -> None:
    """The rule is AWS's own."""
    assert judge(days(14, 0), until=TODAY, cloud=cloud).verdict is Verdict.NOT_ENOUGH_DATA


def test_the_numbers_are_shown() -> None:
    """Means and maximum over the window, traffic in megabytes a day."""
    judged = judge([day(n, cpu=float(n), megabytes=2.0) for n in range(1, 11)], until=TODAY)
    assert (judged.cpu_mean, judged.cpu_max, judged.network_mb_per_day) == (5.5, 11.0, 2.0)
    assert judged.sentence == "idle: quiet on 10 of 10 days, CPU 5.5 % and network 2.0 MB a day on average"
