"""Daily cost lines, packed for keeping and unpacked again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.clouds.ports import CostLine
from engine.reports.figures import Series


def series(lines: Iterable[CostLine]) -> tuple[Series, ...]:
    """Return the lines by account and service."""
    found: dict[tuple[str, str], dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in lines:
        found[line.account, line.service][line.day] += line.amount
    return tuple(_packed(*key, days) for key, days in sorted(found.items()))


def lines(packed: Iterable[Series]) -> Iterator[CostLine]:
    """Give the lines back, one for each day and service that had any."""
    for one in packed:
        for offset, amount in enumerate(one.amounts):
            if amount is not None:
                day = one.first + timedelta(days=offset)
                yield CostLine(day=day, account=one.account, service=one.service, amount=amount)


def _packed(account: str, service: str, days: dict[date, float]) -> Series:
    first, last = min(days), max(days)
    every = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    amounts = tuple(round(days[day], 4) if day in days else None for day in every)
    return Series(account=account, service=service, first=first, amounts=amounts)
