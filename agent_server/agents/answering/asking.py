"""What is asked: the subject of a question, the period, and what it is narrowed to; from the words and from what was understood of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent_server.agents.answering.narrowing import but, places, texts, things
from agent_server.agents.answering.spending import Narrowed
from agent_server.contract.answer import SAME_DIMENSION, AnswerRequest, Snapshot
from agent_server.contract.intent import Action, IntentKind, Scope


class Subject(StrEnum):
    """What a question is about, in the order in which they are tried."""

    ROW = "row"
    NOT_SEEN = "not_seen"
    BUDGET = "budget"
    SAVINGS = "savings"
    UNTAGGED = "untagged"
    GREW = "grew"
    PEAK = "peak"
    FORECAST = "forecast"
    WHY = "why"
    CHANGES = "changes"
    COMPARE = "compare"
    LINES = "lines"
    MEAN = "mean"
    TOP = "top"
    TOTAL = "total"
    OVERVIEW = "overview"
    UNKNOWN = "unknown"


_SECTIONS: tuple[tuple[str, str], ...] = (
    ("idle", r"idle|unused|wasted|waste|doing nothing"),
    ("exposed", r"public|exposed|open to|exposure|reachable by anyone"),
    ("backup", r"back ?ups?|snapshots? missing"),
    ("health", r"health|unhealthy|down|failing|full"),
    ("changes", r"changed|changes|new|created|added|gone|deleted|removed"),
    ("needs_you", r"needs? me|needs? us|needs? you|urgent|attention|important"),
)
_SUBJECTS: tuple[tuple[Subject, str], ...] = (
    (Subject.NOT_SEEN, r"not see|n't see|unseen|coverage|blind|missing from|could not (?:look|read)|left out of"),
    (Subject.BUDGET, r"budgets?"),
    (Subject.SAVINGS, r"sav(?:e|es|ed|ing|ings)|wast(?:e|ed|ing)|cut (?:our|the|my)|spend less|cheaper|optimi[sz]e"),
    (Subject.UNTAGGED, r"untagged|not tagged|unallocated|unattributed|(?:without|no) (?:a |any )?(?:\w+ )?tags?"),
    (Subject.GREW, (
        r"(?:grew|grown|growing|rose|risen|rising|increased|increasing|climbed)\b.*\b(?:most|fastest|quickest)|"
        r"(?:biggest|largest|highest|fastest) (?:growth|increase|rise|jump)"
    )),
    (Subject.FORECAST, r"forecast\w*|project(?:ed|ion)|end of (?:the )?month|on track|on pace|heading|will (?:we|it|this month)"),
    (Subject.WHY, (
        r"why|wh?at (?:drove|caused|made|pushed|is driving|happened)|driv(?:er|ers|en|ing)|"
        r"(?:because|reason|cause)s?|behind|went up|spike|jump|increase|anomal\w+|unusual"
    )),
    (Subject.CHANGES, r"what(?:'s| is| has| was|)? ?(?:changed|changes|new|different|gone|deleted|created)|which .*(?:changed|new|created|deleted)"),
    (Subject.COMPARE, (
        r"compare\w*|comparison|vs\.?|versus|against|difference between|(?:month|week|day) over (?:month|week|day)|"
        r"more than last|cheaper than"
    )),
    (Subject.LINES, r"which|who|how many|list|show|any|anything|something|are there|count|are (?:these|those|they)|what needs"),
    (Subject.MEAN, r"average|mean|typical(?:ly)?|a day"),
    (Subject.TOP, (
        r"top|(?:most|least) expensive|costliest|biggest|highest|largest|priciest|lowest|cheapest|"
        r"by (?:service|cloud|account|environment|day|region|team|type)|"
        r"per (?:service|cloud|account|environment|day|region|team|type)|each (?:service|cloud|account|environment)|"
        r"break ?down"
    )),
    (Subject.TOTAL, r"spen[dt]\w*|costs?|bill\w*|pay|paid|charge[sd]?|how much|month to date|so far|mtd"),
    (Subject.OVERVIEW, r"summar\w+|overview|tl;?dr|in short|highlights?|explain|what (?:does|did|do) .*\bsays?|report\W*$"),
)  # fmt: skip
_BY_ACTION: Mapping[Action, Subject] = {
    Action.COST_EXPLAIN: Subject.WHY,
    Action.COST_COMPARE: Subject.COMPARE,
    Action.COST_FORECAST: Subject.FORECAST,
    Action.COST_OPTIMIZE: Subject.SAVINGS,
}
_OF_MONEY = frozenset({Subject.BUDGET, Subject.TOP, Subject.MEAN, Subject.TOTAL})
_ROW = re.compile(r"\b(?:row|item|line|finding|entry|point|number|no\.?|#) ?#?(\d{1,4})\b")
_TOP = re.compile(r"\btop (\d{1,2})\b|\b(\d{1,2}) (?:most expensive|costliest|biggest|largest|highest)\b")
_BY = re.compile(
    r"\b(?:by|per|each|which|expensive|costliest|priciest|dearest|biggest|highest|cheapest|lowest|"
    r"top(?: \d+)?) (services?|clouds?|accounts?|environments?|envs?|days?|regions?|teams?|types?)\b"
)
_ONLY_ONE = re.compile(
    r"\b(?:most expensive|least expensive|costliest|biggest|highest|lowest|cheapest) (?:service|cloud|account|environment|day|region|team|type)\b"
)
_MONEY = re.compile(
    r"\b(?:spen[dt]\w*|costs?|bill\w*|expensive|costliest|money|services?|budget\w*|month to date|so far|mtd)\b"
)
_FOLLOWS = re.compile(r"(?:and|or|but|what about|how about|same|for|in|only|just) ")
_LEAST = re.compile(r"\b(?:cheapest|lowest|least expensive|least costly|costs? (?:the )?least)\b")
_FALLING = re.compile(r"\b(?:go(?:ne|es)? down|went down|f(?:e|a)ll\w*|drop\w*|decrease\w*|less|lower|cheaper)\b")
_SPELLED = re.compile(r"\b(?:last|past) (\d{1,3}) ?d(?:ays?)?\b")
_DIMENSIONS = {**SAME_DIMENSION, "daily": "day"}
_TODAY = {"month to date": "this_month", "mtd": "this_month", "so far": "this_month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question.

    Attributes:
        text: The words, in lower case.
        row: Number of the line that is meant, 0 for none, -1 for the last.
        periods: Named periods, as the parser names them.
        by: The dimensions to tell it by; `day` for days; empty when not said.
        narrowed: What spending is narrowed to.
        environments, clouds, regions, types, section: What lines are narrowed to.
        percent: The change the person spoke of.
        least: Whether the cheapest are asked for.
        falling: Whether the person asks why it went down.
        money: Whether it is a question about money rather than about lines.
    """

    subject: Subject
    text: str
    row: int = 0
    periods: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    limit: int = 0
    narrowed: tuple[Narrowed, ...] = ()
    environments: tuple[str, ...] = ()
    clouds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    section: str = ""
    percent: float | None = None
    least: bool = False
    falling: bool = False
    money: bool = False


def asked(request: AnswerRequest, snapshot: Snapshot) -> Asked:
    """Return what is asked; a question that only narrows the one before keeps that one's subject."""
    intent, text = request.intent, " ".join(request.text.lower().split())
    subject = _subject(text, request)
    if subject is Subject.UNKNOWN and _FOLLOWS.match(text):
        earlier = [turn.text.lower() for turn in request.history if turn.role == "user"]
        subject = next((found for said in reversed(earlier) if (found := _by_words(said)) is not None), subject)
    filters = intent.filters
    spelled = _SPELLED.search(text)
    periods = (
        tuple(texts(filters.get("period")))
        or ((f"last_{spelled[1]}d",) if spelled else ())
        or tuple(name for words, name in _TODAY.items() if words in text)
    )
    tags = filters.get("tags")
    environments = tuple(texts(tags.get("env") if isinstance(tags, Mapping) else None))
    clouds = tuple(one.value for one in intent.clouds) or (
        (intent.cloud.value,) if intent.cloud is not Scope.ANY else ()
    )
    percent = filters.get("percent")
    return Asked(
        subject=subject,
        text=text,
        row=_row(text, filters.get("item")),
        periods=periods,
        by=_by(text, filters.get("group_by")),
        limit=_limit(text, filters.get("limit")),
        narrowed=_narrowed(text, environments, clouds, request, snapshot),
        environments=environments,
        clouds=clouds,
        regions=tuple(texts(filters.get("region"))),
        types=tuple(intent.resource_types),
        section=next((name for name, words in _SECTIONS if re.search(rf"\b(?:{words})\b", text)), ""),
        percent=float(percent) if isinstance(percent, int | float) else None,
        least=bool(_LEAST.search(text)),
        falling=bool(_FALLING.search(text)),
        money=intent.intent is IntentKind.COST or bool(_MONEY.search(text)),
    )


def _narrowed(
    text: str, environments: tuple[str, ...], clouds: tuple[str, ...], request: AnswerRequest, snapshot: Snapshot
) -> tuple[Narrowed, ...]:
    """Return all that spending is narrowed to; a region is of one cloud, so that the cloud narrows nothing more."""
    where = tuple(places(request.intent.filters, snapshot))
    without = tuple(but(request.intent.filters.get("exclude"), snapshot))
    placed = any(one.dimension == "region" for one in where)
    # A service that is left out is named, too, and must not be taken for what is meant.
    left_out = any(one.dimension == "service" for one in without)
    words, types = ("", []) if left_out else (text, request.intent.resource_types)
    what = things(words, environments, clouds, types, snapshot)
    return (*(one for one in what if one.dimension != "cloud" or not placed), *without, *where)


def _subject(text: str, request: AnswerRequest) -> Subject:
    item = request.intent.filters.get("item")
    if _ROW.search(text) or isinstance(item, int) or item == "last":
        return Subject.ROW
    by_words = _by_words(text)
    special = _special(text, request, by_words)
    if special is not None:
        return special
    chosen = _BY_ACTION.get(request.intent.action)
    if " than " in text and len(request.intent.clouds) > 1:
        return Subject.COMPARE
    if chosen is not None and by_words is not Subject.BUDGET:
        return Subject.COMPARE if by_words is Subject.COMPARE else chosen
    if request.intent.intent is IntentKind.COST and by_words not in _OF_MONEY:
        return Subject.TOP if request.intent.filters.get("group_by") else Subject.TOTAL
    if by_words is Subject.TOTAL and request.intent.filters.get("group_by"):
        return Subject.TOP
    if by_words is Subject.OVERVIEW and request.intent.resource_types:
        return Subject.LINES
    return by_words or Subject.UNKNOWN


def _special(text: str, request: AnswerRequest, by_words: Subject | None) -> Subject | None:
    """Return a subject that is seen in what was understood rather than in single words."""
    filters = request.intent.filters
    if request.intent.intent is not IntentKind.COST:
        return None
    if filters.get("tagged") is False or filters.get("missing_tags") or by_words is Subject.UNTAGGED:
        return Subject.UNTAGGED
    if filters.get("sort") == "growth" or by_words is Subject.GREW:
        return Subject.GREW
    if request.intent.action is Action.COST_EXPLAIN and "day" in _by(text, filters.get("group_by")):
        return Subject.PEAK
    return None


def _by_words(text: str) -> Subject | None:
    found = [subject for subject, words in _SUBJECTS if re.search(rf"(?<!\w)(?:{words})(?!\w)", text)]
    if not found:
        return None
    if found[0] is Subject.LINES and _MONEY.search(text):
        return next((one for one in found if one in _OF_MONEY), Subject.LINES)
    return found[0]


def _row(text: str, item: object) -> int:
    if item == "last":
        return -1
    if isinstance(item, int):
        return item
    found = _ROW.search(text)
    return int(found[1]) if found else 0


def _by(text: str, said: object) -> tuple[str, ...]:
    found = _BY.search(text)
    words = [*texts(said)] or ([found[1]] if found else [])
    return tuple(
        dict.fromkeys(_DIMENSIONS.get(word, word) for word in (one.casefold().removesuffix("s") for one in words))
    )


def _limit(text: str, said: object) -> int:
    found = _TOP.search(text)
    if found:
        return int(found[1] or found[2])
    if _ONLY_ONE.search(text):
        return 1
    return said if isinstance(said, int) else 0
