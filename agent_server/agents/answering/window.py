"""Which figures a question reaches: its days, what it is narrowed to, and what is missing among them."""

from datetime import date

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.figures import Figures
from agent_server.agents.answering.periods import Span, said, span
from agent_server.agents.answering.spending import Missing, amounts, covered, no_figures
from agent_server.contract.answer import Snapshot

_MOST_GAPS = 4
_THINGS = ("service", "cloud", "environment", "type")


def period(question: Asked, snapshot: Snapshot, default: str) -> Span | Missing:
    """Return the days a question is about; `default` names them when it says none."""
    if snapshot.until is None:
        return no_figures(snapshot)
    name = question.periods[0] if question.periods else default
    found = span(name, snapshot.until, snapshot.today)
    if found is None:
        return Missing(
            sentence=f"I cannot tell which days “{name.replace('_', ' ')}” are; say a month, or “last 7 days”."
        )
    return found


def narrowed(question: Asked, snapshot: Snapshot, days: Span, *, daily: bool = False) -> list[float] | Missing:
    """Return the amounts of a span, one or more a day (`daily`: exactly one), narrowed as asked; or why that cannot be told."""
    by_day = _by_day(question, snapshot, days)
    if isinstance(by_day, Missing):
        return by_day
    if daily:
        return [round(sum(each), 2) for each in by_day.values()]
    return [amount for each in by_day.values() for amount in each]


def narrowed_days(question: Asked, snapshot: Snapshot, days: Span, figures: Figures) -> dict[date, float] | Missing:
    """Return what each day of a span cost, narrowed as asked, in order; or why that cannot be told."""
    by_day = _by_day(question, snapshot, days)
    if isinstance(by_day, Missing):
        return by_day
    return {
        day: figures.given(each[0]) if len(each) == 1 else figures.total(each) for day, each in sorted(by_day.items())
    }


def _by_day(question: Asked, snapshot: Snapshot, days: Span) -> dict[date, list[float]] | Missing:
    found = covered(snapshot, days)
    return found if isinstance(found, Missing) else amounts(found, question.narrowed)


def known(snapshot: Snapshot, days: Span) -> Span:
    """Return the part of a span that begins where the figures do."""
    first = min((one.day for one in snapshot.spend if one.day in days), default=days.first)
    return Span(first=max(first, days.first), last=days.last)


def is_whole(snapshot: Snapshot, days: Span) -> bool:
    """Whether every day of a span has figures."""
    return len({one.day for one in snapshot.spend if one.day in days}) == days.days


def uneven(snapshot: Snapshot, one: Span, other: Span) -> Missing | None:
    """Say that two periods cannot be compared, because figures are missing in one; None when both are whole."""
    if is_whole(snapshot, one) and is_whole(snapshot, other):
        return None
    return Missing(sentence=f"There is nothing to compare with: not every day {other} and {one} has figures.")


def gaps_of(snapshot: Snapshot, days: Span) -> tuple[str, ...]:
    """Say which days have no figures, and which accounts."""
    known = sorted(one.day for one in snapshot.spend if one.day in days)
    told = []
    if known and known[0] > days.first:
        told.append(f"The figures begin on {said(known[0])}.")
    elif len(known) < days.days:
        told.append("Not every one of these days has figures.")
    costs = [
        f"Not counted: {one}." if one.startswith("cost figures") else f"{one[:1].upper()}{one[1:]}."
        for one in snapshot.not_seen
        if "cost" in one.lower()
    ]
    return (*told, *costs[:_MOST_GAPS])


def scope(question: Asked) -> str:
    """Name what was narrowed to, at the beginning of a sentence."""
    things = [one.said for one in question.narrowed if one.dimension in _THINGS]
    places = [f"in {one.said}" for one in question.narrowed if one.dimension in {"region", "account"}]
    tags = [
        f"of {one.dimension} {one.said}"
        for one in question.narrowed
        if one.dimension not in {*_THINGS, "region", "account"}
    ]
    return " ".join(["Spending", *([f"on {', '.join(things)}"] if things else []), *tags, *places])


def sentence(*found: object) -> str:
    """Return the sentence of the first thing that is missing."""
    return next(one.sentence for one in found if isinstance(one, Missing))
