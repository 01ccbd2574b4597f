"""Cloud Monitoring's daily figures of all instances of a project.

Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list. Served: the instance metrics
`cpu/utilization` (a part of one, aligned by mean or maximum), `network/received_bytes_count` and `network/sent_bytes_count` (aligned by
sum), one point a day; a point stands for the interval that ends at its `endTime`.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox.gcp import errors
from engine.sandbox.gcp.call import Call
from engine.sandbox.gcp.machines import Instance
from engine.sandbox.use import DailyUse, daily_use

DAY = "86400s"
_TYPE = re.compile(r'metric\.type\s*=\s*"compute\.googleapis\.com/instance/([a-z_/]+)"')
_FIGURES: dict[tuple[str, str], Callable[[DailyUse], float]] = {
    ("cpu/utilization", "ALIGN_MEAN"): lambda use: use.cpu_average / 100,
    ("cpu/utilization", "ALIGN_MAX"): lambda use: use.cpu_maximum / 100,
    ("network/received_bytes_count", "ALIGN_SUM"): lambda use: float(use.network_in_bytes),
    ("network/sent_bytes_count", "ALIGN_SUM"): lambda use: float(use.network_out_bytes),
}


def time_series(call: Call) -> Response:
    """Answer one page of series, one series an instance that has data.

    Raises:
        ComputeError: 404 without the project, 400 for another metric, aligner, period or an unreadable interval.
    """
    call.estate.project(call.project)
    found = _TYPE.fullmatch(call.query.get("filter", "").strip())
    aligner = call.query.get("aggregation.perSeriesAligner", "")
    figure = _FIGURES.get((found[1], aligner)) if found is not None else None
    if found is None or figure is None or call.query.get("aggregation.alignmentPeriod") != DAY:
        raise errors.invalid(
            "filter", call.query.get("filter", ""), "This endpoint has daily CPU and network figures only."
        )
    try:
        begin, end = (
            datetime.fromisoformat(call.query[f"interval.{name}"]).date() for name in ("startTime", "endTime")
        )
    except (KeyError, ValueError):
        raise errors.invalid("interval", "", "startTime and endTime are needed.") from None
    series = [
        _series(instance, found[1], points)
        for instance in call.estate.instances_in(call.project)
        if (points := _points(instance, begin, end, figure))
    ]
    return JSONResponse({"timeSeries": series, "unit": "1"} if series else {"unit": "1"})


def _points(instance: Instance, begin: date, end: date, figure: Callable[[DailyUse], float]) -> list[Json]:
    points: list[Json] = []
    day = end - timedelta(days=1)
    while instance.source is not None and day >= begin:
        use = daily_use(instance.source, day)
        if use is not None:
            interval: Json = {
                "startTime": f"{day.isoformat()}T00:00:00Z",
                "endTime": f"{(day + timedelta(days=1)).isoformat()}T00:00:00Z",
            }
            points.append({"interval": interval, "value": {"doubleValue": figure(use)}})
        day -= timedelta(days=1)
    return points


def _series(instance: Instance, metric: str, points: list[Json]) -> dict[str, Json]:
    return {
        "metric": {
            "type": f"compute.googleapis.com/instance/{metric}",
            "labels": {"instance_name": instance.name},
        },
        "resource": {
            "type": "gce_instance",
            "labels": {"project_id": instance.project, "instance_id": instance.id, "zone": instance.zone},
        },
        "metricKind": "GAUGE",
        "valueType": "DOUBLE",
        "points": points,
    }
