"""Daily use of instances from Cloud Monitoring.

Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list. One query answers a metric of all instances of the
project; an aligned point stands for the day that ends at its `endTime`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from google.api_core.exceptions import from_http_response

from engine.clouds.gcp.session import GcpSession
from engine.clouds.ports import DailyUse
from engine.estate.resource import Resource

INSTANCE = "compute::instance"
# Our name, metric, aligner, factor to our unit.
_SERIES = (
    ("mean", "cpu/utilization", "ALIGN_MEAN", 100.0),
    ("max", "cpu/utilization", "ALIGN_MAX", 100.0),
    ("in", "network/received_bytes_count", "ALIGN_SUM", 1.0),
    ("out", "network/sent_bytes_count", "ALIGN_SUM", 1.0),
)
_TIMEOUT_SECONDS = 30
_OK = 200


def daily_use(
    session: GcpSession, project: str, resources: Sequence[Resource], *, days: int, until: datetime
) -> dict[str, tuple[DailyUse, ...]]:
    """Return the use on the `days` whole UTC days before the day of `until`, oldest first, by resource id.

    Raises:
        google.api_core.exceptions.GoogleAPICallError, requests.RequestException: As the SDK says it.
    """
    wanted = {str(each.facts.get("instance_id")): each.id for each in resources if each.type == INSTANCE}
    if not wanted:
        return {}
    end = datetime.combine(until.astimezone(UTC).date(), time(), UTC)
    figures: dict[str, dict[date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for name, metric, aligner, factor in _SERIES:
        for series in _series(session, project, metric, aligner, start=end - timedelta(days=days), end=end):
            instance = str(series["resource"]["labels"]["instance_id"])
            for point in series["points"] if instance in wanted else ():
                day = (datetime.fromisoformat(point["interval"]["endTime"]) - timedelta(days=1)).date()
                figures[instance][day][name] = _value(point["value"]) * factor
    return {
        wanted[instance]: use
        for instance, by_day in figures.items()
        if (use := tuple(_day(day, one) for day, one in sorted(by_day.items()) if "mean" in one))
    }


def _series(
    session: GcpSession, project: str, metric: str, aligner: str, *, start: datetime, end: datetime
) -> Iterator[Mapping[str, Any]]:
    query = {
        "filter": f'metric.type = "compute.googleapis.com/instance/{metric}"',
        "interval.startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "interval.endTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "aggregation.alignmentPeriod": "86400s",
        "aggregation.perSeriesAligner": aligner,
    }
    url = f"{session.monitoring_url}/v3/projects/{project}/timeSeries"
    while True:
        answer = session.http().get(url, params=query, timeout=_TIMEOUT_SECONDS)
        if answer.status_code != _OK:
            raise from_http_response(answer)
        document = answer.json()
        yield from document.get("timeSeries", ())
        if not document.get("nextPageToken"):
            return
        query["pageToken"] = document["nextPageToken"]


def _value(value: Mapping[str, Any]) -> float:
    return float(value.get("doubleValue", value.get("int64Value", 0)))


def _day(day: date, use: Mapping[str, float]) -> DailyUse:
    return DailyUse(
        day=day,
        cpu_mean=use["mean"],
        cpu_max=use.get("max", use["mean"]),
        network_bytes=use.get("in", 0.0) + use.get("out", 0.0),
    )
