"""Cost Management's query, as far as a daily bill by service needs it.

Source: https://learn.microsoft.com/rest/api/cost-management/query/usage: rows follow `columns`, `UsageDate` is the number
YYYYMMDD, `nextLink` is posted to with the same body.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from engine.estate.resource import Json
from engine.sandbox.azure import errors
from engine.sandbox.inventory import CostLine

PAGE_ROWS = 1000

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
    cost = _cost_of_daily_by_service(query)
    rows: list[Json] = [
        [float(line.amount_usd), int(line.day.strftime("%Y%m%d")), line.service, "USD"]
        for line in lines
        if line.account.id == subscription and first <= line.day <= last
    ]
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
                {"name": "ServiceName", "type": "String"},
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


def _cost_of_daily_by_service(query: Mapping[str, Json]) -> str:
    """Return which cost is summed."""
    if query.get("type") not in {"ActualCost", "Usage", "AmortizedCost"}:
        raise errors.invalid_parameter("type must be ActualCost, AmortizedCost or Usage.")
    dataset = query.get("dataset")
    if not isinstance(dataset, Mapping) or dataset.get("granularity") != "Daily":
        raise errors.invalid_parameter("only a dataset of Daily granularity is supported by this endpoint.")
    grouping = dataset.get("grouping")
    wanted = [{"type": "Dimension", "name": "ServiceName"}]
    if grouping != wanted:
        raise errors.invalid_parameter(f"only the grouping {wanted} is supported by this endpoint.")
    aggregation = dataset.get("aggregation")
    total = next(iter(aggregation.values()), None) if isinstance(aggregation, Mapping) else None
    name = total.get("name") if isinstance(total, Mapping) else None
    if not isinstance(name, str) or name not in _COSTS:
        raise errors.invalid_parameter(f"the aggregation must sum one of {sorted(_COSTS)}.")
    return name
