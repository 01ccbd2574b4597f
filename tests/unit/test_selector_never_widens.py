"""Whatever is asked: an exclusion is kept, a filter more selects no more, an unknown one selects nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.estate.asked import Unanswerable
from engine.estate.resource import Resource
from engine.estate.selector import Selector
from tests.fakes.selecting import NOW, WEB, asked, selects

RESOURCES = st.builds(
    lambda name, region, state, env, team, public, encrypted, age: replace(
        WEB,
        id=f"arn:aws:ec2:{region}:111111111111:instance/{name}",
        name=name,
        region=region,
        zone=f"{region}a",
        state=state,
        tags={key: value for key, value in (("env", env), ("team", team)) if value},
        public=public,
        encrypted=encrypted,
        created_at=NOW - timedelta(days=age),
    ),
    name=st.sampled_from(["web-1", "web-2", "db-1"]),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    state=st.sampled_from(["running", "stopped"]),
    env=st.sampled_from(["dev", "Production", "qa", ""]),
    team=st.sampled_from(["search", "Payments", ""]),
    public=st.sampled_from([True, False, None]),
    encrypted=st.sampled_from([True, False, None]),
    age=st.integers(0, 400),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["web-1", "web-*", ["web-1", "db-1"]]),
    "region": st.sampled_from(["us-east-1", "eu-west-1", ["us-east-1", "eu-west-1"]]),
    "state": st.sampled_from(["running", "stopped"]),
    "tags": st.sampled_from(
        [{"env": "dev"}, {"env": ["dev", "prod"]}, {"team": "payments"}, {"env": "qa", "team": "search"}]
    ),
    "missing_tags": st.sampled_from([["team"], ["env"]]),
    "public": st.booleans(),
    "encrypted": st.booleans(),
    "age_days": st.builds(
        lambda op, value: {"op": op, "value": value}, st.sampled_from([">", "<", ">=", "<="]), st.integers(0, 400)
    ),
    "account": st.sampled_from(["dev", "prod"]),
}
FILTERS = st.fixed_dictionaries({}, optional=VALUES)
UNKNOWN_KEYS = st.text("abcdefgh_", min_size=3, max_size=12).filter(lambda key: key not in VALUES)


@settings(max_examples=300, deadline=None)
@given(resources=st.lists(RESOURCES, min_size=1, max_size=6), filters=FILTERS, exclude=FILTERS.filter(bool))
def test_an_exclusion_is_never_lost(
    resources: list[Resource], filters: dict[str, Any], exclude: dict[str, Any]
) -> None:
    """What any single part of an exclusion selects by itself is out, whatever else was asked."""
    selector = asked(exclude=exclude, **filters)
    assert isinstance(selector, Selector)
    for resource in resources:
        if any(selects(resource, **{key: value}) for key, value in exclude.items() if key != "tags"):
            assert not selector.matches(resource, NOW)
        if any(selects(resource, tags={key: value}) for key, value in exclude.get("tags", {}).items()):
            assert not selector.matches(resource, NOW)


@settings(max_examples=300, deadline=None)
@given(resource=RESOURCES, filters=FILTERS, key=st.sampled_from(sorted(VALUES)), data=st.data())
def test_one_more_filter_never_selects_more(
    resource: Resource, filters: dict[str, Any], key: str, data: st.DataObject
) -> None:
    """Adding any filter or exclusion keeps the selection or makes it smaller."""
    fewer = {name: value for name, value in filters.items() if name != key}
    more = {**fewer, key: data.draw(VALUES[key])}
    assert selects(resource, **more) <= selects(resource, **fewer)
    spared = {**fewer, "exclude": {key: data.draw(VALUES[key])}}
    assert selects(resource, **spared) <= selects(resource, **fewer)


@settings(max_examples=200, deadline=None)
@given(filters=FILTERS, key=UNKNOWN_KEYS, inside=st.booleans())
def test_an_unknown_filter_never_widens(filters: dict[str, Any], key: str, *, inside: bool) -> None:
    """A key that is not understood gives no selector at all, at the top or inside an exclusion."""
    extra = {"exclude": {key: "x", "name": "web-1"}} if inside else {key: "x"}
    assert isinstance(asked("stop", **filters, **extra), Unanswerable)
