"""Daily cost lines, packed for keeping and unpacked again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.clouds.billing import CostLine
from engine.reports.figures import Series


def series(lines: Iterable[CostLine]) -> tuple[Series, ...]:
    """Return the lines by account and by what else they tell."""
    found: dict[tuple[str, ...], dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in lines:
        found[line.account, line.service, line.region, line.type, line.tag][line.day] += line.amount
    return tuple(_packed(key, days) for key, days in sorted(found.items()))


def lines(packed: Iterable[Series]) -> Iterator[CostLine]:
    """Give the lines back, one for each day and series that had any."""
    for one in packed:
        for offset, amount in enumerate(one.amounts):
            if amount is not None:
                yield CostLine(
                    day=one.first + timedelta(days=offset),
                    account=one.account,
                    service=one.service,
                    region=one.region,
                    type=one.type,
                    tag=one.tag,
                    amount=amount,
                )


def _packed(key: tuple[str, ...], days: dict[date, float]) -> Series:
    account, service, region, type_, tag = key
    first, last = min(days), max(days)
    every = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    amounts = tuple(round(days[day], 4) if day in days else None for day in every)
    return Series(account=account, service=service, region=region, type=type_, tag=tag, first=first, amounts=amounts)
