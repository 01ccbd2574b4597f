"""Cost Management's query, as far as a daily bill by service, place, resource type or tag needs it.

Source: https://learn.microsoft.com/rest/api/cost-management/query/usage: rows follow `columns`, `UsageDate` is the number
YYYYMMDD, `nextLink` is posted to with the same body.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.costs import parts
from engine.sandbox.inventory import CostLine, Origin

PAGE_ROWS = 1000

MAX_GROUPINGS = 2
# Bills write places as meters do, not as the resource manager does.
PLACES = {"westus": "US West", "eastus": "US East", "westeurope": "EU West"}

_Key = Callable[[CostLine, Origin], tuple[str, ...]]
_COSTS = frozenset({"Cost", "CostUSD", "PreTaxCost", "PreTaxCostUSD"})


def answer(  # what a query needs to be answered, each by name
    lines: Sequence[CostLine], query: Mapping[str, Json], *, subscription: str, today: date, skip: int, address: str
) -> dict[str, Json]:
    """Answer one page of a query.

    Args:
        lines: The bill of the subscription, oldest first.
        query: The body of the request.
        subscription: Its id.
        today: The present day in UTC, for `MonthToDate`.
        skip: How many rows earlier pages held.
        address: Where the next page is asked for, without its `$skiptoken`.

    Raises:
        ArmError: 400 when the query asks for what this endpoint does not do.
    """
    first, last = _period(query, today)
    cost, grouping = _cost_of_daily(query)
    mine = [line for line in lines if line.account.id == subscription and first <= line.day <= last]
    rows = _rows(mine, [key for _, key in grouping])
    page = rows[skip : skip + PAGE_ROWS]
    more = skip + PAGE_ROWS < len(rows)
    name = hashlib.sha256(f"{subscription}/{first}/{last}".encode()).hexdigest()[:32]
    return {
        "id": f"subscriptions/{subscription}/providers/Microsoft.CostManagement/query/{name}",
        "name": name,
        "type": "Microsoft.CostManagement/query",
        "properties": {
            "nextLink": f"{address}&$skiptoken={skip + PAGE_ROWS}" if more else None,
            "columns": [
                {"name": cost, "type": "Number"},
                {"name": "UsageDate", "type": "Number"},
                *({"name": name, "type": "String"} for columns, _ in grouping for name in columns),
                {"name": "Currency", "type": "String"},
            ],
            "rows": page,
        },
    }


def _period(query: Mapping[str, Json], today: date) -> tuple[date, date]:
    match query.get("timeframe"):
        case "MonthToDate":
            return today.replace(day=1), today
        case "Custom":
            period = query.get("timePeriod")
            if not isinstance(period, Mapping):
                raise errors.invalid_parameter("Custom timeframe requires timePeriod.")
            try:
                ends = [datetime.fromisoformat(str(period[key])).date() for key in ("from", "to")]
            except (KeyError, ValueError):
                raise errors.invalid_parameter("timePeriod requires 'from' and 'to' in ISO 8601.") from None
            if ends[0] > ends[1]:
                raise errors.invalid_parameter("'from' must not be later than 'to'.")
            return ends[0], ends[1]
        case other:
            raise errors.invalid_parameter(f"timeframe '{other}' is not supported by this endpoint.")


def _rows(lines: Sequence[CostLine], keys: Sequence[_Key]) -> list[Json]:
    """Add up what is alike in all that is grouped by."""
    found: dict[tuple[date, tuple[str, ...]], Decimal] = defaultdict(Decimal)
    for line in lines:
        for origin, amount in parts(line):
            found[line.day, tuple(one for key in keys for one in key(line, origin))] += amount
    return [[float(amount), int(day.strftime("%Y%m%d")), *names, "USD"] for (day, names), amount in found.items()]


def _cost_of_daily(query: Mapping[str, Json]) -> tuple[str, list[tuple[tuple[str, ...], _Key]]]:
    """Return which cost is summed, and by which columns."""
    if query.get("type") not in {"ActualCost", "Usage", "AmortizedCost"}:
        raise errors.invalid_parameter("type must be ActualCost, AmortizedCost or Usage.")
    dataset = query.get("dataset")
    if not isinstance(dataset, Mapping) or dataset.get("granularity") != "Daily":
        raise errors.invalid_parameter("only a dataset of Daily granularity is supported by this endpoint.")
    grouping = dataset.get("grouping")
    if not isinstance(grouping, list) or not 1 <= len(grouping) <= MAX_GROUPINGS:
        raise errors.invalid_parameter("one or two groupings are supported by this endpoint.")
    aggregation = dataset.get("aggregation")
    total = next(iter(aggregation.values()), None) if isinstance(aggregation, Mapping) else None
    name = total.get("name") if isinstance(total, Mapping) else None
    if not isinstance(name, str) or name not in _COSTS:
        raise errors.invalid_parameter(f"the aggregation must sum one of {sorted(_COSTS)}.")
    return name, [_column(one) for one in grouping]


def _column(grouping: Json) -> tuple[tuple[str, ...], _Key]:
    match grouping:
        case {"type": "Dimension", "name": "ServiceName"}:
            return ("ServiceName",), lambda line, _: (line.service,)
        case {"type": "Dimension", "name": "ResourceLocation"}:
            return ("ResourceLocation",), lambda _, origin: (PLACES.get(origin.region, "Unassigned"),)
        case {"type": "Dimension", "name": "ResourceType"}:
            return ("ResourceType",), lambda _, origin: (origin.usage,)
        case {"type": "TagKey", "name": str(key)}:
            return ("TagKey", "TagValue"), lambda _, origin: (key, dict(origin.tags).get(key, ""))
        case _:
            raise errors.invalid_parameter(f"the grouping {grouping} is not supported by this endpoint.")
