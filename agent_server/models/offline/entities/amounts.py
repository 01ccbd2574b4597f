"""Numbers in digits and words, stretches of time, clock times and comparison words, as pieces for patterns."""

import re
from collections.abc import Mapping
from types import MappingProxyType

NUMBER_WORDS: Mapping[str, int] = MappingProxyType({
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "ninety": 90, "hundred": 100, "zero": 0, "no": 0, "couple": 2, "half": 1,
})  # fmt: skip
ORDINALS: Mapping[str, int] = MappingProxyType({
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
})  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip

NUMBER = (
    r"(?:\d+(?:\.\d+)?|a couple of|couple of|an|a|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|"
    r"twenty|thirty|forty|sixty|ninety)"
)
UNIT = r"(?:seconds?|secs?|s|minutes?|min|m|hours?|h|days?|d|weeks?|w|months?|mo|quarters?|years?|y)"
STRETCH = rf"(?P<number>{NUMBER}) ?(?P<unit>{UNIT})\b"
CLOCK = (
    r"(?P<clock>\d{1,2}(?::\d{2})? ?(?:am|pm)\b|\d{1,2}:\d{2}|noon|midnight"
    r"|(?:[01]?\d|2[0-3])h\d{2}|\d{1,2} o'?clock)"
)
BARE_HOUR = r"(?P<hour>\d{1,2})(?= |$)"
DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)

_HOURS_A_DAY = 24
_NOON = 12
_DAYS_IN = MappingProxyType({"d": 1, "w": 7, "mo": 30, "q": 90, "y": 365})


def number(text: str) -> float | int:
    """Return what a number in digits or words is; whole numbers as integers."""
    text = text.replace(",", "").strip()
    word = text.removesuffix(" of").removeprefix("a ").strip() or "a"
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    value = float(text)
    return int(value) if value == int(value) else value


def unit(text: str) -> str:
    """Return the short form of a unit of time: s, m, h, d, w, mo, q or y."""
    text = text.lower()
    if text.startswith("mo"):
        return "mo"
    return text[0]


def in_days(amount: float, short_unit: str) -> float | int:
    """Return a stretch of time in days; below a day as a fraction."""
    per_day = {"s": 86_400, "m": 1_440, "h": 24}
    days = amount * _DAYS_IN[short_unit] if short_unit in _DAYS_IN else amount / per_day[short_unit]
    return int(days) if days == int(days) else round(days, 3)


def stretch(amount: float, short_unit: str) -> str:
    """Write a stretch as the schema does: hours and minutes as they are, anything longer in days."""
    if short_unit in {"s", "m", "h"}:
        return f"{amount:g}{short_unit}"
    return f"{in_days(amount, short_unit):g}d"


def clock(text: str) -> str:
    """Return a clock time as HH:MM."""
    text = text.strip().replace(" ", "")
    if text in {"noon", "midnight"}:
        return "12:00" if text == "noon" else "00:00"
    found = re.match(r"(\d{1,2})(?:[:h](\d{2}))?(am|pm)?", text)
    if not found:
        return text
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half == "pm" and hour < _NOON:
        hour += _NOON
    if half == "am" and hour == _NOON:
        hour = 0
    return f"{hour % _HOURS_A_DAY:02d}:{minute % 60:02d}"


def day(text: str) -> str:
    """Return the full name of a weekday."""
    return next((name for name in DAYS if name.startswith(text[:3])), text)


def month(text: str) -> str:
    """Return the full name of a month."""
    return next((name for name in MONTHS if name.startswith(text[:3])), text)
