"""Questions about spending, each with the figures computed by hand: 13 days of March at 100 dollars, the 14th at 132.50."""

from datetime import timedelta

import pytest

from agent_server.contract.answer import Driver, Snapshot, Spend
from blocks.components import parse_foreign
from tests.fakes.snapshots import EC2, LAST, S3, VMS, day, snapshot, spend, told


def words(text, given=None):
    """Return an answer's paragraphs as one text, and that it was known."""
    reply = told(text, given)
    assert reply.known, reply.paragraphs
    return " ".join(reply.paragraphs)


def test_why_spending_went_up_is_told_by_its_drivers_largest_first():
    """100 to 132.50 is 32.50, 32.5 %: EC2 30 and machines 2.50 of it, which leaves nothing."""
    said = words("why did spending go up")
    assert "rose by $32.50, +32.5 %: $100 on 13 March, $132 on 14 March" in said
    assert f"{EC2} +$30, {VMS} +$2.50." in said
    assert "all else" not in said


def test_what_the_shown_drivers_do_not_explain_is_said_as_one_rest():
    """Six drivers of 10, 8, 6, 4, 3 and 1 dollars: four are named, the rest is 4."""
    drivers = [Driver(label=f"S{n}", dimension="service", before=10, after=10 + n) for n in (1, 3, 4, 6, 8, 10)]
    said = words("why did spending go up", snapshot(drivers=drivers))
    assert "S10 +$10, S8 +$8, S6 +$6, S4 +$4; all else together +$4.50" in said


def test_a_percentage_the_person_has_wrong_is_corrected_and_a_right_one_is_not_mentioned():
    """They say 17 %, it is 32.5 %; 32 % is near enough."""
    assert "You said 17 %; from these figures it is +32.5 %." in words("why did spending go up 17%?")
    assert "You said" not in words("why did spending go up 32%?")


def test_asked_why_it_fell_when_it_rose_the_answer_says_so_first():
    """And the other way round."""
    assert words("why did spending go down").startswith("It did not go down. Spending rose")
    falling = snapshot(
        spend=[day(1), day(0, ec2=40.0)], drivers=[Driver(label=EC2, dimension="service", before=60, after=40)]
    )
    assert words("why did spending go up", falling).startswith("It did not go up. Spending fell by $20, -20 %")


def test_what_went_against_the_change_is_told_apart():
    """EC2 up 30, S3 down 5: up 25 in all."""
    drivers = [
        Driver(label=EC2, dimension="service", before=60, after=90),
        Driver(label=S3, dimension="service", before=10, after=5),
    ]
    said = words("why did spending go up", snapshot(spend=[day(1), day(0, ec2=90.0, s3=5.0)], drivers=drivers))
    assert "rose by $25, +25 %" in said
    assert f"{EC2} +$30. Against it went {S3} -$5." in said


def test_without_drivers_they_are_computed_from_the_days():
    """The same figures, from what each service cost on the two days."""
    assert f"{EC2} +$30, {VMS} +$2.50" in words("why did spending go up", snapshot(drivers=[], compared=[]))


def test_a_month_is_compared_with_the_same_days_of_the_month_before():
    """1,432.50 from 1 to 14 March against 1,400 from 1 to 14 February."""
    said = words("why did cost rise this month")
    assert "rose by $32.50, +2.3 %: $1,400 from 1 to 14 February, $1,432 from 1 to 14 March" in said


def test_one_service_is_looked_at_alone():
    """EC2 went from 60 to 90."""
    assert "rose by $30, +50 %: $60 on 13 March, $90 on 14 March" in words("what drove the ec2 increase")


def test_new_resources_are_named_as_a_possible_cause_and_not_as_the_cause():
    """The report lists r5 as new; what it costs is not known."""
    reply = told("why did spending go up")
    assert "r5; whether they cost that much the figures do not say" in " ".join(reply.paragraphs)
    assert reply.rows == [5]


def test_no_change_is_said_as_no_change():
    """Two days at 100."""
    assert "did not change: $100" in words(
        "why did spending go up", snapshot(spend=[day(1), day(0)], drivers=[], rows=[])
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what did we spend yesterday", "Spending came to $132 on 14 March. That is +$32.50 (+32.5 %) against $100 on 13 March."),
        ("month to date cost", "Spending came to $1,432 from 1 to 14 March. That is +$32.50 (+2.3 %) against $1,400 from 1 to 14 February."),
        ("what did we spend last week", "Spending came to $700 from 2 to 8 March. That is $0 (0 %) against $700 from 23 February to 1 March."),
        ("how much did s3 cost yesterday", f"Spending on {S3} came to $10 on 14 March."),
        ("azure vm cost", f"Spending on {VMS} came to $422 from 1 to 14 March. That is +$2.50 (+0.6 %)"),
        ("azure cost yesterday", "Spending on Azure came to $32.50 on 14 March."),
        ("what did we spend in prod this month", "Spending on prod came to $870 from 1 to 14 March."),
        ("average cost per day this month", "came to $102 a day on average, over 14 days from 1 to 14 March"),
        ("top 3 services by cost", f"Of $1,432 from 1 to 14 March, the 3 dearest are {EC2} $870 (60.7 %), {VMS} $422 (29.5 %), {S3} $140 (9.8 %)."),
        ("most expensive day last week", "Of $700 from 2 to 8 March, the dearest day is 2 March $100 (14.3 %)."),
        ("most expensive day this month", "the dearest day is 14 March $132 (9.2 %)."),
        ("cost of the last 14d by day", "$1,432 from 1 to 14 March, the dearest day was 14 March with $132."),
        ("cost since may 1", "Spending came to $4,632 from 28 January to 14 March. The figures begin on 28 January."),
        ("why is aws more expensive than azure", "AWS $1,010, Azure $422. AWS cost $588 more than Azure"),
        ("whats our most expensive cloud", "the dearest cloud is AWS $1,010 (70.5 %)."),
        ("cost by environment this month", "the 2 dearest are prod $870 (60.7 %), dev $562 (39.3 %)."),
        ("compare dev and prod cost", "Spending from 1 to 14 March: prod $870, dev $562. prod cost $308 more than dev (+54.7 %)."),
        ("aws vs azure cost this month", "AWS $1,010, Azure $422. AWS cost $588 more than Azure (+139.1 %)."),
        ("compare march and february costs", "came to $1,432 from 1 to 14 March and $2,800 in February 2026: -$1,368 (-48.8 %)."),
        ("compare this month with last month cost", "$1,432 from 1 to 14 March and $2,800 in February 2026"),
        ("are we over budget", "$1,432 of the $3,000 for March are spent (47.8 %), up to 14 March: $1,568 left. The forecast of $3,172 is $172 over the budget of $3,000."),
        ("forecast for this month", "heading for $3,172 in March: $1,432 so far, up to 14 March, carried on at the same rate a day over its 31 days."),
    ],
)  # fmt: skip
def test_totals_rankings_comparisons_budget_and_forecast(text, said):
    """Each figure stands in the docstring of this file or follows from it."""
    assert said in words(text)


def test_a_month_over_its_budget_says_by_how_much():
    """1,432.50 of 1,000 is 432.50 over."""
    said = words("are we over budget", snapshot(budget=1000.0, forecast=None))
    assert "$1,432 of the $1,000 for March are spent (143.2 %), up to 14 March: $432 over." in said


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("rds cost last week", "Nothing in these figures is called RDS"),
        ("cost by region", "not told by region. They are told by service, cloud, environment."),
        ("aws cost by environment this month", "told by environment and by cloud, but not by both at once"),
        ("forecast for q3", "I forecast the running month only"),
        ("what did we spend in 2019", "I cannot tell which days"),
        ("compare prod and staging cost", "no figures from 1 to 14 March for staging; there are some for dev, prod."),
        ("what did we spend in december", "figures from 28 January to 14 March only, none in December 2025"),
    ],
)
def test_what_the_figures_do_not_tell_is_said_and_not_guessed(text, missing):
    """The reply is not known, says what is missing and shows no card."""
    reply = told(text)
    assert not reply.known
    assert missing in " ".join(reply.paragraphs)
    assert reply.components == []
    assert reply.sources == []


def test_without_figures_every_question_about_money_says_that_there_are_none():
    """No account has a cost source."""
    for text in (
        "why did spending go up",
        "top 3 services by cost",
        "forecast for this month",
        "what did we spend yesterday",
    ):
        reply = told(text, Snapshot())
        assert not reply.known
        assert "no account has a cost source" in reply.paragraphs[0]


def test_without_a_budget_the_answer_says_where_one_is_set():
    """And that there is nothing to compare with."""
    reply = told("are we over budget", snapshot(budget=None))
    assert not reply.known
    assert "[[budgets]]" in reply.paragraphs[0]


def test_days_without_figures_are_told_and_a_forecast_needs_every_day():
    """Figures that begin on the 10th give a sum that says so, no comparison, and no forecast."""
    given = snapshot(spend=spend(5))
    assert "The figures begin on 10 March." in words("month to date cost", given)
    assert "against" not in words("month to date cost", given)
    assert not told("forecast for this month", given).known


def test_on_the_second_of_a_month_there_is_no_forecast():
    """Two days say nothing."""
    second = LAST.replace(day=2)
    given = snapshot(until=second, spend=[Spend(day=second - timedelta(days=n), amount=100.0) for n in range(2)])
    assert not told("forecast for this month", given).known


def test_a_follow_up_keeps_the_subject_of_the_question_before():
    """Asked "and azure?" after a question for the total it is Azure's total."""
    reply = told("and azure?", before=("what did we spend yesterday",))
    assert "Spending on Azure" in reply.paragraphs[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("why did spending go up", "cost_summary"),
        ("top 3 services by cost", "cost_breakdown"),
        ("compare dev and prod cost", "cost_breakdown"),
        ("are we over budget", "budget"),
    ],
)
def test_where_a_card_says_it_better_there_is_one(text, kind):
    """Components are those of `blocks`, and read back as such."""
    found = [parse_foreign(one) for one in told(text).components]
    assert [one.kind for one in found] == [kind]


@pytest.mark.parametrize("text", ["why did we spend more last month", "compare cost last month and january"])
def test_a_period_of_which_only_the_end_is_known_is_not_compared(text):
    """46 days begin on 28 January: February is whole, but four days of January are no month to have grown from."""
    reply = told(text, snapshot(drivers=[], compared=[]))
    assert not reply.known
    assert reply.paragraphs[0].startswith("There is nothing to compare with: not every day in January 2026")


def test_refunds_are_told_as_amounts_without_percentages_of_less_than_nothing():
    """From -10 to 5 is 15 more, which is no -150 %; a part of a whole below zero is no share of it."""
    refunded = [day(1, ec2=-50.0), day(0, ec2=-35.0)]
    given = snapshot(spend=refunded, drivers=[], compared=[])
    assert "Spending rose by $15: -$10 on 13 March, $5 on 14 March" in words("why did spending go up", given)
    owed = words("top 3 services yesterday", snapshot(spend=[day(0, ec2=-90.0)], drivers=[]))
    assert f"{VMS} $30, {S3} $10, {EC2} -$90" in owed
    assert "%" not in owed


def test_a_budget_for_everything_is_not_held_against_a_part():
    """The figures came for production alone; 2,000 left of the whole budget would be an invention."""
    reply = told("are we over budget in prod")
    assert not reply.known
    (said,) = reply.paragraphs
    assert said == "The budget of $3,000 a month is for everything together; none is set for spending on prod."


@pytest.mark.parametrize(
    ("text", "word"),
    [("what did we spend on data transfer", "data transfer"), ("how much tax did we pay this month", "tax")],
)
def test_what_stands_in_no_bill_under_its_name_is_not_answered_with_the_whole(text, word):
    """Data transfer, taxes, support: where the bill has no such service, that is said."""
    reply = told(text)
    assert not reply.known
    assert reply.paragraphs[0] == f"Nothing in these figures is called {word}."
