"""CloudWatch: what the company's instances did, computed when somebody asks.

Fourteen days of three metrics for a thousand instances are half a million hourly points, and moto walks all of them for
every query. So the figures of `AWS/EC2` are answered from `engine.sandbox.use`, an hour being the smallest grain;
everything else (alarms, metrics that were put) stays moto's.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, cloudwatch_backends

from engine.clock import Clock
from engine.sandbox.inventory import Cloud, Company, Machine
from engine.sandbox.use import DailyUse, daily_use, hour_factor

NAMESPACE = "AWS/EC2"
HOUR = timedelta(hours=1)
UNITS = {"CPUUtilization": "Percent", "NetworkIn": "Bytes", "NetworkOut": "Bytes"}


class Watched:
    """One instance as CloudWatch sees it: its use by the hour, for as long as it ran."""

    def __init__(self, machine: Machine, instance: Any, *, seeded_at: datetime, clock: Clock) -> None:
        self.machine = machine
        self._instance = instance
        self._seeded_at = seeded_at
        self._clock = clock
        self._use: Callable[[date], DailyUse | None] = cache(lambda day: daily_use(machine, day))

    def hours(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, DailyUse]]:
        """Yield each whole hour that begins in `[start, end)` and has passed, with its day's use."""
        running = self._instance.state == "running"
        last = min(end, (self._clock() if running else self._seeded_at) - HOUR)
        hour = _round_up(max(start, self.machine.launched_at))
        while hour < end and hour <= last:
            use = self._use(hour.date())
            if use is not None:
                yield hour, use
            hour += HOUR

    def values(self, metric: str, start: datetime, end: datetime, stat: str) -> list[float]:
        """Return one figure for each hour, in the metric's unit, as `stat` sees it."""
        return [_value(metric, hour.hour, use, peak=stat == "Maximum") for hour, use in self.hours(start, end)]


class SeededCloudWatch(CloudWatchBackend):
    """Moto's CloudWatch of one account and region, with the seeded instances' own metrics."""

    def __init__(self, region_name: str, account_id: str, watched: Mapping[str, Watched]) -> None:
        super().__init__(region_name, account_id)
        self._watched = watched

    def get_metric_data(
        self,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        """Answer each query; those with metric math see plain data points, the others take the short way."""
        if any("Expression" in query for query in queries):
            scratch = self._scratch(queries, start_time, end_time)
            return list(scratch.get_metric_data(queries, start_time, end_time, scan_by))
        own = {query["Id"]: watched for query in queries if (watched := self._watched_by(query["MetricStat"]))}
        others = [query for query in queries if query["Id"] not in own]
        answers = {}
        if others:
            answers = {
                answer["id"]: answer for answer in super().get_metric_data(others, start_time, end_time, scan_by)
            }
        for query in queries:
            if query["Id"] in own and query.get("ReturnData", True):
                answers[query["Id"]] = _answer(query, own[query["Id"]], start_time, end_time, scan_by)
        return [answers[query["Id"]] for query in queries if query["Id"] in answers]

    def get_metric_statistics(
        self,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        stats: list[str],
        dimensions: list[dict[str, str]],
        unit: str | None = None,
    ) -> list[Any]:
        """Answer from plain data points of the one instance that is asked for."""
        metric = {"Namespace": namespace, "MetricName": metric_name, "Dimensions": dimensions}
        scratch = self._scratch([{"MetricStat": {"Metric": metric}}], start_time, end_time)
        return list(
            CloudWatchBackend.get_metric_statistics(
                scratch, namespace, metric_name, start_time, end_time, period, stats, dimensions, unit
            )
        )

    def _watched_by(self, metric_stat: Mapping[str, Any]) -> Watched | None:
        """Return the seeded instance that a query is about; None for anything else."""
        metric = metric_stat["Metric"]
        dimensions = metric.get("Dimensions") or []
        about_one = len(dimensions) == 1 and dimensions[0]["Name"] == "InstanceId"
        if metric.get("Namespace") != NAMESPACE or metric.get("MetricName") not in UNITS or not about_one:
            return None
        return self._watched.get(dimensions[0]["Value"])

    def _scratch(self, queries: list[dict[str, Any]], start: datetime, end: datetime) -> Any:
        """Return a throw-away back end that holds the asked instances' data points as if they had been put."""
        scratch = CloudWatchBackend(self.region_name, self.account_id)
        scratch.metric_data = list(self.metric_data)
        for query in queries:
            watched = self._watched_by(query["MetricStat"]) if "MetricStat" in query else None
            if watched is None:
                continue
            metric = query["MetricStat"]["Metric"]
            name, dimensions = metric["MetricName"], metric["Dimensions"]
            scratch.metric_data += [
                MetricDatum(NAMESPACE, name, _value(name, hour.hour, use), dimensions, _like(hour, start), UNITS[name])
                for hour, use in watched.hours(_aware(start), _aware(end))
            ]
        return scratch


def seed(company: Company, instances: Mapping[str, Any], *, clock: Clock) -> None:
    """Put a CloudWatch that knows the company's instances into each account and region that has some."""
    places: dict[tuple[str, str], dict[str, Watched]] = {}
    for machine in company.machines_of(Cloud.AWS):
        watched = Watched(machine, instances[machine.id], seeded_at=company.now, clock=clock)
        places.setdefault((machine.account.id, machine.region), {})[machine.id] = watched
    for (account, region), own in places.items():
        cloudwatch_backends[account][region] = SeededCloudWatch(region, account, own)


def _answer(query: Mapping[str, Any], watched: Watched, start: datetime, end: datetime, scan_by: str) -> dict[str, Any]:
    stat = query["MetricStat"]
    name, period, kind = stat["Metric"]["MetricName"], timedelta(seconds=int(stat["Period"])), stat["Stat"]
    values, times = [], []
    moment = start.replace(microsecond=0)
    while moment < end and (stat.get("Unit") or UNITS[name]) == UNITS[name]:
        # Below an hour the hour's figure stands for each of its parts.
        grain = _aware(moment) if period >= HOUR else _aware(moment).replace(minute=0, second=0)
        found = watched.values(name, grain, grain + max(period, HOUR), kind)
        if found:
            share = min(1.0, period / HOUR) if kind == "Sum" else 1.0
            values.append(_statistic(kind, found) * share)
            times.append(moment)
        moment += period
    if scan_by == "TimestampDescending":
        values.reverse()
        times.reverse()
    return {
        "id": query["Id"],
        "label": query.get("Label") or f"{name} {kind}",
        "values": values,
        "timestamps": times,
        "status_code": "Complete",
    }


def _value(metric: str, hour: int, use: DailyUse, *, peak: bool = False) -> float:
    factor = hour_factor(hour)
    match metric:
        case "CPUUtilization":
            lift = use.cpu_maximum - use.cpu_average if peak else 0.0
            return round(min(100.0, use.cpu_average * factor + lift), 3)
        case "NetworkIn":
            return round(use.network_in_bytes / 24 * factor)
        case _:
            return round(use.network_out_bytes / 24 * factor)


def _statistic(stat: str, values: list[float]) -> float:
    match stat:
        case "Sum":
            return sum(values)
        case "Average":
            return round(sum(values) / len(values), 3)
        case "Minimum":
            return min(values)
        case "Maximum":
            return max(values)
        case "SampleCount":
            return float(len(values))
        case _:
            raise InvalidParameterValue(f"the statistic {stat} is not served by this sandbox")


def _round_up(moment: datetime) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + HOUR


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _like(moment: datetime, model: datetime) -> datetime:
    return moment if model.tzinfo else moment.replace(tzinfo=None)
