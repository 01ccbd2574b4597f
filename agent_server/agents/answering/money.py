"""How much: totals, means, forecasts and budgets."""

from collections.abc import Sequence
from typing import Any

from agent_server.agents.answering import tables
from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, percent, signed_percent
from agent_server.agents.answering.periods import Span, month_of, said
from agent_server.agents.answering.ranking import asking_on, labelled, ranked_by
from agent_server.agents.answering.spending import Missing, by_label, covered
from agent_server.agents.answering.tables import breakdown
from agent_server.agents.answering.window import gaps_of, is_whole, known, narrowed, period, scope, sentence
from agent_server.contract.answer import Snapshot

_FORECAST_FROM_DAY = 3


def total(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what was spent in a period, and against the one before where its figures are there too."""
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else narrowed(question, snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    spent = figures.total(found)
    what = scope(question)
    told = [f"{what} came to {figures.money(spent)} {known(snapshot, days)}."]
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
    by = tuple(one for one in question.by if one != "day") or ("service",)
    if isinstance(found, Missing) or isinstance(per := by_label(found, by, question.narrowed), Missing):
        return ()
    ranked = [(labelled(by, name), amount) for name, amount in ranked_by(per, figures)]
    whole = figures.total(amount for _, amount in ranked)
    table = breakdown(by, told[0], ranked, figures, told[1:], whole=whole, suggestions=asking_on(by))
    return (table,) if len(ranked) > 1 else ()


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
    rule = "The rule is the mean day of this month; it knows of no plans, and of no weekends or invoices that are still to come."
    return Draft(paragraphs=(told, rule, *_over(question, snapshot, figures, coming), *gaps_of(snapshot, days)))


def budget(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say how the month stands against its budget."""
    if snapshot.budget is None:
        return unknown(
            "No budget is set, so there is nothing to compare with. An operator sets one under [[budgets]] in the settings."
        )
    if question.narrowed:
        spent_on = scope(question).removeprefix("Spending ")
        return unknown(
            f"The budget of {figures.money(figures.given(snapshot.budget))} a month is for everything together; none is set for spending {spent_on}.",
            suggestions=("are we over budget",),
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


def _over(question: Asked, snapshot: Snapshot, figures: Figures, coming: float | None) -> tuple[str, ...]:
    if snapshot.budget is None or coming is None or question.narrowed:
        return ()
    limit = figures.given(snapshot.budget)
    gap = figures.difference(coming, limit)
    where = "over" if gap > 0 else "under"
    return (
        f"The forecast of {figures.money(coming)} is {figures.money(abs(gap))} {where} the budget of {figures.money(limit)}.",
    )
