"""Cost Explorer: any period by day or month, by service, account, region, usage type or tag, answered from the company's cost lines.

Moto hands out canned answers; this back end computes them. Each account sees its own costs, as accounts outside an
organisation do. Tests add a line through `POST /_escher/costs` and see it in the next answer.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from moto.ce.models import CostExplorerBackend, ce_backends
from moto.core.exceptions import JsonRESTError
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.clock import Clock
from engine.sandbox.costs import parts
from engine.sandbox.gate import PREFIX, Reply
from engine.sandbox.inventory import Cloud, Company, CostLine

ESTIMATED_DAYS = 2
MAX_GROUPINGS = 2


class Expense(BaseModel):
    """One line of a bill, also as a test posts it; what has no region, usage type or tag is billed without."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: date
    account: str
    service: str
    amount_usd: Decimal
    region: str = ""
    usage: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Ledger:
    """Every line of every account; lines can be added while it is read."""

    def __init__(self, expenses: Iterable[Expense], names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._lock = threading.Lock()
        self._lines: dict[str, list[Expense]] = defaultdict(list)
        for expense in expenses:
            self._lines[expense.account].append(expense)

    def add(self, expense: Expense) -> None:
        """Write one more line."""
        with self._lock:
            self._lines[expense.account].append(expense)

    def lines(self, account: str, start: date, end: date) -> list[Expense]:
        """Return an account's lines of the days `[start, end)`."""
        with self._lock:
            return [line for line in self._lines[account] if start <= line.day < end]

    def page(self, method: str, path: str, body: bytes) -> Reply | None:
        """Serve `POST /_escher/costs`; None for other pages."""
        if (method, path) != ("POST", PREFIX + "costs"):
            return None
        try:
            expense = Expense.model_validate_json(body)
        except ValidationError as error:
            return Reply(status=422, body={"error": str(error)})
        if expense.account not in self.names:
            return Reply(status=404, body={"error": f"no such account: {expense.account}"})
        self.add(expense)
        return Reply(status=201, body=expense.model_dump(mode="json"))


class SeededCostExplorer(CostExplorerBackend):
    """Moto's Cost Explorer of one account, reading the ledger."""

    def __init__(self, region_name: str, account_id: str, ledger: Ledger, clock: Clock) -> None:
        super().__init__(region_name, account_id)
        self._ledger = ledger
        self._clock = clock

    def get_cost_and_usage(self, body: str) -> dict[str, Any]:
        """Answer GetCostAndUsage.

        Source: docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html. The end of a
        period is exclusive; figures of the last days are estimated; at most two groupings.
        """
        asked = json.loads(body)
        start, end = (date.fromisoformat(asked["TimePeriod"][edge][:10]) for edge in ("Start", "End"))
        if start >= end:
            raise _invalid("Start date (and hour) should be before end date (and hour)")
        metrics = asked.get("Metrics") or ["UnblendedCost"]
        keys = [_key(grouping) for grouping in asked.get("GroupBy", [])]
        if len(keys) > MAX_GROUPINGS:
            raise _invalid("at most two groupings")
        wanted = _filter(asked.get("Filter"))
        lines = [line for line in self._ledger.lines(self.account_id, start, end) if wanted(line)]
        final = self._clock().date() - timedelta(days=ESTIMATED_DAYS)
        return {
            "ResultsByTime": [
                {
                    "TimePeriod": {"Start": first.isoformat(), "End": after.isoformat()},
                    **_result([line for line in lines if first <= line.day < after], keys, metrics),
                    "Estimated": after > final,
                }
                for first, after in _periods(start, end, asked.get("Granularity", "DAILY"))
            ],
            "GroupDefinitions": asked.get("GroupBy", []),
            "DimensionValueAttributes": [
                {"Value": self.account_id, "Attributes": {"description": self._ledger.names[self.account_id]}}
            ],
        }


def seed(company: Company, *, clock: Clock) -> Ledger:
    """Put a Cost Explorer into each AWS account; return the ledger that they share."""
    ledger = Ledger(
        _expenses(company.costs_of(Cloud.AWS)),
        {account.id: account.name for account in company.accounts_of(Cloud.AWS)},
    )
    for account in company.accounts_of(Cloud.AWS):
        ce_backends[account.id]["aws"] = SeededCostExplorer("aws", account.id, ledger, clock)
    return ledger


def _expenses(lines: Iterable[CostLine]) -> Iterator[Expense]:
    """Cut the company's lines; they are ours and need no checking, and there are tens of thousands."""
    for line in lines:
        for origin, amount in parts(line):
            yield Expense.model_construct(
                day=line.day,
                account=line.account.id,
                service=line.service,
                amount_usd=amount,
                region=origin.region,
                usage=origin.usage,
                tags=origin.tags,
            )


def _periods(start: date, end: date, granularity: str) -> list[tuple[date, date]]:
    match granularity:
        case "DAILY":
            return [(start + timedelta(days=day), start + timedelta(days=day + 1)) for day in range((end - start).days)]
        case "MONTHLY":
            periods = []
            while start < end:
                after = min(end, (start.replace(day=1) + timedelta(days=32)).replace(day=1))
                periods.append((start, after))
                start = after
            return periods
        case _:
            raise _invalid(f"granularity {granularity} is not served by this sandbox")


def _result(lines: list[Expense], keys: list[Callable[[Expense], str]], metrics: list[str]) -> dict[str, Any]:
    if not keys:
        return {"Total": _amounts(lines, metrics), "Groups": []}
    groups: dict[tuple[str, ...], list[Expense]] = defaultdict(list)
    for line in lines:
        groups[tuple(key(line) for key in keys)].append(line)
    return {
        "Total": {},
        "Groups": [
            {"Keys": list(names), "Metrics": _amounts(members, metrics)} for names, members in sorted(groups.items())
        ],
    }


def _amounts(lines: list[Expense], metrics: list[str]) -> dict[str, dict[str, str]]:
    total = sum((line.amount_usd for line in lines), Decimal(0))
    return {
        metric: {
            "Amount": "0" if metric == "UsageQuantity" else str(total),
            "Unit": "N/A" if metric == "UsageQuantity" else "USD",
        }
        for metric in metrics
    }


def _key(grouping: Mapping[str, str]) -> Callable[[Expense], str]:
    match grouping.get("Type"), grouping.get("Key"):
        case "DIMENSION", "SERVICE":
            return lambda line: line.service
        case "DIMENSION", "LINKED_ACCOUNT":
            return lambda line: line.account
        case "DIMENSION", "REGION":
            return lambda line: line.region or "NoRegion"
        case "DIMENSION", "USAGE_TYPE":
            return lambda line: line.usage or "NoUsageType"
        case "TAG", str(tag):
            return lambda line: f"{tag}${dict(line.tags).get(tag, '')}"
        case kind, key:
            raise _invalid(f"grouping by {kind} {key} is not served by this sandbox")


def _filter(expression: Mapping[str, Any] | None) -> Callable[[Expense], bool]:
    """Read a Filter of dimensions, joined by And, Or and Not."""
    if not expression:
        return lambda _: True
    ((kind, inner),) = expression.items()
    match kind:
        case "Dimensions":
            key = _key({"Type": "DIMENSION", "Key": inner["Key"]})
            return lambda line: key(line) in inner["Values"]
        case "Not":
            denied = _filter(inner)
            return lambda line: not denied(line)
        case "And" | "Or":
            parts = [_filter(part) for part in inner]
            joined = all if kind == "And" else any
            return lambda line: joined(part(line) for part in parts)
        case _:
            raise _invalid(f"a filter by {kind} is not served by this sandbox")


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", message)
