"""What the agent server is told beside the words: the hour where people live, prices, what leans on a thing; and what of it the runner judges."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent_server.contract.plan import Moment, ProposedPlan, ProposedStep
from engine.clouds.catalog import catalog
from engine.estate.resource import Cloud, Resource
from engine.planning import money
from engine.planning.admission import Admitted, admit
from engine.planning.context import facts, handles
from engine.requesting import Requests, nowhere
from tests.fakes.requests import CATALOG, POLICY, asked, thing

EC2, VOLUME, DATABASE = "ec2::instance", "ec2::volume", "rds::instance"
STOP, START, RESIZE = "aws.ec2.stop_instances", "aws.ec2.start_instances", "aws.ec2.modify_instance_attribute"


def told(resource: Resource, wanted_size: str = "") -> dict[str, object]:
    """The facts that the agent server is sent of a resource."""
    return facts(handles([[resource]])[0], str, wanted_size=wanted_size).facts


class TestMoment:
    @pytest.mark.parametrize(
        ("at", "zone", "hour", "weekday"),
        [
            (datetime(2026, 3, 13, 15, 30, tzinfo=UTC), "UTC", 15, 4),
            (datetime(2026, 3, 13, 15, 30, tzinfo=UTC), "Asia/Tokyo", 0, 5),
            (datetime(2026, 7, 6, 6, 0, tzinfo=UTC), "Europe/Berlin", 8, 0),
            (datetime(2026, 1, 5, 6, 0, tzinfo=UTC), "Europe/Berlin", 7, 0),
        ],
    )
    def test_it_is_the_hour_where_people_live(self, at: datetime, zone: str, hour: int, weekday: int) -> None:
        """Saturday in Tokyo while it is Friday in London; summer time counts."""
        made = Requests(catalog=catalog(), tag_keys=(), zone=lambda: ZoneInfo(zone))
        assert made.moment(at) == Moment(hour=hour, weekday=weekday)

    def test_without_a_zone_nothing_is_said(self) -> None:
        """An hour in a zone that nobody set would be an invention."""
        assert Requests(catalog=catalog(), tag_keys=(), zone=nowhere).moment(datetime(2026, 3, 13, tzinfo=UTC)) is None

    @pytest.mark.parametrize(
        ("env", "operation", "state", "when", "reason"),
        [
            ("prod", STOP, "running", Moment(hour=16, weekday=4), "on a Friday afternoon"),
            ("prod", STOP, "running", Moment(hour=10, weekday=1), "in working hours"),
            ("prod", STOP, "running", Moment(hour=3, weekday=1), ""),
            ("prod", STOP, "running", Moment(hour=10, weekday=6), ""),
            ("prod", STOP, "running", None, ""),
            ("prod", START, "stopped", Moment(hour=10, weekday=1), ""),
            ("dev", STOP, "running", Moment(hour=16, weekday=4), ""),
        ],
    )
    def test_the_runner_itself_weighs_the_hour(
        self, env: str, operation: str, state: str, when: Moment | None, reason: str
    ) -> None:
        """Only what takes production out of service is worse at some hours, and the card's reasons say so."""
        found = [thing(EC2, Cloud.AWS, "web-1", state=state, env=env)]
        action = "stop" if operation == STOP else "start"
        request = replace(asked((action, {}, found)), moment=when)
        plan = ProposedPlan(steps=[ProposedStep(operation=operation, targets=["r1"])])
        made = admit(plan, request, CATALOG, POLICY)
        assert isinstance(made, Admitted), made
        said = [one for one in made.risk.reasons if "hours" in one or "Friday" in one]
        assert said == ([reason] if reason else [])


class TestMoney:
    @pytest.mark.parametrize(
        ("resource", "params", "per_day", "unknown"),
        [
            (thing(EC2, Cloud.AWS, "a"), {"instance_type": "m5.xlarge"}, 2.3, 0),
            (thing(EC2, Cloud.AWS, "a"), {"instance_type": "u9.metal"}, 0.0, 1),
            (thing(DATABASE, Cloud.AWS, "a"), {"instance_class": "db.m5.xlarge"}, 4.27, 0),
            (thing("compute::virtualmachine", Cloud.AZURE, "a"), {"size": "Standard_B1s"}, -0.75, 0),
        ],
    )
    def test_another_size_costs_the_difference(
        self, resource: Resource, params: dict[str, str], per_day: float, unknown: int
    ) -> None:
        """By list prices a day; a size without a price is counted and said."""
        found = money.effect([money.Change(action="resize", resource=resource, params=params)])
        assert found == money.Money(per_day=per_day, unknown=unknown)

    def test_stopped_for_the_change_and_started_again_it_costs_the_difference_only(self) -> None:
        """The stop before and the start after cancel each other."""
        one = thing(EC2, Cloud.AWS, "a")
        steps = [("stop", {}), ("resize", {"instance_type": "m5.xlarge"}), ("start", {})]
        found = money.effect([money.Change(action=action, resource=one, params=params) for action, params in steps])
        assert found == money.Money(per_day=2.3, unknown=0)

    def test_a_change_that_costs_nothing_says_nothing(self) -> None:
        """A tag has no price."""
        assert money.effect([money.Change(action="tag", resource=thing(EC2, Cloud.AWS, "a"))]) is None


class TestFacts:
    def test_the_price_afterwards_goes_along_with_a_wanted_size(self) -> None:
        """Of an instance as said, of a database with or without its prefix; not at all when it is not known."""
        assert told(thing(EC2, Cloud.AWS, "a"), "m5.xlarge")["monthly_usd_after"] == 140.16
        assert told(thing(DATABASE, Cloud.AWS, "a"), "m5.xlarge")["monthly_usd_after"] == 259.88
        assert told(thing(DATABASE, Cloud.AWS, "a"), "db.m5.xlarge")["monthly_usd_after"] == 259.88
        assert "monthly_usd_after" not in told(thing(EC2, Cloud.AWS, "a"), "u9.metal")
        assert "monthly_usd_after" not in told(thing(EC2, Cloud.AWS, "a"))

    def test_what_leans_on_a_thing_goes_as_yes_and_never_as_a_name(self) -> None:
        """A cluster's node, a database with replicas: that it is so, not whose."""
        node = replace(thing(EC2, Cloud.AWS, "a"), facts={"owner": {"kind": "eks::nodegroup", "name": "payroll-nodes"}})
        assert (told(node)["owned"], told(node)["in_cluster"]) == (True, True)
        main = replace(thing(DATABASE, Cloud.AWS, "a"), facts={"replicas": ["payroll-replica"]})
        assert told(main)["has_replicas"] is True
        assert "payroll" not in repr((told(node), told(main)))

    def test_googles_protection_is_told_by_the_name_that_the_rules_know(self) -> None:
        """A machine that Google will not delete is one that is protected against deletion."""
        machine = replace(thing("compute::instance", Cloud.GCP, "a"), facts={"protected": True})
        assert told(machine)["deletion_protection"] is True

    def test_versioning_goes_along(self) -> None:
        """Whether there is anything to enable."""
        bucket = replace(thing("s3::bucket", Cloud.AWS, "a"), facts={"versioning": True})
        assert told(bucket)["versioning"] is True
