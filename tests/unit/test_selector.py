"""What a question means: exactly what was asked, and never more."""

from dataclasses import replace
from typing import Any

import pytest

from engine.estate.asked import Asked, Unanswerable, from_intent
from engine.estate.environment import environment_of
from engine.estate.selector import Bound, Comparator, Selector
from engine.resolving import unscoped
from tests.fakes.selecting import ACCOUNTS, NOW, WEB, asked, selects


@pytest.mark.parametrize(
    "filters",
    [
        {"name": "web-dev-1"},
        {"name": "i-0ABC"},
        {"name": WEB.id},
        {"name": ["other", "web-dev-1"]},
        {"name": "web-*"},
        {"region": "us-east-1"},
        {"region": "us-east-1a"},
        {"region": "all"},
        {"zone": "us-east-1a"},
        {"tags": {"env": "dev"}},
        {"env": "development"},
        {"tags": {"team": "payments"}},
        {"tags_present": ["team"]},
        {"missing_tags": ["backup"]},
        {"tagged": True},
        {"state": "on"},
        {"state": "active"},
        {"account": "dev"},
        {"account": "111111111111"},
        {"instance_type": "m5.large"},
        {"age_days": {"op": ">", "value": 90}},
        {"size_gb": {"op": "<=", "value": 80}},
        {"set_tags": {"a": "b"}, "name": "web-dev-1"},
        {"exclude": {"tags": {"env": "staging"}}},
    ],
)
def test_a_filter_that_fits_selects(filters: dict[str, Any]) -> None:
    """Names and ids in any case, environments by their synonyms, accounts by name or id."""
    assert selects(WEB, **filters)


@pytest.mark.parametrize(
    "filters",
    [
        {"name": "web-dev-2"},
        {"name": "web-dev"},
        {"name": "*-prod-*"},
        {"region": "eu-west-1"},
        {"tags": {"env": "prod"}},
        {"tags": {"team": "search"}},
        {"tags_present": ["cost-center"]},
        {"missing_tags": ["team"]},
        {"tagged": False},
        {"state": "stopped"},
        {"account": "prod"},
        {"instance_type": "m5.xlarge"},
        {"age_days": {"op": ">", "value": 100.5}},
        {"size_gb": {"op": ">", "value": 80}},
        {"exclude": {"name": "web-dev-1"}},
        {"exclude": {"tags": {"env": ["dev", "staging"]}}},
        {"exclude": {"region": "eu-west-1", "tags": {"team": "payments"}}},
    ],
)
def test_a_filter_that_does_not_fit_leaves_out(filters: dict[str, Any]) -> None:
    """One criterion that fails is enough; of an exclusion one that holds is enough."""
    assert not selects(WEB, **filters)


@pytest.mark.parametrize(
    ("filters", "key"),
    [
        ({"severity": "high"}, "severity"),
        ({"period": "last_week"}, "period"),
        ({"metric_threshold": {"metric": "cpu", "op": "<", "value": 5}}, "metric_threshold"),
        ({"limit": 3}, "limit"),
        ({"count": 2}, "count"),
        ({"account": "staging"}, "account"),
        ({"exclude": {"account": "staging"}}, "exclude.account"),
        ({"exclude": {"moon_phase": "full"}}, "exclude.moon_phase"),
        ({"exclude": {"idle": True}}, "exclude.idle"),
        ({"exclude": {"region": "all"}}, "exclude.region"),
        ({"exclude": {}}, "exclude"),
        ({"exclude": "prod"}, "exclude"),
        ({"name": []}, "name"),
        ({"name": ""}, "name"),
        ({"name": {"like": "web"}}, "name"),
        ({"public": "maybe"}, "public"),
        ({"age_days": {"op": "about", "value": 3}}, "age_days"),
        ({"tags": "env=dev"}, "tags"),
        ({"version": "newest"}, "version"),
        ({"env": "dev", "tags": {"env": "prod"}}, "tags"),
    ],
)
def test_a_filter_that_cannot_be_honoured_is_said_and_not_dropped(filters: dict[str, Any], key: str) -> None:
    """For a change nothing is guessed: the key and a sentence come back."""
    answer = asked("stop", **filters)
    assert isinstance(answer, Unanswerable)
    assert answer.key == key
    assert answer.sentence


def test_a_new_size_is_a_parameter_of_resizing_and_a_filter_otherwise() -> None:
    """`resize crm-db to db.r6g.large` means the one named; `list m5.large` those of that size."""
    resize = asked("resize", name="web-dev-1", instance_type="m5.xlarge")
    assert isinstance(resize, Selector)
    assert resize.matches(WEB, NOW)
    assert not selects(WEB, instance_type="m5.xlarge")


def test_a_parameter_inside_an_exclusion_still_selects() -> None:
    """`resize all to m5.xlarge except the m5.large ones` leaves the m5.large ones alone."""
    selector = asked("resize", instance_type="m5.xlarge", exclude={"instance_type": "m5.large"})
    assert isinstance(selector, Selector)
    assert not selector.matches(WEB, NOW)


def test_generic_types_mean_the_types_of_every_cloud() -> None:
    """`any::vm` is an EC2 instance, an Azure VM and a GCE instance, and no disk."""
    selector = asked(types=("any::vm",))
    assert isinstance(selector, Selector)
    assert {"ec2::instance", "compute::virtualmachine", "compute::instance"} <= selector.types
    assert not {name for name in selector.types if "volume" in name or name.startswith("any::")}


def test_any_resource_means_every_type() -> None:
    """No type criterion is left."""
    assert asked(types=("any::resource",)) == Selector()


def test_kinds_that_are_never_read_are_said_not_to_be() -> None:
    """Kubernetes objects are an honest "not yet"."""
    answer = asked(types=("k8s::pod",))
    assert isinstance(answer, Unanswerable)
    assert "pods" in answer.sentence


@pytest.mark.parametrize(
    ("tags", "environment"),
    [
        ({"Environment": "PRODUCTION"}, "prod"),
        ({"ENV": "stg"}, "staging"),
        ({"env": "dev", "Environment": "prod"}, "prod"),
        ({"env": " "}, None),
        ({"Name": "web-prod-1"}, None),
    ],
)
def test_the_environment_is_told_by_tags_only(tags: dict[str, str], environment: str | None) -> None:
    """Keys in any case; when tags disagree, production wins; names prove nothing."""
    assert environment_of(tags) == environment


def test_a_machine_without_an_environment_is_no_dev_machine_and_is_spared_with_prod() -> None:
    """It counts as production: not selected by dev, left alone by "except prod", undecided for prod."""
    bare = replace(WEB, tags={})
    assert not selects(bare, tags={"env": "dev"})
    assert not selects(bare, exclude={"tags": {"env": "prod"}})
    prod = asked(tags={"env": "prod"})
    assert isinstance(prod, Selector)
    assert prod.verdict(bare, NOW) is None


def test_what_is_not_known_is_never_a_target_and_is_spared_by_an_exclusion() -> None:
    """Unknown is neither yes nor no, and both readings lean to fewer targets."""
    assert WEB.encrypted is None
    assert not selects(WEB, encrypted=False)
    assert not selects(WEB, encrypted=True)
    assert not selects(WEB, exclude={"encrypted": True})


def test_a_version_is_met_by_its_patch_releases() -> None:
    """`mysql 5.7` means 5.7.44 and not 5.8."""
    database = replace(WEB, facts={"engine": "mysql", "engine_version": "5.7.44"})
    assert selects(database, engine="mysql", version="5.7")
    assert not selects(database, engine="mysql", version="5.8")
    assert selects(database, version={"op": "<", "value": "8.0"})


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        ({"port": 22, "cidr": "0.0.0.0/0"}, True),
        ({"cidr": "0.0.0.0/0", "port": 22}, True),
        ({"port": 22, "cidr": "203.0.113.0/24"}, True),
        ({"port": 23, "cidr": "0.0.0.0/0"}, False),
        ({"port": 5432}, True),
        ({"port": 5432, "cidr": "0.0.0.0/0"}, False),
        ({"port": "all", "cidr": "10.1.0.0/16"}, True),
    ],
)
def test_a_firewall_is_found_by_what_one_rule_of_it_lets_in(filters: dict[str, Any], meant: bool) -> None:
    """Port and source must be let in by the same rule; a wider rule covers a narrower question."""
    rules = [
        {"protocol": "tcp", "from": 20, "to": 22, "source": "0.0.0.0/0"},
        {"protocol": "tcp", "from": 5432, "to": 5432, "source": "10.0.0.0/8"},
    ]
    group = replace(WEB, type="ec2::security_group", facts={"ingress": rules})
    selector = asked("list", types=("ec2::security_group",), **filters)
    assert isinstance(selector, Selector)
    assert selector.matches(group, NOW) is meant
    assert selector.verdict(replace(group, facts={}), NOW) is None


@pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql", "POSTGRES_15"])
def test_engines_are_known_by_what_people_call_them(engine: str) -> None:
    """Each cloud spells PostgreSQL in its own way."""
    database = replace(WEB, facts={"engine": engine})
    assert selects(database, engine="postgres")
    assert selects(database, engine="postgresql")
    assert not selects(database, engine="mysql")


def test_hostile_names_are_no_patterns() -> None:
    """Only a star stands for anything; brackets and question marks are letters."""
    assert not selects(replace(WEB, name="weba"), name="web[a]*")
    assert selects(replace(WEB, name="web[a]x"), name="web[a]*")
    assert not selects(replace(WEB, name="webxdev"), name="web?*")


def test_bounds_compare_as_written() -> None:
    """Each comparator does what its sign says."""
    expected = {"<": [1], "<=": [1, 2], "=": [2], ">=": [2, 3], ">": [3]}
    for sign, numbers in expected.items():
        bound = Bound(op=Comparator(sign), value=2)
        assert [number for number in (1, 2, 3) if bound.holds(number)] == numbers


@pytest.mark.parametrize(
    ("action", "filters", "cloud", "dangerous", "open_"),
    [
        ("start", {"state": "stopped"}, "aws", False, False),
        ("start", {"state": "stopped"}, "aws", True, True),
        ("start", {"state": "stopped"}, "any", False, True),
        ("start", {}, "aws", False, True),
        ("stop", {"state": "running"}, "aws", False, True),
        ("restart", {"state": "running"}, "aws", False, True),
        ("delete", {"state": "stopped"}, "aws", False, True),
        ("delete", {"state": "stopped", "tags": {"env": "dev"}}, "aws", False, False),
    ],
)
def test_a_cloud_and_a_state_are_a_scope_for_a_start_alone(action, filters, cloud, dangerous, open_):
    """What was put aside may be started unnamed; what interrupts, destroys or rang an alarm is asked about."""
    said = Asked(action=action, cloud=cloud, resource_types=("ec2::instance",), filters=filters)
    selector = from_intent(said, accounts=ACCOUNTS)
    assert isinstance(selector, Selector)
    assert unscoped(selector, action, dangerous=dangerous) is open_
