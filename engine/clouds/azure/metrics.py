"""Daily use of virtual machines from Azure Monitor.

Source: https://learn.microsoft.com/rest/api/monitor/metrics/list and
https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-compute-virtualmachines-metrics. One request a machine, a
few at a time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from azure.core.rest import HttpRequest

from engine.clouds.azure.session import AzureSession
from engine.clouds.ports import DailyUse
from engine.clouds.purpose import Purpose
from engine.estate.resource import Resource

MACHINE = "compute::virtualmachine"
_API_VERSION = "2024-02-01"
_AT_ONCE = 8
_CPU, _IN, _OUT = "Percentage CPU", "Network In Total", "Network Out Total"
_NOT_FOUND = 404


def daily_use(
    session: AzureSession, resources: Sequence[Resource], *, days: int, until: datetime
) -> dict[str, tuple[DailyUse, ...]]:
    """Return the use on the `days` whole UTC days before the day of `until`, oldest first, by resource id.

    Raises:
        azure.core.exceptions.AzureError: As the SDK says it.
    """
    end = datetime.combine(until.astimezone(UTC).date(), time(), UTC)
    machines = [resource for resource in resources if resource.type == MACHINE]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(lambda machine: _of(session, machine.id, end - timedelta(days=days), end), machines)
        return {machine.id: use for machine, use in zip(machines, found, strict=True) if use}


def _of(session: AzureSession, machine: str, start: datetime, end: datetime) -> tuple[DailyUse, ...]:
    query = {
        "api-version": _API_VERSION,
        "metricnames": f"{_CPU},{_IN},{_OUT}",
        "interval": "P1D",
        "timespan": f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        "aggregation": "average,maximum,total",
    }
    url = f"{{endpoint}}{machine}/providers/Microsoft.Insights/metrics"
    answer = session.compute(Purpose.READ).send_request(HttpRequest("GET", url, params=query))
    if answer.status_code == _NOT_FOUND:
        return ()
    answer.raise_for_status()
    figures: dict[date, dict[str, float]] = defaultdict(dict)
    for metric in answer.json()["value"]:
        for series in metric["timeseries"]:
            for point in series["data"]:
                day = datetime.fromisoformat(point["timeStamp"]).date()
                figures[day].update(_named(metric["name"]["value"], point))
    return tuple(_day(day, use) for day, use in sorted(figures.items()) if "mean" in use)


def _named(metric: str, point: Mapping[str, Any]) -> dict[str, float]:
    names = {_CPU: (("mean", "average"), ("max", "maximum")), _IN: (("in", "total"),), _OUT: (("out", "total"),)}
    return {ours: float(point[theirs]) for ours, theirs in names.get(metric, ()) if point.get(theirs) is not None}


def _day(day: date, use: Mapping[str, float]) -> DailyUse:
    return DailyUse(
        day=day,
        cpu_mean=use["mean"],
        cpu_max=use.get("max", use["mean"]),
        network_bytes=use.get("in", 0.0) + use.get("out", 0.0),
    )
