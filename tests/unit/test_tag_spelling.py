"""A tag is asked of each account's bill as that account spells its key, and told as one dimension."""

from collections import Counter
from dataclasses import replace
from datetime import date

from engine.clouds.billing import BY_SERVICE, CostDimension, CostGrouping, CostLine
from engine.estate.resource import Cloud
from engine.reports.cuts import Payer, parts_of
from engine.reports.spelling import spelled, spellings
from tests.fakes.requests import thing

ENVIRONMENT = ("env", "Environment")


def by(tag: str) -> CostGrouping:
    """A bill by a tag."""
    return CostGrouping(dimensions=(CostDimension.TAG, CostDimension.SERVICE), tag=tag)


def carrying(account: str, *keys: str):
    """Machines of an account, each with one of these tag keys."""
    return [
        replace(thing("ec2::instance", Cloud.AWS, f"i-{number}"), account=account, tags={key: "x"})
        for number, key in enumerate(keys)
    ]


def test_the_key_is_spelled_as_most_of_the_account_spells_it():
    """Cost Explorer keeps `Team` and `team` apart, people do not."""
    known = spellings([*carrying("1", "Team", "team", "Team"), *carrying("2", "team", "Owner")], {"team"})
    assert known == {("1", "team"): "Team", ("2", "team"): "team"}
    asked = Counter(spelled(by("team"), account, ENVIRONMENT, known).tag for account in ("1", "2", "3"))
    assert asked == {"Team": 1, "team": 2}


def test_an_environment_is_asked_by_the_tag_that_the_account_has():
    """Any of those that the policy names, the first of them before the others."""
    known = spellings([*carrying("1", "Environment"), *carrying("2", "environment", "ENV")], ENVIRONMENT)
    assert [spelled(by("env"), one, ENVIRONMENT, known).tag for one in ("1", "2", "3")] == ["Environment", "ENV", "env"]


def test_a_bill_without_a_tag_stays_what_it_is():
    """There is nothing to spell."""
    assert spelled(BY_SERVICE, "1", ENVIRONMENT, {("1", "team"): "Team"}) == BY_SERVICE


def test_however_a_key_is_spelled_it_is_one_dimension():
    """Two accounts, two spellings, one team; and one environment."""
    payers = {"1": Payer(name="one", cloud="aws"), "2": Payer(name="two", cloud="aws")}

    def labels(tag, account, value):
        line = CostLine(day=date(2026, 3, 14), account=account, service="EC2", tag=value, amount=1.0)
        (part,) = parts_of([line], by(tag), payers, ENVIRONMENT)
        return part.labels

    assert labels("Team", "1", "data")["team"] == labels("team", "2", "data")["team"] == "data"
    assert labels("Environment", "1", "Production")["environment"] == "prod"
    assert labels("ENV", "2", "prd")["environment"] == "prod"
