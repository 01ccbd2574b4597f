"""Daily use of instances from CloudWatch.

GetMetricData takes up to 500 queries a request and counts a metric once however long the period
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.clouds.aws.names import local_id
from engine.clouds.aws.session import AwsSession
from engine.clouds.ports import DailyUse
from engine.clouds.purpose import Purpose
from engine.estate.resource import Resource

# Series name, CloudWatch metric, statistic.
_SERIES = (
    ("mean", "CPUUtilization", "Average"),
    ("max", "CPUUtilization", "Maximum"),
    ("in", "NetworkIn", "Sum"),
    ("out", "NetworkOut", "Sum"),
)
_QUERIES_PER_REQUEST = 500
_DAY_SECONDS = 86_400
_Days = dict[date, dict[str, float]]


def daily_use(
    session: AwsSession, resources: Sequence[Resource], *, days: int, until: datetime
) -> dict[str, tuple[DailyUse, ...]]:
    """Return the use on the `days` whole UTC days before the day of `until`, oldest first, by resource id."""
    end = datetime.combine(until.astimezone(UTC).date(), time(), UTC)
    by_region: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        if resource.type == "ec2::instance":
            by_region[resource.region].append(resource)
    use: dict[str, tuple[DailyUse, ...]] = {}
    for region, machines in by_region.items():
        client = session.client("cloudwatch", region, Purpose.READ)
        batch = _QUERIES_PER_REQUEST // len(_SERIES)
        for first in range(0, len(machines), batch):
            use.update(_batch(client, machines[first : first + batch], start=end - timedelta(days=days), end=end))
    return use


def _batch(
    client: Any, machines: Sequence[Resource], *, start: datetime, end: datetime
) -> Iterator[tuple[str, tuple[DailyUse, ...]]]:
    series: dict[int, _Days] = defaultdict(lambda: defaultdict(dict))
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(_queries(machines)), StartTime=start, EndTime=end, ScanBy="TimestampAscending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            name, _, number = result["Id"].partition("_")
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                series[int(number)][moment.astimezone(UTC).date()][name] = float(value)
    for number, machine in enumerate(machines):
        if use := tuple(_day(day, figures) for day, figures in sorted(series[number].items()) if "mean" in figures):
            yield machine.id, use


def _queries(machines: Sequence[Resource]) -> Iterator[dict[str, Any]]:
    for number, machine in enumerate(machines):
        for name, metric, statistic in _SERIES:
            yield {
                "Id": f"{name}_{number}",
                "ReturnData": True,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/EC2",
                        "MetricName": metric,
                        "Dimensions": [{"Name": "InstanceId", "Value": local_id(machine.id)}],
                    },
                    "Period": _DAY_SECONDS,
                    "Stat": statistic,
                },
            }


def _day(day: date, figures: Mapping[str, float]) -> DailyUse:
    return DailyUse(
        day=day,
        cpu_mean=figures["mean"],
        cpu_max=figures.get("max", figures["mean"]),
        network_bytes=figures.get("in", 0.0) + figures.get("out", 0.0),
    )
