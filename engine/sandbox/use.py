"""How much a machine was used on a day: the figures behind every metric that the endpoints answer.

The numbers are computed when asked for, from the machine's id and the day alone, so that 10,000 machines cost
nothing until somebody looks.
"""

import math
import random
from dataclasses import dataclass
from datetime import date

from engine.sandbox.inventory import CpuProfile, Machine, MachineState

MEGABYTE = 1_000_000
SATURDAY = 5

# Between which bounds a day falls: average CPU in percent, the peak above it in points, network in megabytes.
KINDS = {
    CpuProfile.IDLE: ((0.4, 1.8), (0.1, 0.9), (0.2, 1.6)),
    CpuProfile.QUIET: ((11.0, 17.0), (6.0, 20.0), (40.0, 160.0)),
    CpuProfile.BUSY: ((38.0, 68.0), (12.0, 30.0), (4_000.0, 16_000.0)),
    CpuProfile.OFFICE_HOURS: ((22.0, 41.0), (20.0, 45.0), (400.0, 1_800.0)),
}
WEEKEND = ((11.0, 14.0), (3.0, 9.0), (60.0, 120.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyUse:
    """One UTC day of one machine: CPU in percent of its size, network in bytes over the whole day."""

    cpu_average: float
    cpu_maximum: float
    network_in_bytes: int
    network_out_bytes: int


def daily_use(machine: Machine, day: date) -> DailyUse | None:
    """Return the machine's use on `day`; None where it was not running (stopped, or not launched yet)."""
    if machine.state is not MachineState.RUNNING or day < machine.launched_at.date():
        return None
    weekend = day.weekday() >= SATURDAY
    kind = WEEKEND if weekend and machine.profile is CpuProfile.OFFICE_HOURS else KINDS[machine.profile]
    dice = random.Random(f"{machine.id}/{day.isoformat()}")  # noqa: S311 - figures of a play company, not secrets
    average, peak, megabytes = (dice.uniform(low, high) for low, high in kind)
    return DailyUse(
        cpu_average=round(average, 3),
        cpu_maximum=round(min(100.0, average + peak), 3),
        network_in_bytes=int(megabytes * 0.55 * MEGABYTE),
        network_out_bytes=int(megabytes * 0.45 * MEGABYTE),
    )


def hour_factor(hour: int) -> float:
    """Return how an hour of the day (0 to 23, UTC) compares with the day's mean; the 24 factors average to 1."""
    return 1.0 + 0.35 * math.cos((hour - 14) / 24 * 2 * math.pi)
