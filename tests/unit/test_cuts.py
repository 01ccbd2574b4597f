"""How a question about money cuts the bills: what each account is asked for, what is kept of it, and what leaves the runner."""

from datetime import date, timedelta

import pytest

from agent_server.contract.answer import MOST_CELLS
from agent_server.contract.intent import Action, Intent, IntentKind, Scope
from engine.clouds.billing import BY_SERVICE, CostDimension, CostGrouping, CostLine
from engine.planning.redaction import Redactor
from engine.reports.cuts import Cut, Payer, cut_of, parts_of
from engine.reports.daily import ALL_ELSE, spend
from engine.reports.snapshot import Telling, of_parts

DAY = date(2026, 3, 14)
PROD, CORP = Payer(name="prod", cloud="aws"), Payer(name="corp", cloud="azure")
PAYERS = {"333": PROD, "5f0c": CORP}
REGION, SERVICE, TAG, TYPE = CostDimension.REGION, CostDimension.SERVICE, CostDimension.TAG, CostDimension.TYPE


def asking(cloud=Scope.ANY, action=Action.COST_REPORT, **filters) -> Cut:
    """What a question with these filters wants."""
    return cut_of(Intent(intent=IntentKind.COST, action=action, cloud=cloud, filters=filters))


def telling(**fields) -> Telling:
    """Over two accounts, with a redactor that knows no names."""
    given = {
        "payers": PAYERS,
        "find": lambda _id: None,
        "environment_tags": ("env",),
        "redact": Redactor(lambda _: False).redact,
    }
    return Telling(**(given | fields))


@pytest.mark.parametrize(
    ("filters", "payer", "dimensions", "tag"),
    [
        ({}, PROD, (SERVICE,), ""),
        ({"group_by": "account"}, PROD, (SERVICE,), ""),
        ({"group_by": "day"}, PROD, (SERVICE,), ""),
        ({"group_by": "region"}, PROD, (REGION, SERVICE), ""),
        ({"group_by": "type"}, PROD, (TYPE, SERVICE), ""),
        ({"group_by": "team"}, PROD, (TAG, SERVICE), "team"),
        ({"group_by": ["team", "region"]}, PROD, (TAG, REGION), "team"),
        ({"group_by": "service", "region": "eu-west-1"}, PROD, (REGION, SERVICE), ""),
        ({"tags": {"team": "data"}, "region": "us-east-1"}, PROD, (REGION, TAG), "team"),
        ({"tagged": False}, PROD, (TAG, SERVICE), "team"),
        ({"missing_tags": ["owner"]}, PROD, (TAG, SERVICE), "owner"),
        ({"group_by": "env"}, PROD, (SERVICE,), ""),
        ({"group_by": "env"}, CORP, (TAG, SERVICE), "env"),
        ({"tags": {"env": ["prod", "dev"]}}, CORP, (TAG, SERVICE), "env"),
        ({"group_by": "team", "tags": {"env": "prod"}}, PROD, (TAG, SERVICE), "team"),
    ],
)
def test_each_account_is_asked_for_no_more_than_the_question_needs(filters, payer, dimensions, tag):
    """Two things at once at most; an account whose name says its environment is not asked for that tag."""
    assert asking(**filters).grouping(payer, "env") == CostGrouping(dimensions=dimensions, tag=tag)


def test_more_than_two_things_at_once_is_said_to_be_impossible():
    """Three dimensions, and two tags; with the words for what was asked."""
    assert "region, team and service at once" in asking(group_by=["region", "team", "service"]).impossible
    assert "team and owner at once" in asking(group_by=["team", "owner"]).impossible
    assert asking(group_by=["team", "region"]).impossible == ""


def test_two_tags_are_impossible_only_where_the_account_does_not_say_its_environment():
    """Environment and team: the account called prod tells it, the one called corp does not."""
    cut = asking(group_by=["env", "team"])
    assert cut.impossible == ""
    assert cut.grouping(PROD, "env") == CostGrouping(dimensions=(TAG, SERVICE), tag="team")
    assert cut.grouping(CORP, "env") is None


@pytest.mark.parametrize(
    "filters", [{"name": "web-1"}, {"idle": True}, {"group_by": "zone"}, {"resource_group": "rg-1"}]
)
def test_what_no_bill_tells_is_not_answered_with_the_whole(filters):
    """A single machine, idleness, a zone, a resource group."""
    assert "Bills do not tell money by" in asking(**filters).impossible


def test_only_accounts_that_the_question_is_about_are_asked():
    """Each question to Cost Explorer costs money: not of another cloud, another account, another environment."""
    assert not asking(cloud=Scope.AWS).concerns("5f0c", CORP)
    assert not asking(account="corp").concerns("333", PROD)
    assert not asking(tags={"env": "dev"}).concerns("333", PROD)
    assert asking(tags={"env": "dev"}).concerns("5f0c", CORP)
    assert asking(account="PROD").concerns("333", PROD)


def lines() -> list[CostLine]:
    """A bill by team and region."""
    return [
        CostLine(day=DAY, account="333", region="us-east-1", tag="data", amount=5.0),
        CostLine(day=DAY, account="333", region="eu-west-1", tag="Data", amount=3.0),
        CostLine(day=DAY, account="333", region="us-east-1", tag="", amount=2.0),
        CostLine(day=DAY - timedelta(days=1), account="333", region="us-east-1", tag="", amount=2.0),
    ]


BY_TEAM = CostGrouping(dimensions=(TAG, REGION), tag="team")


def snapshot_of(cut: Cut, **fields):
    """What is told of that bill for a question."""
    return of_parts(parts_of(lines(), BY_TEAM, PAYERS, ("env",)), telling(**fields), cut)


def test_a_snapshot_tells_each_dimension_and_each_two_and_all_add_up_to_the_day():
    """What has no tag is said so; the account is a handle."""
    day = snapshot_of(asking(group_by=["team", "region"])).spend[-1]
    assert day.amount == 10.0
    assert day.by["team:no team tag"] == 2.0
    assert day.by["team:data|region:us-east-1"] == 5.0
    assert day.by["account:r1"] == 10.0
    for dimension in ("team", "region", "cloud", "environment"):
        assert (
            sum(amount for key, amount in day.by.items() if key.startswith(f"{dimension}:") and "|" not in key) == 10.0
        )
    assert sum(amount for key, amount in day.by.items() if key.startswith("team:") and "|region:" in key) == 10.0


def test_narrowing_keeps_exactly_what_was_named_and_a_day_without_it_is_a_day_of_nothing():
    """Team data in any spelling; the day before it had nothing."""
    before, last = snapshot_of(asking(tags={"team": "DATA"})).spend
    assert (before.amount, last.amount) == (0.0, 8.0)
    assert "team:no team tag" not in last.by
    left_out = snapshot_of(asking(group_by="team", exclude={"region": "us-east-1"})).spend[-1]
    assert left_out.amount == 3.0


def test_values_of_a_tag_that_may_not_be_told_are_handles():
    """Both ways; the handle leads back to the name."""
    told = telling(tag_keys=("env",))
    found = of_parts(parts_of(lines(), BY_TEAM, PAYERS, ("env",)), told, asking(group_by="team"))
    assert "data" not in found.model_dump_json().casefold()
    assert "no team tag" in found.model_dump_json()
    handle = next(
        key.removeprefix("team:")
        for key, amount in found.spend[-1].by.items()
        if amount == 5.0 and key.startswith("team:r")
    )
    assert told.handles.restore(f"{handle} costs most") == "data costs most"


def test_an_identity_in_a_tag_that_may_be_told_is_a_pseudonym():
    """Somebody wrote an e-mail where a team belongs."""
    mail = CostLine(day=DAY, account="333", region="us-east-1", tag="ada@acme.example", amount=1.0)
    found = of_parts(parts_of([mail], BY_TEAM, PAYERS, ("env",)), telling(), asking(group_by="team"))
    assert "ada" not in found.model_dump_json()
    assert "acme.example" not in found.model_dump_json()


def test_a_tag_that_nothing_carries_is_said_with_the_likely_reason():
    """AWS tells tags in bills only when they are activated; a tag that something carries says nothing."""
    bare = [CostLine(day=DAY, account="333", region="us-east-1", tag="", amount=1.0)]
    found = of_parts(parts_of(bare, BY_TEAM, PAYERS, ("env",)), telling(), asking(group_by="team"))
    assert any("activated for cost allocation" in one for one in found.not_seen)
    assert snapshot_of(asking(group_by="team")).not_seen == []


def test_an_environment_is_that_of_the_accounts_name_else_of_the_tag_and_never_a_word_of_somebodys():
    """Prod by name; Azure by the tag `env`, where a project's name is told as another environment."""
    grouping = CostGrouping(dimensions=(TAG, SERVICE), tag="env")
    bill = [
        CostLine(day=DAY, account="5f0c", service="VMs", tag=tag, amount=1.0) for tag in ("Production", "", "blackbird")
    ]
    parts = [
        *parts_of([CostLine(day=DAY, account="333", service="EC2", amount=1.0)], BY_SERVICE, PAYERS, ("env",)),
        *parts_of(bill, grouping, PAYERS, ("env",)),
    ]
    by = of_parts(parts, telling(), asking(group_by="env")).spend[0].by
    assert {key: amount for key, amount in by.items() if key.startswith("environment:") and "|" not in key} == {
        "environment:prod": 2.0,
        "environment:no env tag": 1.0,
        "environment:another environment": 1.0,
    }


@pytest.mark.parametrize(("labels", "days"), [(3, 62), (200, 62), (1000, 370)])
def test_a_bill_of_any_size_keeps_its_bounds_and_still_adds_up(labels, days):
    """One dimension folds its small labels into one; two at once are told whole or not at all."""
    given = {
        DAY - timedelta(days=ago): [
            (1.0 + n % 7, {"service": f"Service {n}", "region": f"region-{n % 5}"}) for n in range(labels)
        ]
        for ago in range(days)
    }
    told = spend(given, ["service"])
    for day in told:
        assert len(day.by) <= MOST_CELLS
        for names in ({"service"}, {"region"}, {"service", "region"}):
            keys = [key for key in day.by if {one.partition(":")[0] for one in key.split("|")} == names]
            assert not keys or sum(day.by[key] for key in keys) == pytest.approx(day.amount)
    assert sum(len(key) + 12 for day in told for key in day.by) < 1_900_000
    assert (f"service:{ALL_ELSE}" in told[-1].by) is (labels > 60)


def test_many_small_amounts_do_not_become_nothing():
    """Thirty days of a third of a cent in each of two regions are twenty cents by day and by region."""
    days = {
        DAY - timedelta(days=ago): [(0.0033, {"region": "us-east-1"}), (0.0033, {"region": "eu-west-1"})]
        for ago in range(30)
    }
    told = spend(days, ("region",))
    assert round(sum(one.amount for one in told), 2) == 0.2
    assert round(sum(one.by["region:eu-west-1"] for one in told), 2) == 0.1
