"""Daily costs from Cost Management.

Source: https://learn.microsoft.com/rest/api/cost-management/query/usage. One request a subscription and grouping (the service allows few:
https://learn.microsoft.com/azure/cost-management-billing/costs/manage-automation#data-latency-and-rate-limits); `CostUSD` is the actual
cost in US dollars whatever the billing currency. Tags are those that stand in the usage records; not every resource provider writes them there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from azure.core.rest import HttpRequest

from engine.clouds.azure.session import AzureSession
from engine.clouds.billing import NO_REGION, CostDimension, CostGrouping, CostLine
from engine.clouds.errors import Invalid
from engine.clouds.purpose import Purpose

_API_VERSION = "2025-03-01"
_COST = "CostUSD"
_MOST_PAGES = 25
_COLUMNS = {
    CostDimension.SERVICE: "ServiceName",
    CostDimension.REGION: "ResourceLocation",
    CostDimension.TYPE: "ResourceType",
    CostDimension.TAG: "TagValue",
}
_NOWHERE = frozenset({"", "global", "unassigned", "unknown"})
# Bills write a place as the meter does (`US West 2`, `EU West`), the resource manager as `westus2`, `westeurope`.
_PLACES = {"us": "us", "eu": "europe", "uk": "uk", "ca": "canada", "in": "india", "ap": "asia", "au": "australia", "ja": "japan", "kr": "korea", "br": "brazil", "za": "southafrica", "ae": "uae", "fr": "france", "de": "germany"}  # fmt: skip
_KINDS = {"virtualmachines": "virtual machines", "disks": "managed disks", "storageaccounts": "storage accounts", "publicipaddresses": "public addresses", "vaults": "key vaults", "components": "monitoring"}  # fmt: skip
_AREA_FIRST = frozenset({"uk", "ca", "au", "ja", "kr", "br", "za", "ae", "fr", "de"})


def daily_costs(
    session: AzureSession, account: str, *, start: date, end: date, grouping: CostGrouping
) -> tuple[CostLine, ...]:
    """Return what was spent on each day from `start` to `end` (exclusive), in US dollars; zeros are left out.

    Raises:
        azure.core.exceptions.AzureError: As the SDK says it.
        Invalid: The bill has more pages than are asked for by one question.
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
            "grouping": [
                {"type": "TagKey", "name": grouping.tag}
                if one is CostDimension.TAG
                else {"type": "Dimension", "name": _COLUMNS[one]}
                for one in grouping.dimensions
            ],
        },
    }
    url = f"{{endpoint}}/subscriptions/{account}/providers/Microsoft.CostManagement/query?api-version={_API_VERSION}"
    lines: list[CostLine] = []
    for _ in range(_MOST_PAGES):
        answer = client.send_request(HttpRequest("POST", url, json=body))
        answer.raise_for_status()
        properties = answer.json()["properties"]
        lines.extend(_lines(properties, account, grouping.dimensions))
        url = properties.get("nextLink") or ""
        if not url:
            return tuple(lines)
    raise Invalid("TooManyPages", f"the bill has more than {_MOST_PAGES} pages of Cost Management")


def _lines(properties: Mapping[str, Any], account: str, dimensions: Sequence[CostDimension]) -> Iterator[CostLine]:
    place = {column["name"]: index for index, column in enumerate(properties["columns"])}
    for row in properties["rows"]:
        amount = float(row[place[_COST]])
        if amount:
            told = {one: str(row[place[_COLUMNS[one]]] or "") for one in dimensions}
            yield CostLine(
                day=datetime.strptime(str(row[place["UsageDate"]]), "%Y%m%d").date(),  # noqa: DTZ007 - a day, not a moment
                account=account,
                amount=amount,
                service=told.get(CostDimension.SERVICE, ""),
                region=region_of(told[CostDimension.REGION]) if CostDimension.REGION in told else "",
                type=_kind(told[CostDimension.TYPE]) if CostDimension.TYPE in told else "",
                tag=told.get(CostDimension.TAG, ""),
            )


def region_of(place: str) -> str:
    """Return a place of a bill as the resource manager writes it: `US West 2` is `westus2`; an unknown form stays, in lower case."""
    low = place.strip().lower()
    if low in _NOWHERE:
        return NO_REGION
    area, _, rest = low.partition(" ")
    if area not in _PLACES or not rest:
        return low.replace(" ", "")
    side, number = rest.rstrip(" 0123456789").replace(" ", ""), "".join(one for one in rest if one.isdigit())
    parts = (_PLACES[area], side) if area in _AREA_FIRST else (side, _PLACES[area])
    return "".join(parts) + number


def _kind(type_: str) -> str:
    """Return the kind of thing in words where they are known, else the last part of its type as it is."""
    provider, _, kind = type_.lower().removeprefix("microsoft.").partition("/")
    return _KINDS.get(kind, kind or provider or "no type")
