"""Daily costs by service from Cost Management.

Source: https://learn.microsoft.com/rest/api/cost-management/query/usage. One request a subscription and report (the service allows few:
https://learn.microsoft.com/azure/cost-management-billing/costs/manage-automation#data-latency-and-rate-limits); `CostUSD` is the actual
cost in US dollars whatever the billing currency.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from azure.core.rest import HttpRequest

from engine.clouds.azure.session import AzureSession, Purpose
from engine.clouds.ports import CostLine

_API_VERSION = "2025-03-01"
_COST = "CostUSD"


def daily_costs(session: AzureSession, account: str, *, start: date, end: date) -> tuple[CostLine, ...]:
    """Return what each service cost on each day from `start` to `end` (exclusive), in US dollars; zeros are left out.

    Raises:
        azure.core.exceptions.AzureError: As the SDK says it.
    """
    client = session.compute(Purpose.READ)
    last = end - timedelta(days=1)
    body = {
        "type": "ActualCost",
        "timeframe": "Custom",
        "timePeriod": {"from": f"{start.isoformat()}T00:00:00Z", "to": f"{last.isoformat()}T23:59:59Z"},
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": _COST, "function": "Sum"}},
            "grouping": [{"type": "Dimension", "name": "ServiceName"}],
        },
    }
    url = f"{{endpoint}}/subscriptions/{account}/providers/Microsoft.CostManagement/query?api-version={_API_VERSION}"
    lines: list[CostLine] = []
    while url:
        answer = client.send_request(HttpRequest("POST", url, json=body))
        answer.raise_for_status()
        properties = answer.json()["properties"]
        lines.extend(_lines(properties, account))
        url = properties.get("nextLink") or ""
    return tuple(lines)


def _lines(properties: Mapping[str, Any], account: str) -> Iterator[CostLine]:
    place = {column["name"]: index for index, column in enumerate(properties["columns"])}
    for row in properties["rows"]:
        amount = float(row[place[_COST]])
        if amount:
            day = datetime.strptime(str(row[place["UsageDate"]]), "%Y%m%d").date()  # noqa: DTZ007 - a day, not a moment
            yield CostLine(day=day, account=account, service=str(row[place["ServiceName"]]), amount=amount)
