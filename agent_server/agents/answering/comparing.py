"""Two or more things, or two periods, beside each other."""

from dataclasses import replace

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, signed_percent
from agent_server.agents.answering.naming import label
from agent_server.agents.answering.periods import Span, span
from agent_server.agents.answering.spending import Missing, by_label, covered, labels
from agent_server.agents.answering.tables import breakdown
from agent_server.agents.answering.window import gaps_of, narrowed, period, scope, sentence, uneven
from agent_server.contract.answer import Snapshot


def compare(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Put two or more things, or two periods, beside each other."""
    days = period(question, snapshot, "this_month")
    if isinstance(days, Missing):
        return unknown(days.sentence)
    if len(question.periods) > 1 or not (by := _compared(question, snapshot)):
        return _two_periods(question, snapshot, figures, days)
    found = covered(snapshot, days)
    if isinstance(found, Missing):
        return unknown(found.sentence)
    dimension, wanted = by
    told = by_label(found, (dimension,), [one for one in question.narrowed if one.dimension != dimension])
    if isinstance(told, Missing):
        return unknown(told.sentence)
    per = {name: each for (name,), each in told.items()}
    absent = [name for name in wanted if name not in per]
    if absent:
        return unknown(
            f"I have no figures {days} for {' and '.join(absent)}; there are some for {', '.join(sorted(per)) or 'nothing'}."
        )
    ranked = sorted(((label(dimension, name), figures.total(per[name])) for name in wanted), key=lambda one: -one[1])
    (first, most), (last, least) = ranked[0], ranked[-1]
    gap, share = figures.difference(most, least), figures.change(most, least)
    side = f" ({signed_percent(share)})" if share is not None else ""
    beside = ", ".join(f"{name} {figures.money(amount)}" for name, amount in ranked)
    gaps = gaps_of(snapshot, days)
    words = f"{scope(without(question, dimension))} {days}: {beside}. {first} cost {figures.money(gap)} more than {last}{side}."
    table = breakdown(
        (dimension,),
        f"{first} cost {figures.money(gap)} more than {last} {days}{side}",
        [((name,), amount) for name, amount in ranked],
        figures,
        gaps,
    )
    return Draft(paragraphs=(words, *gaps), components=(table,))


def _compared(question: Asked, snapshot: Snapshot) -> tuple[str, tuple[str, ...]] | None:
    """Return the dimension and labels that are to be compared; None when it is periods."""
    if len(question.environments) > 1:
        return "environment", question.environments
    if len(question.clouds) > 1:
        return "cloud", question.clouds
    for one in question.narrowed:
        if len(one.labels) > 1 and not one.without:
            return one.dimension, tuple(sorted(one.labels))
    if question.by and len(every := sorted(labels(snapshot.spend, question.by[0]))) > 1:
        return question.by[0], tuple(every)
    return None


def without(question: Asked, dimension: str) -> Asked:
    """Return a question that is not narrowed by a dimension."""
    return replace(question, narrowed=tuple(one for one in question.narrowed if one.dimension != dimension))


def _two_periods(question: Asked, snapshot: Snapshot, figures: Figures, days: Span) -> Draft:
    other: Span | None = days.before
    if len(question.periods) > 1 and snapshot.until is not None:
        other = span(question.periods[1], snapshot.until, snapshot.today)
    if other == days:
        # On a first of a month the running month is the last one, too, as far as there are figures.
        other = days.before
    if other is None:
        return unknown("I cannot tell which two periods to compare; say two months, or “this month and last month”.")
    one, two = narrowed(question, snapshot, days), narrowed(question, snapshot, other)
    if isinstance(one, Missing) or isinstance(two, Missing):
        return unknown(sentence(one, two))
    if missing := uneven(snapshot, days, other):
        return unknown(missing.sentence)
    first, second = figures.total(one), figures.total(two)
    gap, share = figures.difference(first, second), figures.change(first, second)
    side = f" ({signed_percent(share)})" if share is not None else ""
    told = f"{scope(question)} came to {figures.money(first)} {days} and {figures.money(second)} {other}: {figures.signed(gap)}{side}."
    return Draft(paragraphs=(told, *gaps_of(snapshot, days)), suggestions=("why did spending change", "top 5 services"))
