"""What people see of the estate: counts first, a few rows, and a door to the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blocks import text
from bot.views.estate import changed_card, described_card, listed_card
from engine.estate.resource import Cloud
from engine.replies import Changed, Described, Difference, Listed
from tests.fakes.requests import thing

NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)


def test_changes_that_are_not_shown_are_counted_with_a_way_to_see_them():
    """The newest stand there; for the others a question that narrows it down is offered."""
    differences = tuple(
        Difference(
            at=NOON + timedelta(minutes=number),
            kind="added",
            name=f"web-{number}",
            type="ec2::instance",
            account="111122223333",
            region="us-east-1",
            fields=(),
        )
        for number in range(30)
    )
    shown = text.render(changed_card(Changed(since=NOON - timedelta(days=1), differences=differences)))
    assert shown.startswith("30 changes since ")
    assert "web-29" in shown
    assert "web-9 " not in shown
    assert "and 10 more; ask for less of it, such as “what changed today”" in shown
    today = text.render(changed_card(Changed(since=NOON.replace(hour=0), differences=differences)))
    assert today.endswith("and 10 more")


@pytest.mark.parametrize(
    ("cloud", "region", "zone", "place"),
    [
        (Cloud.AZURE, "eastus", "3", "eastus-3"),
        (Cloud.AZURE, "eastus", "", "eastus"),
        (Cloud.AWS, "eu-west-1", "eu-west-1b", "eu-west-1b"),
        (Cloud.GCP, "us-central1", "us-central1-a", "us-central1-a"),
        (Cloud.AWS, "eu-west-1", "", "eu-west-1"),
    ],
)
def test_where_something_is_always_tells_the_region(cloud: Cloud, region: str, zone: str, place: str):
    """Azure only numbers its zones: `3` alone is nowhere."""
    made = thing("compute::virtualmachine", cloud, "vm-1")
    assert replace(made, region=region, zone=zone).place == place


def test_what_a_cloud_says_of_a_thing_is_written_as_people_write_it():
    """Yes and no, times with their year to the minute, and short names in capitals."""
    machine = replace(
        thing("ec2::instance", Cloud.AWS, "web-1", state="running"),
        facts={"spot": False, "private_ip": "10.0.0.7", "vpc": "vpc-1", "launched_at": "2031-02-01T11:30:07+00:00"},
    )
    shown = " ".join(text.render(described_card(Described(resource=machine, account_name="dev"), NOON)).split())
    assert "Spot no" in shown
    assert "Private IP 10.0.0.7" in shown
    assert "VPC vpc-1" in shown
    assert "Launched at 1 February 2031 11:30 UTC" in shown


@pytest.mark.parametrize(
    ("asked", "kinds", "regions", "title"),
    [
        (("running", "prod"), ("ec2::instance",), ("eu-west-1",), "No running prod EC2 instances found in eu-west-1"),
        (("public",), ("s3::bucket",), (), "No public S3 buckets found"),
        ((), ("a::b", "c::d", "e::f"), ("a", "b", "c"), "No resources found"),
    ],
)
def test_nothing_found_says_what_was_looked_for(
    asked: tuple[str, ...], kinds: tuple[str, ...], regions: tuple[str, ...], title: str
):
    """So that a filter that was heard wrongly shows."""
    nothing = Listed(set_id="set-1", resources=(), asked=asked, kinds=kinds, regions=regions)
    assert text.render(listed_card(nothing, NOON)).splitlines()[0] == title


def test_the_title_of_a_list_names_its_regions():
    """As of an answer that was narrowed by a second question."""
    found = Listed(
        set_id="set-1", resources=(thing("ec2::instance", Cloud.AWS, "web-1"),), asked=("dev",), regions=("us-east-1",)
    )
    assert text.render(listed_card(found, NOON)).splitlines()[0] == "1 dev EC2 instance in us-east-1"
