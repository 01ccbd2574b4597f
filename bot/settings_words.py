"""What was said about a setting, as its key and a value in the form the settings have. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_EVERY = re.compile(r"\b(?:(\d+)\s*(s|m|h|d|sec\w*|min\w*|hours?|days?)|(hour(?:ly)?|daily|day))\b", re.IGNORECASE)
_MONEY = re.compile(r"[$€£]?\s*(\d[\d,]*(?:\.\d+)?)\s*(k|m|thousand|million)?\b", re.IGNORECASE)
_TIMES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}


def meant(filters: Mapping[str, Any], text: str) -> tuple[str, Any] | None:
    """Return the key and the value that were said; None when it is no setting of ours, or no value was said."""
    value = filters.get("value")
    match filters.get("setting"):
        case "report_time" if value:
            return "report.at", str(value)
        case "timezone" if value:
            return "report.timezone", str(value)
        case "sync" if (every := _every(str(value or text))) is not None:
            return "sync.every", every
        case "budget" if (amount := _amount(str(value or text))) is not None:
            return "budgets.monthly", amount
        case "currency" if value:
            return "budgets.currency", str(value).upper()
        case "report" if value == "off":
            return "report", []
        case _:
            return None


def _every(text: str) -> str | None:
    found = _EVERY.search(text)
    if found is None:
        return None
    return f"{int(found[1] or 1)}{(found[2] or found[3])[0].lower()}"


def _amount(text: str) -> float | None:
    found = _MONEY.search(text)
    if found is None:
        return None
    amount = float(found[1].replace(",", "")) * _TIMES.get((found[2] or "").lower(), 1)
    return int(amount) if amount.is_integer() else amount
