"""Cost figures of the morning report, from daily lines."""

from datetime import date, timedelta

from engine.clouds.billing import CostLine
from engine.reports.spending import cost

TODAY = date(2026, 3, 17)


def lines(days=60, amount=100.0, **special):
    """Return one service's daily lines up to yesterday; `special` maps days ago to another amount."""
    found = []
    for ago in range(days, 0, -1):
        day = TODAY - timedelta(days=ago)
        found.append(CostLine(day=day, account="1", service="EC2", amount=special.get(f"d{ago}", amount)))
    return found


def figures(given, budget=None):
    """Return the figures of some lines."""
    return cost(given, today=TODAY, names={"1": "prod"}, budget=budget, unknown=())


def test_yesterday_the_month_and_the_forecast_are_sums_of_whole_days():
    """Sixteen whole days of March at 100 dollars: 1,600 so far, 3,100 for the month."""
    found = figures(lines())
    assert (found.yesterday, found.before, found.month, found.forecast) == (100.0, 100.0, 1600.0, 3100.0)


def test_today_is_left_out_because_it_is_not_over():
    """A line of today changes nothing."""
    given = [*lines(), CostLine(day=TODAY, account="1", service="EC2", amount=9999.0)]
    assert figures(given) == figures(lines())


def test_the_drivers_name_service_and_account_with_the_largest_change_first():
    """What moved against the day before is told by service and account."""
    given = [*lines(d1=150.0), CostLine(day=TODAY - timedelta(days=1), account="1", service="S3", amount=12.0)]
    assert figures(given).drivers == (("EC2 in prod", 50.0), ("S3 in prod", 12.0))


def test_a_day_far_from_its_weekdays_median_is_unusual_and_a_small_wobble_is_not():
    """Nine days ago cost three times the usual; three per cent more is nothing."""
    unusual = figures(lines(d9=300.0, d5=103.0)).unusual
    assert [(day, amount) for day, amount, _ in unusual] == [(TODAY - timedelta(days=9), 300.0)]


def test_the_newest_day_is_never_called_unusual():
    """The clouds still correct it."""
    assert figures(lines(d1=900.0)).unusual == ()


def test_without_a_line_there_are_no_figures():
    """No cost source, no numbers."""
    assert figures([]) is None


def test_three_days_are_needed_for_a_forecast():
    """On the second of a month the mean says nothing."""
    given = [CostLine(day=date(2026, 3, 1), account="1", service="EC2", amount=5.0)]
    assert cost(given, today=date(2026, 3, 2), names={}, budget=None, unknown=()).forecast is None
