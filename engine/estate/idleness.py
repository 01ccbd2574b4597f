"""Whether a machine is idle, by AWS Trusted Advisor's published rule: pure.

Source: AWS Trusted Advisor, "Low Utilization Amazon EC2 Instances": on at least 4 of the last 14 days the daily CPU
utilisation was 10 % or less and network traffic 5 MB or less. Fewer than 7 days of data are no ground for a verdict.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.clouds.ports import DailyUse
from engine.estate.resource import Cloud

WINDOW_DAYS = 14
QUIET_DAYS = 4
CPU_PERCENT = 10.0
NETWORK_BYTES = 5_000_000.0
LEAST_DAYS = 7
RULE = "AWS Trusted Advisor: 10 % CPU or less and 5 MB network or less on 4 of the last 14 days"

_MEGABYTE = 1_000_000.0


class Verdict(StrEnum):
    """What can be said."""

    IDLE = "idle"
    IN_USE = "in_use"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idleness:
    """The verdict and the numbers behind it.

    Attributes:
        verdict: What can be said.
        days: Days of data inside the window.
        quiet_days: Days of those that were quiet by the rule.
        cpu_mean: Mean CPU over those days, percent; None without data.
        cpu_max: Highest CPU on those days, percent; None without data.
        network_mb_per_day: Mean network traffic a day, in MB of a million bytes; None without data.
        sentence: All of it in words.
    """

    verdict: Verdict
    days: int
    quiet_days: int
    cpu_mean: float | None
    cpu_max: float | None
    network_mb_per_day: float | None
    sentence: str


def judge(use: Iterable[DailyUse], *, until: date, cloud: Cloud = Cloud.AWS) -> Idleness:
    """Say whether a machine is idle.

    Args:
        use: Its daily use, in any order.
        until: The first day after the window of 14 days; usually today, which is not over yet.
        cloud: Whose machine it is. The rule is AWS's own; for the others nothing is claimed.
    """
    first = until - timedelta(days=WINDOW_DAYS)
    days = {each.day: each for each in use if first <= each.day < until}
    seen = tuple(days.values())
    quiet = sum(each.cpu_mean <= CPU_PERCENT and each.network_bytes <= NETWORK_BYTES for each in seen)
    cpu = sum(each.cpu_mean for each in seen) / len(seen) if seen else None
    network = sum(each.network_bytes for each in seen) / len(seen) / _MEGABYTE if seen else None
    verdict = _verdict(len(seen), quiet, cloud)
    return Idleness(
        verdict=verdict,
        days=len(seen),
        quiet_days=quiet,
        cpu_mean=cpu,
        cpu_max=max((each.cpu_max for each in seen), default=None),
        network_mb_per_day=network,
        sentence=_sentence(verdict, len(seen), quiet, cpu, network, cloud),
    )


def _verdict(days: int, quiet: int, cloud: Cloud) -> Verdict:
    if cloud is not Cloud.AWS or days < LEAST_DAYS:
        return Verdict.NOT_ENOUGH_DATA
    return Verdict.IDLE if quiet >= QUIET_DAYS else Verdict.IN_USE


def _sentence(verdict: Verdict, days: int, quiet: int, cpu: float | None, network: float | None, cloud: Cloud) -> str:
    if cloud is not Cloud.AWS:
        return "not enough data: the idle rule needs metrics that are read for AWS only"
    if verdict is Verdict.NOT_ENOUGH_DATA or cpu is None or network is None:
        return f"not enough data: {days} of at least {LEAST_DAYS} days were measured"
    word = "idle" if verdict is Verdict.IDLE else "in use"
    return f"{word}: quiet on {quiet} of {days} days, CPU {cpu:.1f} % and network {network:.1f} MB a day on average"
