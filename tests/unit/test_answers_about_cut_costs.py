"""Questions about spending by region, team and two things at once, each with the figures computed by hand.

March to the 14th cost 1,432.50: us-east-1 730, westus 422.50, eu-west-1 280; team data 590, platform 422.50, nobody 420.
"""

import pytest

from agent_server.contract.answer import Snapshot, Spend
from blocks.components import CostBreakdownTable, CostSummaryCard, parse_foreign
from tests.fakes.snapshots import EC2, LAST, S3, VMS, by_region, by_team, cut, snapshot, told


def figures(spend: list[Spend], **more) -> Snapshot:
    """Figures without drivers and lines, as the runner sends them for a question about money."""
    return snapshot(spend=spend, drivers=[], compared=[], rows=[], not_seen=[], **more)


REGIONS, TEAMS = figures(by_region()), figures(by_team())


def words(text, given, before=()):
    """Return an answer's paragraphs as one text, and that it was known."""
    reply = told(text, given, before=before)
    assert reply.known, reply.paragraphs
    return " ".join(reply.paragraphs)


def table(text, given, before=()):
    """Return the cells of an answer's table."""
    (card,) = (parse_foreign(one) for one in told(text, given, before=before).components)
    assert isinstance(card, CostBreakdownTable)
    return [["".join(part.text for part in cell) for cell in row.cells] for row in card.rows]


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("cost by region this month", REGIONS, "Of $1,432 from 1 to 14 March, the 3 dearest are us-east-1 $730 (51 %), westus $422 (29.5 %), eu-west-1 $280 (19.5 %)."),
        ("which region costs the most", REGIONS, "the dearest region is us-east-1 $730 (51 %)."),
        ("what did each team spend this month", TEAMS, "the 3 dearest are data $590 (41.2 %), platform $422 (29.5 %), no team tag $420 (29.3 %)."),
        ("top 2 teams by cost this month", TEAMS, "the 2 dearest are data $590 (41.2 %), platform $422 (29.5 %)."),
        ("who spends the most", TEAMS, "data $590"),
        ("top 5 services in eu-west-1 this month", REGIONS, f"Of $280 in eu-west-1 from 1 to 14 March, the dearest service is {EC2} $280 (100 %)."),
        ("cost in us-east-1 this month", REGIONS, "in us-east-1 came to $730 from 1 to 14 March. That is +$30 (+4.3 %) against $700 from 1 to 14 February."),
        ("spend of the data team this month", TEAMS, "Spending of team data came to $590 from 1 to 14 March. That is +$30 (+5.4 %) against $560 from 1 to 14 February."),
        ("what does team data spend on ec2 this month", TEAMS, "of team data came to $590"),
        ("cost by region and service this month", REGIONS, f"us-east-1 · {EC2} $590 (41.2 %)"),
        ("how much is untagged", TEAMS, f"$420 of $1,432 from 1 to 14 March has no team tag (29.3 %). Most of it: {EC2} $280, {S3} $140."),
        ("how much of our spend last week has no team tag", TEAMS, "$210 of $700 from 2 to 8 March has no team tag (30 %)."),
        ("which team's spend grew the most", TEAMS, "data grew the most: +$30 (+5.4 %), $560 from 1 to 14 February and $590 from 1 to 14 March. After it come platform +$2.50."),
        ("which region grew the most this month", REGIONS, "us-east-1 grew the most: +$30 (+4.3 %), $700 from 1 to 14 February and $730 from 1 to 14 March."),
        ("which team grew the most last week", TEAMS, "grew nowhere from 2 to 8 March against from 23 February to 1 March."),
        ("what will this month cost", TEAMS, "The rule is the mean day of this month"),
        ("average daily spend of the data team this month", TEAMS, "Spending of team data came to $42.14 a day on average, over 14 days from 1 to 14 March."),
    ],
)  # fmt: skip
def test_each_cut_is_told_with_its_figures(text, given, said):
    """Each figure stands in the docstring of this file or follows from the days in `tests.fakes.snapshots`."""
    assert said in words(text, given)


def test_the_most_expensive_day_is_told_with_what_made_it():
    """The 14th is 32.50 over the others' mean of 100; EC2 is 30 over its own mean, machines 2.50, S3 nothing."""
    said = words("which day was the most expensive this month and why", REGIONS)
    assert "The most expensive day from 1 to 14 March was 14 March with $132: +$32.50, +32.5 % against $100" in said
    assert f"{EC2} in r1 +$30, {VMS} in r3 +$2.50." in said
    assert S3 not in said
    (card,) = map(parse_foreign, told("which day was the most expensive this month and why", REGIONS).components)
    assert isinstance(card, CostSummaryCard)
    assert len(card.drivers) == 2


def test_a_day_that_is_the_only_one_is_not_compared():
    """One day has no others."""
    one = figures([by_region()[-1]])
    assert "it is the only one with figures" in words("which day was the most expensive this month and why", one)


def test_two_dimensions_are_two_columns_and_add_up():
    """Four pairs of region and service; nothing is left out."""
    rows = table("cost by region and service this month", REGIONS)
    assert rows[0] == ["us-east-1", EC2, "$590", "41.2 %"]
    assert len(rows) == 4
    assert {(row[0], row[1]) for row in rows} == {
        ("us-east-1", EC2),
        ("eu-west-1", EC2),
        ("us-east-1", S3),
        ("westus", VMS),
    }


def test_growth_is_a_table_of_both_periods():
    """Largest growth first; what did not move comes after."""
    assert table("which team's spend grew the most", TEAMS) == [
        ["data", "$560", "$590", "+$30"],
        ["platform", "$420", "$422", "+$2.50"],
        ["no team tag", "$420", "$420", "$0"],
    ]


def test_a_period_that_has_no_whole_one_before_is_compared_with_as_many_days_as_there_are():
    """Twenty days of figures: the last ten against the ten before, and the answer says so."""
    said = words("which team's spend grew the most", figures(by_team(20)))
    assert "$400 from 23 February to 4 March and $430 from 5 to 14 March" in said
    assert "so I compare as many days as there are from 5 to 14 March" in said


def test_one_day_of_figures_is_nothing_to_compare_with():
    """It is said, not computed."""
    reply = told("which team's spend grew the most", figures(by_team(1)))
    assert not reply.known
    assert "nothing to compare with" in reply.paragraphs[0]


def test_a_follow_up_cuts_the_same_days_another_way():
    """Asked "and by team?" after last week's total it is last week by team."""
    before = ("what did we spend last week",)
    assert "Of $700 from 2 to 8 March, the 3 dearest are data $280" in words("and by team?", TEAMS, before)
    assert "from 2 to 8 March" in words("break that down by region", REGIONS, before)


def test_where_nothing_was_spent_the_answer_is_nothing_and_not_that_nothing_is_known():
    """A region without a cent, on days that have figures."""
    nothing = figures([Spend(day=one.day, amount=0.0, by={"region:eu-north-1": 0.0}) for one in by_region()])
    assert "Spending in eu-north-1 came to $0 from 1 to 14 March." in words("cost in eu-north-1 this month", nothing)
    assert "came to $0" in words("top 5 services in eu-north-1 this month", nothing)


@pytest.mark.parametrize(
    ("text", "given", "missing"),
    [
        ("cost by team this month", REGIONS, "not told by team. They are told by region, service, account."),
        ("cost by team and region this month", TEAMS, "not told by region"),
        ("cost in ap-south-1 this month", REGIONS, "Nothing in these figures is called ap-south-1."),
        ("how much is untagged", REGIONS, "not told by a tag"),
    ],
)
def test_a_cut_that_did_not_come_is_said_to_be_missing(text, given, missing):
    """And what did come is named."""
    reply = told(text, given)
    assert not reply.known
    assert missing in " ".join(reply.paragraphs)


def test_a_cloud_that_tells_no_costs_is_named_with_the_reason():
    """Alone it is the whole answer; beside others it is a line under theirs."""
    why = "cost figures of r9 (Google Cloud tells costs only in its billing export to BigQuery, which I do not read)"
    alone = told("gcp cost this month", Snapshot(not_seen=[why]))
    assert not alone.known
    assert alone.paragraphs == [f"I cannot tell this spending. I have no {why}."]
    beside = told("cost by region this month", figures(by_region()).model_copy(update={"not_seen": [why]}))
    assert beside.known
    assert f"Not counted: {why}." in beside.paragraphs


def test_a_label_with_a_colon_and_a_key_without_a_dimension_are_services():
    """Bills have such names; they are neither dimensions nor pairs."""
    days = [Spend(day=LAST, amount=10.0, by={"Tax: VAT": 4.0, "EC2 - Other": 6.0})]
    assert "EC2 - Other $6 (60 %), Tax: VAT $4 (40 %)" in words("top 5 services by cost yesterday", figures(days))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("which service is the cheapest", f"the cheapest service is {S3} $140 (9.8 %)."),
        ("least expensive region this month", "the cheapest region is eu-west-1 $280 (19.5 %)."),
        ("what was the cheapest day this month", "the cheapest day is 1 March $100 (7 %)."),
        ("which day was the cheapest this month", "the cheapest day is 1 March $100 (7 %)."),
        ("how much does eu-west-1 cost us compared to us-east-1", "us-east-1 $730, eu-west-1 $280. us-east-1 cost $450 more than eu-west-1"),
    ],
)  # fmt: skip
def test_the_cheapest_and_two_places_are_not_answered_with_their_opposite(text, said):
    """The cheapest is not the dearest, and two regions are not two months of both."""
    assert said in words(text, REGIONS)


@pytest.mark.parametrize(("service", "name", "rest"), [("ec2", EC2, "$140"), ("s3", S3, "$870")])
def test_a_service_that_is_left_out_is_not_the_one_that_is_told(service, name, rest):
    """AWS without EC2 is not EC2 alone; that it is AWS only is said, too."""
    said = words(f"cost without {service} this month", TEAMS)
    assert f"Spending on AWS, everything but {name} came to {rest} from 1 to 14 March." in said


def test_what_the_runner_left_out_is_in_the_sentence():
    """The figures came without production: they are not the whole, and are not called so."""
    given = figures([cut([({"environment": "dev", "service": S3}, 10.0)], ago) for ago in range(14)])
    assert "Spending on everything but prod came to $140" in words("cost excluding prod this month", given)


def test_two_teams_are_compared_with_each_other():
    """Data spent 590 and platform 422.50."""
    said = words("compare team data and team platform cost this month", TEAMS)
    assert "data $590, platform $422. data cost $168 more than platform" in said
