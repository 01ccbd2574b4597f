"""Azure Monitor's daily figures of a machine.

Source: https://learn.microsoft.com/rest/api/monitor/metrics/list. Served: `Percentage CPU`, `Network In Total` and `Network Out
Total` at the grain `P1D`; a day without data has a time stamp and no figures.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from starlette.responses import JSONResponse, Response

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.azure.call import Call
from engine.sandbox.azure.machines import VirtualMachine
from engine.sandbox.use import DailyUse, daily_use

_METRICS: dict[str, tuple[str, Callable[[DailyUse], dict[str, Json]]]] = {
    "percentage cpu": ("Percent", lambda use: {"average": use.cpu_average, "maximum": use.cpu_maximum}),
    "network in total": ("Bytes", lambda use: {"total": use.network_in_bytes}),
    "network out total": ("Bytes", lambda use: {"total": use.network_out_bytes}),
}


def of_machine(call: Call) -> Response:
    """Answer the metrics of one machine.

    Raises:
        ArmError: 404 when the machine does not exist, 400 for another metric, grain or an unreadable time span.
    """
    machine = call.estate.machine(call.subscription, call.names["group"], call.names["name"])
    if call.query.get("interval", "").upper() != "P1D":
        raise errors.invalid_parameter("only the interval P1D is supported by this endpoint.")
    first, last = _span(call.query.get("timespan", ""))
    names = [name.strip() for name in call.query.get("metricnames", "").split(",")]
    return JSONResponse(
        {
            "cost": 0,
            "timespan": call.query["timespan"],
            "interval": "P1D",
            "namespace": "Microsoft.Compute/virtualMachines",
            "resourceregion": machine.location,
            "value": [_metric(machine, name, first, last) for name in names],
        }
    )


def _span(text: str) -> tuple[date, date]:
    try:
        begin, end = (datetime.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        raise errors.invalid_parameter(f"The timespan '{text}' is not valid.") from None
    return begin.date(), end.date()


def _metric(machine: VirtualMachine, name: str, first: date, last: date) -> dict[str, Json]:
    known = _METRICS.get(name.lower())
    if known is None:
        raise errors.invalid_parameter(f"Failed to find metric configuration for provider: metric: {name}.")
    unit, figures = known
    data: list[Json] = []
    day = first
    while day < last:
        use = daily_use(machine.source, day) if machine.source is not None else None
        data.append({"timeStamp": f"{day.isoformat()}T00:00:00Z", **(figures(use) if use is not None else {})})
        day += timedelta(days=1)
    return {
        "id": f"{machine.id}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": unit,
        "timeseries": [{"metadatavalues": [], "data": data}],
        "errorCode": "Success",
    }
