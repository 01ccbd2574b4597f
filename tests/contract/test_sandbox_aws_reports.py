"""What the local AWS reports to the real boto3: costs, metrics and the trail of who did what."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from engine.clock import system_clock
from engine.sandbox.company import CpuProfile, Machine, MachineState
from engine.sandbox.costs import ANOMALY_DAYS_AGO
from engine.sandbox.landmarks import DEV, PROD
from tests.fakes.aws_clients import STEP, Aws, local_aws

IDLE_DAYS = 4


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Clients of a seeded endpoint."""
    with local_aws() as running:
        yield running


def month_of_costs(aws: Aws, **extra: Any) -> list[dict[str, Any]]:
    """The production account's last 30 days from Cost Explorer."""
    today = system_clock().date()
    answer = aws.client("ce", PROD.id).get_cost_and_usage(
        TimePeriod={"Start": str(today - timedelta(days=30)), "End": str(today)},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
        **extra,
    )
    return list(answer["ResultsByTime"])


def test_costs_by_service_add_up_to_the_companys_lines(aws: Aws) -> None:
    """Thirty days by service equal the seeded lines to the cent, and one day of EC2 stands out."""
    days = month_of_costs(aws, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
    found = {
        (date.fromisoformat(day["TimePeriod"]["Start"]), group["Keys"][0]): group["Metrics"]["UnblendedCost"]["Amount"]
        for day in days
        for group in day["Groups"]
    }
    first = aws.company.now.date() - timedelta(days=30)
    seeded = {
        (line.day, line.service): str(line.amount_usd)
        for line in aws.company.costs
        if line.account == PROD and line.day >= first
    }
    assert found == seeded
    assert len(days) == 30


def test_costs_by_month_and_in_total(aws: Aws) -> None:
    """Months are cut at the first of the month, and totals are the sum of all services."""
    today = aws.company.now.date()
    answer = aws.client("ce", PROD.id).get_cost_and_usage(
        TimePeriod={"Start": str(today - timedelta(days=60)), "End": str(today)},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
    )["ResultsByTime"]
    total = sum(float(month["Total"]["UnblendedCost"]["Amount"]) for month in answer)
    assert total == pytest.approx(float(sum(line.amount_usd for line in aws.company.costs if line.account == PROD)))
    assert all(month["TimePeriod"]["Start"].endswith("-01") for month in answer[1:])


def by_groups(days: list[dict[str, Any]]) -> dict[tuple[str, ...], float]:
    """What each group cost over all days."""
    found: dict[tuple[str, ...], float] = {}
    for day in days:
        for group in day["Groups"]:
            key = tuple(group["Keys"])
            found[key] = found.get(key, 0.0) + float(group["Metrics"]["UnblendedCost"]["Amount"])
    return found


REGION, USAGE, TEAM = (
    {"Type": "DIMENSION", "Key": "REGION"},
    {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
    {"Type": "TAG", "Key": "team"},
)


def test_costs_cut_another_way_add_up_to_the_same(aws: Aws) -> None:
    """By region, by usage type, by team and by two of them at once; what has no team comes as a tag without a value."""
    services = by_groups(month_of_costs(aws, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}]))
    whole = sum(services.values())
    for groups in ([REGION], [USAGE], [TEAM], [TEAM, REGION], [REGION, {"Type": "DIMENSION", "Key": "SERVICE"}]):
        assert sum(by_groups(month_of_costs(aws, GroupBy=groups)).values()) == pytest.approx(whole)
    regions = by_groups(month_of_costs(aws, GroupBy=[REGION]))
    assert {("us-east-1",), ("us-west-2",), ("eu-west-1",)} == set(regions)
    teams = by_groups(month_of_costs(aws, GroupBy=[TEAM]))
    assert {("team$",), ("team$payments",), ("team$platform",)} <= set(teams)
    standing = sum(amount for (service,), amount in services.items() if service in {"AmazonCloudWatch", "AWS Lambda"})
    assert teams["team$",] >= standing
    usage = by_groups(month_of_costs(aws, GroupBy=[USAGE, {"Type": "DIMENSION", "Key": "SERVICE"}]))
    assert ("USW2-BoxUsage:c5.xlarge", "Amazon Elastic Compute Cloud - Compute") in usage


def test_three_groupings_are_refused(aws: Aws) -> None:
    """As the service itself does."""
    with pytest.raises(ClientError, match="two groupings"):
        month_of_costs(aws, GroupBy=[REGION, TEAM, USAGE])


def test_a_new_expense_shows_in_the_next_answer(aws: Aws) -> None:
    """Cost is state of the endpoint: a line that is added is billed from then on."""
    before = float(month_of_costs(aws)[-5]["Total"]["UnblendedCost"]["Amount"])
    day = month_of_costs(aws)[-5]["TimePeriod"]["Start"]
    aws.expense(day=day, account=PROD.id, service="AWS Lambda", amount_usd="1000.25")
    after = float(month_of_costs(aws)[-5]["Total"]["UnblendedCost"]["Amount"])
    assert after - before == pytest.approx(1000.25)


def daily(aws: Aws, machines: list[Machine], metric: str, stat: str) -> dict[str, list[float]]:
    """Fourteen whole days of one metric of machines of one account and region."""
    midnight = datetime.combine(system_clock().date(), datetime.min.time(), UTC)
    queries = [
        {
            "Id": f"q{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/EC2",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "InstanceId", "Value": machine.id}],
                },
                "Period": 86_400,
                "Stat": stat,
            },
        }
        for index, machine in enumerate(machines)
    ]
    cloudwatch = aws.client("cloudwatch", machines[0].account.id, region=machines[0].region)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=midnight - timedelta(days=14), EndTime=midnight
    )["MetricDataResults"]
    return {machines[int(result["Id"][1:])].name: result["Values"] for result in answer}


def test_idle_machines_can_be_found_by_the_published_rule(aws: Aws) -> None:
    """At most 10 % CPU and 5 MB a day on four of fourteen days: exactly the idle ones with a week of data."""
    machines = [m for m in aws.company.machines if (m.account, m.region) == (DEV, "us-east-1")]
    cpu = daily(aws, machines, "CPUUtilization", "Average")
    received, sent = (daily(aws, machines, metric, "Sum") for metric in ("NetworkIn", "NetworkOut"))
    low = {
        name: sum(
            used <= 10 and get + put <= 5_000_000
            for used, get, put in zip(cpu[name], received[name], sent[name], strict=True)
        )
        for name in cpu
    }
    idle = {m.name for m in machines if m.profile is CpuProfile.IDLE and m.state is MachineState.RUNNING}
    enough = {name for name, values in cpu.items() if len(values) >= 7}
    assert {name for name, days in low.items() if days >= IDLE_DAYS} & enough == idle - {"spike-dev"}
    assert 0 < len(cpu["spike-dev"]) < 7
    assert cpu["jenkins-dev"] == []


def test_a_chart_of_the_last_hours_has_a_point_an_hour(aws: Aws) -> None:
    """GetMetricStatistics gives hourly points of the same figures."""
    now = system_clock().replace(minute=0, second=0, microsecond=0)
    points = aws.client("cloudwatch", PROD.id).get_metric_statistics(
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": aws.machine("api-prod-1", PROD.id).id}],
        StartTime=now - timedelta(hours=6),
        EndTime=now,
        Period=3600,
        Statistics=["Average"],
    )["Datapoints"]
    assert len(points) == 6
    assert all(10 < point["Average"] <= 100 for point in points)


def test_what_is_put_into_cloudwatch_stays_moto_s(aws: Aws) -> None:
    """Metrics of other namespaces are stored and read as ever."""
    cloudwatch = aws.client("cloudwatch")
    now = system_clock()
    cloudwatch.put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": "Orders", "Value": 3.0, "Timestamp": now - timedelta(minutes=5)}]
    )
    points = cloudwatch.get_metric_statistics(
        Namespace="Shop",
        MetricName="Orders",
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert [point["Sum"] for point in points] == [3.0]


def events(aws: Aws, account: str, *, region: str = "us-east-1", **attributes: str) -> list[dict[str, Any]]:
    """What CloudTrail remembers, newest first."""
    pages = aws.client("cloudtrail", account, region=region).get_paginator("lookup_events")
    wanted = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
    return [event for page in pages.paginate(LookupAttributes=wanted) for event in page["Events"]]


def test_the_trail_knows_who_opened_a_bucket(aws: Aws) -> None:
    """The question after a finding has an answer: the person, the call and the day."""
    (event,) = events(aws, PROD.id, ResourceName="acme-payroll-exports", EventName="PutBucketAcl")
    assert event["Username"] == "petra"
    assert event["EventTime"] < system_clock()
    assert events(aws, DEV.id, ResourceName="acme-payroll-exports") == []


def test_the_trail_goes_on_with_every_change(aws: Aws) -> None:
    """A change is in the trail with its step in the user agent; a refused one with its error; a read is not."""
    machine = aws.machine("search-dev")
    ec2 = aws.client("ec2", region="us-west-2")
    ec2.describe_instances(InstanceIds=[machine.id])
    ec2.stop_instances(InstanceIds=[machine.id])
    with pytest.raises(ClientError):
        aws.client("ec2", region="us-west-2", step=None).start_instances(InstanceIds=[machine.id])
    aws.client("ec2", region="us-west-2").start_instances(InstanceIds=[machine.id])
    found = [
        (event["EventName"], event["Username"], json.loads(event["CloudTrailEvent"]))
        for event in events(aws, DEV.id, region="us-west-2", ResourceName=machine.id)
    ]
    latest = [(name, user, record.get("errorCode"), STEP in record["userAgent"]) for name, user, record in found[:3]]
    assert latest == [
        ("StartInstances", "escher", None, True),
        ("StartInstances", "escher", "AccessDenied", False),
        ("StopInstances", "escher", None, True),
    ]


def test_the_costly_day_has_a_cause_in_the_trail(aws: Aws) -> None:
    """Large machines were launched and terminated on the day of the anomaly."""
    day = system_clock().date() - timedelta(days=ANOMALY_DAYS_AGO)
    (event,) = [
        event
        for event in events(aws, PROD.id, EventName="TerminateInstances")
        if event["EventTime"].astimezone(UTC).date() == day
    ]
    assert len(event["Resources"]) > 1
