"""How much: totals, rankings, means, forecasts and budgets."""

from collections.abc import Sequence
from typing import Any

from agent_server.agents.answering import tables
from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, percent, signed_percent
from agent_server.agents.answering.naming import label
from agent_server.agents.answering.periods import Span, month_of, said, span
from agent_server.agents.answering.spending import DIMENSIONS, Missing, amounts, by_label, covered, labels, not_both
from agent_server.agents.answering.tables import breakdown
from agent_server.contract.answer import Snapshot, Spend

_FORECAST_FROM_DAY = 3
_MOST_DAYS = 31


def period(question: Asked, snapshot: Snapshot, default: str) -> Span | Missing:
    """Return the days a question is about; `default` names them when it says none."""
    if snapshot.until is None:
        return Missing(sentence="No figures of spending came with this: no account has a cost source.")
    name = question.periods[0] if question.periods else default
    found = span(name, snapshot.until)
    if found is None:
        return Missing(
            sentence=f"I cannot tell which days “{name.replace('_', ' ')}” are; say a month, or “last 7 days”."
        )
    return found


def total(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what was spent in a period, and against the one before where its figures are there too."""
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else narrowed(question, snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    spent = figures.total(found)
    what = scope(question)
    told = [f"{what} came to {figures.money(spent)} {_known(snapshot, days)}."]
    earlier = narrowed(question, snapshot, days.before)
    if not isinstance(earlier, Missing) and is_whole(snapshot, days.before):
        before = figures.total(earlier)
        change, share = figures.difference(spent, before), figures.change(spent, before)
        side = f" ({signed_percent(share)})" if share is not None else ""
        told.append(f"That is {figures.signed(change)}{side} against {figures.money(before)} {days.before}.")
    gaps = gaps_of(snapshot, days)
    offers = ("why did it change", "top 5 services", "forecast for this month")
    return Draft(
        paragraphs=(" ".join(told), *gaps),
        suggestions=offers,
        components=_by_service(question, snapshot, figures, days, (" ".join(told), *gaps)),
    )


def _by_service(
    question: Asked, snapshot: Snapshot, figures: Figures, days: Span, told: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """Return what a total was spent on, where the figures tell that."""
    found = covered(snapshot, days)
    by = question.by or "service"
    if isinstance(found, Missing) or not_both(found, by, question.narrowed):
        return ()
    wanted = next((one.labels for one in question.narrowed if one.dimension == by), frozenset())
    ranked = [
        (label(by, name), amount) for name, amount in ranked_by(by, found, figures) if not wanted or name in wanted
    ]
    return (breakdown(by, told[0], ranked, figures, told[1:]),) if len(ranked) > 1 else ()


def mean(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what a day costs on average."""
    days = period(question, snapshot, "last_30d")
    found = days if isinstance(days, Missing) else narrowed(question, snapshot, days, daily=True)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    each, known = figures.mean(found), figures.count(found)
    return Draft(
        paragraphs=(f"{scope(question)} came to {figures.money(each)} a day on average, over {known} days {days}.",)
    )


def top(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Rank by service, cloud, account, environment or day."""
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else covered(snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    by = question.by or "service"
    ranked = ranked_by(by, found, figures)
    if not ranked:
        told = ", ".join(one for one in DIMENSIONS if labels(found, one)) or "nothing but the total"
        return unknown(f"The figures are not told by {by}. They are told by {told}.")
    if (apart := not_both(found, by, question.narrowed)) is not None:
        return unknown(apart.sentence)
    wanted = next((one.labels for one in question.narrowed if one.dimension == by), frozenset())
    ranked = [one for one in ranked if not wanted or one[0] in wanted]
    whole = figures.total(one.amount for one in found)
    if by == "day" and not question.limit:
        return _days(found, figures, whole, _known(snapshot, days), gaps_of(snapshot, days))
    shown = [(label(by, name), amount) for name, amount in ranked[: question.limit or 5]]
    parts = [
        f"{name} {figures.money(amount)} ({percent(figures.share(amount, whole))})" if whole else name
        for name, amount in shown
    ]
    lead = f"Of {figures.money(whole)} {_known(snapshot, days)}, " + (
        f"the dearest {by} is " if len(shown) == 1 else f"the {figures.count(shown)} dearest are "
    )
    gaps = gaps_of(snapshot, days)
    title = f"The dearest by {by}, of {figures.money(whole)} {_known(snapshot, days)}"
    table = breakdown(by, title, shown, figures, gaps, total=figures.count(ranked))
    return Draft(paragraphs=(lead + ", ".join(parts) + ".", *gaps), components=(table,))


def forecast(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Carry the month's mean daily rate on to its end: what was spent, divided by its days so far, times the days of the month."""
    if question.periods and question.periods[0] not in {"this_month", "today", "yesterday"}:
        return unknown(
            f"I forecast the running month only, from its own daily rate; for “{question.periods[0].replace('_', ' ')}” I have no basis.",
            suggestions=("forecast for this month",),
        )
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else narrowed(question, snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    until = days.last
    if until.day < _FORECAST_FROM_DAY or not is_whole(snapshot, days):
        return unknown(
            f"Too few days of {until:%B} have figures for a forecast; it takes every day so far, and at least three."
        )
    spent = figures.total(found)
    coming = figures.pace(spent, until)
    told = (
        f"{scope(question)} is heading for {figures.money(coming)} in {until:%B}: {figures.money(spent)} so far, up to {said(until)}, "
        f"carried on at the same rate a day over its {month_of(until).days} days."
    )
    return Draft(paragraphs=(told, *_over(question, snapshot, figures, coming)))


def budget(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say how the month stands against its budget."""
    if snapshot.budget is None:
        return unknown(
            "No budget is set, so there is nothing to compare with. An operator sets one under [[budgets]] in the settings."
        )
    days = period(Asked(subject=question.subject, text=question.text), snapshot, "this_month")
    found = days if isinstance(days, Missing) else covered(snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    spent, limit = figures.total(one.amount for one in found), figures.given(snapshot.budget)
    left = figures.difference(limit, spent)
    used = f" ({percent(figures.share(spent, limit))})" if limit else ""
    verdict = f"{figures.money(abs(left))} over" if left < 0 else f"{figures.money(left)} left"
    coming = figures.given(snapshot.forecast) if snapshot.forecast is not None else None
    told = f"{figures.money(spent)} of the {figures.money(limit)} for {days.last:%B} are spent{used}, up to {said(days.last)}: {verdict}."
    more = (*_over(question, snapshot, figures, coming), *gaps_of(snapshot, days))
    headline = f"{verdict} of {figures.money(limit)} for {days.last:%B}"
    card = tables.budget(headline, (spent, limit, coming), snapshot.currency, more)
    return Draft(paragraphs=(told, *more), components=(card,))


def narrowed(question: Asked, snapshot: Snapshot, days: Span, *, daily: bool = False) -> list[float] | Missing:
    """Return the amounts of a span, one or more a day (`daily`: exactly one), narrowed as asked; or why that cannot be told."""
    found = covered(snapshot, days)
    if isinstance(found, Missing):
        return found
    by_day = amounts(found, question.narrowed)
    if isinstance(by_day, Missing):
        return by_day
    if daily:
        return [round(sum(each), 2) for each in by_day.values()]
    return [amount for each in by_day.values() for amount in each]


def _days(found: Sequence[Spend], figures: Figures, whole: float, days: Span, gaps: tuple[str, ...]) -> Draft:
    """Tell day by day, in their order, with the dearest named."""
    each = [(said(one.day), figures.given(one.amount)) for one in found]
    name, most = max(each, key=lambda one: one[1])
    title = f"{figures.money(whole)} {days}, the dearest day was {name} with {figures.money(most)}"
    table = breakdown("day", title, each[-_MOST_DAYS:], figures, gaps, total=len(each))
    return Draft(paragraphs=(f"{title}.", *gaps), components=(table,))


def _known(snapshot: Snapshot, days: Span) -> Span:
    """Return the part of a span that begins where the figures do."""
    first = min((one.day for one in snapshot.spend if one.day in days), default=days.first)
    return Span(first=max(first, days.first), last=days.last)


def is_whole(snapshot: Snapshot, days: Span) -> bool:
    """Whether every day of a span has figures."""
    return len({one.day for one in snapshot.spend if one.day in days}) == days.days


def gaps_of(snapshot: Snapshot, days: Span) -> tuple[str, ...]:
    """Say which days have no figures, and which accounts."""
    known = sorted(one.day for one in snapshot.spend if one.day in days)
    told = []
    if known and known[0] > days.first:
        told.append(f"The figures begin on {said(known[0])}.")
    elif len(known) < days.days:
        told.append("Not every one of these days has figures.")
    costs = [one for one in snapshot.not_seen if "cost" in one.lower()]
    return (*told, *costs[:2])


def _over(question: Asked, snapshot: Snapshot, figures: Figures, coming: float | None) -> tuple[str, ...]:
    if snapshot.budget is None or coming is None or question.narrowed:
        return ()
    limit = figures.given(snapshot.budget)
    gap = figures.difference(coming, limit)
    where = "over" if gap > 0 else "under"
    return (
        f"The forecast of {figures.money(coming)} is {figures.money(abs(gap))} {where} the budget of {figures.money(limit)}.",
    )


def ranked_by(by: str, days: Sequence[Spend], figures: Figures) -> list[tuple[str, float]]:
    """Return the totals by one dimension, largest first."""
    if by == "day":
        return sorted(((said(one.day), figures.given(one.amount)) for one in days), key=lambda one: -one[1])
    per = by_label(days, by)
    return sorted(((name, figures.total(each)) for name, each in per.items()), key=lambda one: (-one[1], one[0]))


def scope(question: Asked) -> str:
    """Name what was narrowed to, at the beginning of a sentence."""
    names = [one.said for one in question.narrowed]
    return f"Spending on {', '.join(names)}" if names else "Spending"


def sentence(*found: object) -> str:
    """Return the sentence of the first thing that is missing."""
    return next(one.sentence for one in found if isinstance(one, Missing))
