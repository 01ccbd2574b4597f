"""When: periods looked back on, ages, expiries, schedules and durations.

The same words can mean different things in different requests ("tomorrow" is a schedule for a change and a period for a
forecast), so spans keep neutral keys where the intent decides: `once` (a moment to act at) and `lasting` ("for two hours").
"""

import re
from collections.abc import Callable, Iterator
from re import Match

from agent_server.models.offline.entities.amounts import (
    BARE_HOUR,
    CLOCK,
    DAY,
    MONTH,
    STRETCH,
    clock,
    day,
    in_days,
    month,
    number,
    stretch,
    unit,
)  # fmt: skip
from agent_server.models.offline.tokens import Reading, Span

Build = Callable[[Match[str]], object]

_MORE = r"(?:more than|greater than|over|at least|longer than|>=?|above|beyond|past)"
_LESS = r"(?:less than|under|below|<=?|within|fewer than)"
_UNUSED = (
    r"(?:unused|(?:not|never|havent|hasnt|havent been|hasnt been|not been|isnt|arent|wasnt|werent|nobody|no one)"
    r"(?: (?:been|has|have|got|was|were))? (?:used|accessed|touched|invoked|called|logged in|signed in|read|written|pulled|seen)|"
    r"(?:nobody|no one|noone) (?:is|has been|was) (?:using|invoking|calling|touching|reading|accessing|opening)(?: (?:it|them))?|"
    r"without (?:an? |any )?(?:sign-?ins?|sign in|log-?ins?|log in|use|activity|traffic|requests?|invocations?)|"
    r"untouched|inactive|no (?:logins?|activity|invocations|requests|access|sign-?ins?|traffic)|last used|"
    r"without (?:use|activity|logins?))"
)


def _days(match: Match[str]) -> float | int:
    return in_days(number(match["number"]), unit(match["unit"]))


def _lapsed(match: Match[str]) -> str:
    return stretch(number(match["number"]), unit(match["unit"]))


def _age(operator: str) -> Build:
    return lambda match: {"op": operator, "value": _days(match)}


def _named_period(match: Match[str]) -> str:
    which = {"previous": "last", "current": "this", "coming": "next", "upcoming": "next"}.get(
        match["which"], match["which"]
    )
    what = match["what"].rstrip("s")
    if which == "past":
        spans = {
            "hour": "last_1h",
            "day": "last_24h",
            "week": "last_7d",
            "month": "last_30d",
            "quarter": "last_90d",
            "year": "last_365d",
        }
        return spans.get(what, f"last_{what}")
    if which == "last" and what in {"hour", "day", "minute"}:
        return {"hour": "last_1h", "day": "last_24h", "minute": "last_1m"}[what]
    return f"{which}_{what}"


def _since(match: Match[str]) -> str:
    if match["clock"]:
        return f"since_{clock(match['clock'])}"
    if match["month"]:
        return f"since_{month(match['month'])}_{int(match['date'] or match['date_before'] or 1)}"
    words = match["moment"]
    return f"since_{day(words) if re.fullmatch(DAY, words) else words.removeprefix('the ').replace(' ', '_')}"


def _month(match: Match[str]) -> str:
    date = match["date"]
    year = match["year"]
    return "_".join(part for part in (month(match["month"]), date, year) if part)


def _recurring(match: Match[str]) -> str:
    text = match[0]
    found = re.search(CLOCK, text)
    bare = re.search(rf"(?:at|@) {BARE_HOUR}", text)
    at = clock(found["clock"]) if found else f"{int(bare['hour']) % 24:02d}:00" if bare else ""
    return f"{_rhythm(text)} {at}".strip()


def _rhythm(text: str) -> str:
    """Say how often: weekdays, a list of days, `daily`, `every 6h` and the like."""
    part = next((word for word in ("night", "evening", "morning") if re.search(rf"\b{word}s?\b", text)), "")
    days = [day(found) for found in re.findall(rf"\b{DAY}", text)]
    if days:
        return ",".join(dict.fromkeys(days)) + (f" {part}" if part else "")
    every = re.search(rf"(?:every|each) (?:other )?{STRETCH}", text)
    if every and every["number"] not in {"a", "an"}:
        return f"every {stretch(number(every['number']), unit(every['unit']))}"
    named = re.search(
        (
            r"weekdays?|weeknights?|workdays?|business days?|weekends?|hourly|hour|monthly|month|quarterly|quarter|"
            r"weekly|week|yearly|year|daily|day|nightly"
        ),
        text,
    )
    word = named[0] if named else part
    names = {
        "weekday": "weekdays", "workday": "weekdays", "business day": "weekdays", "weeknight": "weekdays", "weekend": "weekends",
        "hour": "hourly", "month": "monthly", "quarter": "quarterly", "week": "weekly", "year": "yearly", "day": "daily",
        "night": "nightly", "evening": "evening", "morning": "morning",
    }  # fmt: skip
    rhythm = names.get(word.rstrip("s"), word)
    return "daily" if rhythm in {"nightly", "morning", "evening"} and re.search(CLOCK, text) else rhythm


def _once(match: Match[str]) -> str:
    text = re.sub(r"^(?:on|this|at|by|from|for) ", "", match[0])
    found = re.search(CLOCK, text)
    bare = None if found else re.search(rf"at {BARE_HOUR}", text)
    late = 12 if bare and int(bare["hour"]) < 12 and re.search(r"tonight|evening|night", text) else 0  # noqa: PLR2004 - half a day
    at = clock(found["clock"]) if found else f"{(int(bare['hour']) + late) % 24:02d}:00" if bare else ""
    dayname = re.search(rf"\b({DAY})", text)
    if dayname:
        word = day(dayname[1])
    else:
        named = re.search(r"today|tonight|tomorrow|weekend|end of day|eod|end of the day|after hours", text)
        word = {"eod": "end of day", "end of the day": "end of day"}.get(named[0], named[0]) if named else ""
    part = re.search(r"\b(morning|afternoon|evening|night)\b", text)
    edge = re.match(r"(before|after) ", match[0])
    pieces = (edge[1] if edge and not word.startswith("after") else "", word, part[1] if part and not at else "", at)
    return " ".join(piece for piece in pieces if piece)


_AT = rf"(?:(?: ?,)? (?:at|@|around|by|from) (?:{CLOCK}|{BARE_HOUR})| {CLOCK})"


def _bare(pattern: str) -> str:
    """Take the names of groups away, so that a piece can occur twice in a pattern."""
    return re.sub(r"\?P<\w+>", "?:", pattern)


_DAYLIST = rf"{DAY}(?:(?: ,)?(?: and| &)? {DAY})*"
_EVERY = (
    rf"(?:every|each) (?:single )?(?:other )?(?:{_DAYLIST}(?: (?:night|morning|evening))?|weekday|weeknight|workday|business day|weekend|day|night|"
    rf"morning|evening|hour|week|month|quarter|year|{_bare(STRETCH)})(?: (?:night|morning|evening))?"
)
_HABIT = (
    r"(?:on )?(?:weekdays|weeknights|workdays|weekends|business days|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days(?: and (?:mon|tues|wednes|thurs|fri|satur|sun)days)*)|"
    r"(?:once|twice) a (?:day|week|month)"
)
_OFTEN = r"(?:daily|nightly|weekly|hourly|monthly|quarterly|yearly)"

RULES: tuple[tuple[str, str, Build], ...] = (
    ("expires_within_days", (
        rf"(?:expir\w+|lapse|lapsing|due|run(?:ning)? out|renewal|renew)(?: \w+)?? (?:in|within|during|"
        rf"over)(?: the)?(?: next| coming| following)? {STRETCH}"
    ), _days),
    ("expires_within_days", (
        r"(?:expir\w+|lapsing|due|run(?:ning)? out|up for renewal) (?:this|within the|in the|next) (?P<what>week|"
        r"month|quarter|year)"
    ), lambda m: {"week": 7, "month": 30, "quarter": 90, "year": 365}[m["what"]]),
    ("expires_within_days", rf"(?:expir\w+) (?:the )?next {STRETCH}", _days),
    ("unused_days", rf"{_UNUSED}(?: (?:for|in|since|within|during|over))?(?: the)?(?: last| past)?(?: {_MORE})? {STRETCH}(?: ago| ?\+)?", _days),
    ("age_days", (
        rf"(?:not|never|havent been|hasnt been|arent|isnt|un)(?: been)? ?rotated (?:in|for|within|"
        rf"since)(?: the)?(?: last| past)?(?: {_MORE})? {STRETCH}"
    ), _age(">")),
    ("expires_within_days", rf"(?:expir\w+|lapsing|due)(?: in| within)? (?:<=?|under|less than|fewer than|below) ?{STRETCH}", _days),
    ("age_days", rf"(?:older|elder) (?:than|then|thn|as) {STRETCH}", _age(">")),
    ("age_days", rf"(?:newer|younger) (?:than|then) {STRETCH}", _age("<")),
    ("age_days", rf"{_MORE} {STRETCH} (?:old|of age)", _age(">")),
    ("age_days", rf"{_LESS} {STRETCH} old", _age("<")),
    ("age_days", rf"(?:created|launched|made|taken|from)(?: {_MORE}) {STRETCH} ago", _age(">")),
    ("age_days", rf"(?:age|aged)(?: (?:of|is))? {_MORE}? ?{STRETCH}", _age(">")),
    ("age_days", rf"{_MORE} {STRETCH} ago", _age(">")),
    ("age_days", rf"{STRETCH} (?:\+ )?old(?:er)?", _age(">")),
    ("age_days", r">=? ?(?P<number>\d+) ?(?P<unit>d|days?|w|weeks?|mo|months?|y|years?)(?!\S)", _age(">")),
    ("age_days", rf"(?<=after ){STRETCH}(?!.*\bminutes?\b)", _age(">")),
    ("recurring", rf"(?:at|@) {_bare(CLOCK)} {_EVERY}|(?:at|@) {_bare(CLOCK)} (?:on )?(?:{_HABIT}|{_OFTEN})", _recurring),
    ("recurring", (
        rf"(?:every|each|on the|the) (?:first|1st|last|\d+(?:st|nd|rd|th))(?: day)? of (?:the|each|"
        rf"every) month(?:{_bare(_AT)})?"
    ), _recurring),
    ("recurring", rf"(?:weekly|monthly) on (?:{_DAYLIST}|the \S+)(?:{_bare(_AT)})?", _recurring),
    ("recurring", rf"{_EVERY}(?:{_bare(_AT)})?", _recurring),
    ("recurring", rf"(?:{_HABIT})(?:{_bare(_AT)})?", _recurring),
    ("recurring", rf"{_OFTEN}{_bare(_AT)}", _recurring),
    ("often", rf"{_OFTEN}(?!\S)(?! (?:report|cost|spend|bill|budget|standup))", _recurring),
    ("period", (
        rf"since (?:{CLOCK}|(?:the )?(?P<date_before>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{MONTH})(?P<date>)|"
        rf"(?P<moment>yesterday(?: morning| evening)?|today|last (?:night|week|month|year|quarter|{DAY})|"
        rf"this (?:morning|week|month)|{DAY}|\d{{4}}-\d{{2}}-\d{{2}}|the (?:last )?deploy\w*|"
        rf"the (?:last )?(?:report|sync|release)))"
    ), _since),
    ("period", rf"since (?P<month>{MONTH})(?: (?P<date>\d{{1,2}})(?:st|nd|rd|th)?)?(?P<clock>)(?P<moment>)(?P<date_before>)", _since),
    ("period", rf"(?:(?:in|over|for|during|within|from|of|across) )?(?:the )?(?:last|past|previous|prior|trailing) {STRETCH}", lambda m: f"last_{_lapsed(m)}"),
    ("period", (
        r"(?:(?:in|over|for|during|within|from|of) )?(?:the )?(?P<which>last|past|this|next|previous|current|coming|"
        r"upcoming) (?P<what>hour|day|week|weekend|month|quarter|year|night|morning|afternoon|evening)s?\b"
    ), _named_period),
    ("period", r"(?:month to date|month-to-date|mtd|so far this month)", lambda _: "this_month"),
    ("period", r"(?:year to date|year-to-date|ytd|so far this year|for the year)", lambda _: "this_year"),
    ("period", r"(?:for|over|of) the (?P<what>week|month|quarter)", lambda m: f"this_{m['what']}"),
    ("period", r"(?:end of (?:the )?)(?P<what>month|year|quarter)|(?:eom|eoy)\b", lambda m: f"this_{m['what'] or ('month' if m[0] == 'eom' else 'year')}"),
    ("lasting", rf"(?:for|during)(?: the next)?(?: {_MORE})? {STRETCH}(?: ?\+)?", _lapsed),
    ("lasting", r"(?:(?:for|over|during) the|all) (?P<what>weekend|night)", lambda m: m["what"]),
    ("lasting", (
        rf"(?:until|till|til) (?:(?P<day>{DAY}|tomorrow|tonight|next week|monday)(?: morning| evening)?|"
        rf"{CLOCK})(?: (?:at )?{_bare(CLOCK)})?"
    ), lambda m: f"until {day(m['day']) if m['day'] and re.fullmatch(DAY, m['day']) else m['day'] or clock(m['clock'])}"),
    ("once", rf"in(?: the next)? {STRETCH}(?! (?:ago|old))", lambda m: f"in {_lapsed(m)}"),
    ("once", rf"(?:(?:before|after|at|by|@|from) {_bare(CLOCK)})(?: (?:on )?(?:today|tonight|tomorrow(?: morning| night)?|{DAY}))?", _once),
    ("once", rf"(?:on |this |next )?(?:today|tonight|tomorrow|{DAY})(?: (?:morning|afternoon|evening|night))?(?:{_bare(_AT)})(?! ago)", _once),
    ("once", r"(?:tonight|tomorrow(?: (?:morning|afternoon|evening|night))?|end of (?:the )?day|eod|after hours)\b", _once),
    ("once", rf"(?:on|this|next|coming|by) (?:{DAY})(?: (?:morning|afternoon|evening|night))?", _once),
    ("once", r"(?:this|over the|on the|at the) weekend", lambda _: "weekend"),
    ("period", r"(?:yesterdays|todays|(?:yesterday|today) 's)", lambda m: m[0].split(" ")[0].rstrip("s")),
    ("period", r"(?:yesterday(?: (?P<part>morning|afternoon|evening|night))?)", lambda m: f"yesterday_{m['part']}" if m["part"] else "yesterday"),
    ("period", r"(?:today)\b", lambda _: "today"),
    ("period", r"overnight|last night", lambda _: "last_night"),
    ("period", rf"{STRETCH} ago", lambda m: f"{_lapsed(m)}_ago"),
    ("period", r"(?P<quarter>q[1-4])\b(?: (?P<year>20\d\d))?", lambda m: "_".join(part for part in (m["quarter"], m["year"]) if part)),
    ("period", r"(?:in|for|during|of) (?P<year>20\d\d)\b", lambda m: m["year"]),
    ("period", (
        rf"(?:(?:in|for|during|of|on|and|vs|versus|to|from|between|compare|with|against|"
        rf"than) )(?:the )?(?P<month>{MONTH})\b(?: (?P<date>\d{{1,2}})(?:st|nd|rd|"
        rf"th)?)?(?: (?P<year>20\d\d))?(?! (?:i|we|be|not|have)\b)"
    ), _month),
    ("period", rf"(?P<month>(?!may\b|mar\b|march (?:of|on)){MONTH})\b(?: (?P<date>\d{{1,2}})(?:st|nd|rd|th)?)?(?: (?P<year>20\d\d))?", _month),
)  # fmt: skip
_COMPILED = tuple((key, re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), build) for key, pattern, build in RULES)


def times(reading: Reading, taken: frozenset[int]) -> Iterator[Span]:
    """Yield what is said about time, the more precise rules first."""
    claimed = set(taken)
    for key, pattern, build in _COMPILED:
        for match, first, last in reading.find(pattern, frozenset(claimed)):
            claimed.update(range(first, last))
            yield Span(first, last, key, build(match))
