"""Which accounts' bills end before the others': clouds tell a day's costs hours apart, and a total of the newest day lacks the late ones. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

_STEADY_DAYS = 7
"""An account that did not cost something on each of so many days before its end may simply cost nothing now."""


def late(days: Iterable[tuple[str, date]]) -> dict[str, date]:
    """Return the accounts that end before the newest day, each with its last one, from each account's days with costs."""
    found: dict[str, set[date]] = defaultdict(set)
    for account, day in days:
        found[account].add(day)
    newest = max((max(each) for each in found.values()), default=None)
    return {account: max(each) for account, each in found.items() if max(each) != newest and _is_steady(each)}


def late_notes(days: Iterable[tuple[str, date]], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return a clause for each of them, beginning with its name."""
    return tuple(
        f"{names[account]} after {last.day} {last:%B} (its cloud has not told them yet)"
        for account, last in sorted(late(days).items())
        if account in names
    )


def _is_steady(days: set[date]) -> bool:
    last = max(days)
    return all(last - timedelta(days=ago) in days for ago in range(_STEADY_DAYS))
