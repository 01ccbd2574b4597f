"""Numbers, times and counts as people say them."""

from datetime import datetime, tzinfo
from typing import Final

from blocks.components.vocabulary import TimeStyle

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_WHOLE_FROM: Final = 100
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_DAYS_FROM: Final = 2 * _DAY


def money(amount: float, currency: str = "USD") -> str:
    """`$1,247`, `$11.40`, `$5`: cents only below one hundred and only where there are some."""
    sign = "-" if amount < 0 and _digits(amount).strip("0.,") else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{_digits(amount)}" if symbol else f"{sign}{_digits(amount)} {currency}"


def _digits(amount: float) -> str:
    size = abs(amount)
    if round(size, 2) >= _WHOLE_FROM:
        return f"{size:,.0f}"
    text = f"{size:.2f}"
    return text.removesuffix(".00")


def signed_money(amount: float, currency: str = "USD") -> str:
    """`+$186`, `-$12.50`; nothing before zero."""
    text = money(amount, currency)
    return f"+{text}" if amount > 0 and text.strip("$€£¥₹0. ") else text


def percent(share: float) -> str:
    """`91 %`, `17.5 %` from a number of percent."""
    return f"{share:,.1f}".removesuffix(".0") + " %"


def signed_percent(share: float) -> str:
    """`+17.5 %`, `-3 %`."""
    text = percent(share)
    return f"+{text}" if share > 0 and text != "0 %" else text.replace("-0 %", "0 %")


def number(value: float) -> str:
    """`1,247` or `3.5`."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def count(amount: int, noun: str, plural: str = "") -> str:
    """`1 bucket`, `3 buckets`, `2 policies` (with the plural given)."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """`9 s`, `2 min 17 s`, `1 h 2 min`, `3 d`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if whole < _DAYS_FROM:
        hours, rest = divmod(whole, _HOUR)
        return f"{hours} h {rest // _MINUTE} min" if rest // _MINUTE else f"{hours} h"
    return f"{whole // _DAY:,} d"


def clock(seconds: float) -> str:
    """`0:14`, `2:17`, `1:02:05`: how long something has been running."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(octets: float) -> str:
    """`512 B`, `1.5 KB`, `20 GB`; powers of 1,000."""
    value = float(octets)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(value) < 1000:  # noqa: PLR2004 - the step between units of size
            return f"{number(round(value, 1))} {unit}"
        value /= 1000
    return f"{number(round(value, 1))} PB"


def moment(at: datetime, style: TimeStyle, zone: tzinfo) -> str:
    """`14:32 UTC`, `15 Mar 2026`, `15 Mar 14:32 UTC` in the given zone."""
    local = at.astimezone(zone)
    match style:
        case TimeStyle.TIME:
            return f"{local:%H:%M} {local.tzname()}"
        case TimeStyle.DATE:
            return f"{local.day} {local:%b %Y}"
        case TimeStyle.DATETIME:
            return f"{local.day} {local:%b %H:%M} {local.tzname()}"


def more(amount: int) -> str:
    """`and 37 more`, or nothing."""
    return f"and {amount:,} more" if amount > 0 else ""
