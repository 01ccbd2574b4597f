"""Accounts whose newest days are not told yet: the total of such a day lacks them, and says so."""

from datetime import date, timedelta

from engine.reports.late import late, late_notes

NEWEST = date(2026, 12, 1)


def days(account: str, *, behind: int = 0, many: int = 10, every: int = 1) -> list[tuple[str, date]]:
    """The days on which an account cost something, up to so many before the newest."""
    return [(account, NEWEST - timedelta(days=behind + ago)) for ago in range(0, many, every)]


def test_an_account_that_ends_before_the_others_is_named_with_its_last_day():
    """Over the end of a month, too."""
    told = [*days("prod"), *days("corp", behind=2)]
    assert late(told) == {"corp": date(2026, 11, 29)}
    assert late_notes(told, {"prod": "prod", "corp": "Corp"}) == (
        "Corp after 29 November (its cloud has not told them yet)",
    )


def test_accounts_that_end_together_are_not_late():
    """When all are, the answers end earlier and name their days."""
    assert not late([*days("prod", behind=1), *days("corp", behind=1)])
    assert not late([])


def test_an_account_that_does_not_cost_something_every_day_is_not_called_late():
    """It may have cost nothing."""
    assert not late([*days("prod"), *days("rare", behind=2, every=3), *days("new", behind=1, many=3)])
