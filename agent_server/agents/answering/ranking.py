"""What costs most: ranked by one or two dimensions, or told by day."""

from collections.abc import Mapping, Sequence

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, percent
from agent_server.agents.answering.naming import label
from agent_server.agents.answering.periods import Span, said
from agent_server.agents.answering.spending import Missing, by_label, covered
from agent_server.agents.answering.tables import breakdown
from agent_server.agents.answering.window import gaps_of, known, narrowed_days, period, scope, sentence
from agent_server.contract.answer import Snapshot

_MOST_DAYS = 31
_MOST_NAMED = 5


def top(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Rank by one or two dimensions: services, clouds, accounts, environments, regions, teams; or by day."""
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else covered(snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    if "day" in question.by:
        return _days(question, snapshot, figures, days)
    when, gaps = known(snapshot, days), gaps_of(snapshot, days)
    if not any(one.amount or any(one.by.values()) for one in found):
        return Draft(paragraphs=(f"{scope(question)} came to {figures.money(figures.total([0.0]))} {when}.", *gaps))
    by = question.by or ("service",)
    per = by_label(found, by, question.narrowed)
    if isinstance(per, Missing):
        return unknown(per.sentence)
    ranked = [(labelled(by, name), amount) for name, amount in ranked_by(per, figures)]
    ranked = ranked[::-1] if question.least else ranked
    whole = figures.total(amount for each in per.values() for amount in each)
    shown = ranked[: question.limit] if question.limit else ranked
    lead = f"{_of(question, whole, figures)} {when}, {_first(question, by, shown, whole, figures)}"
    title = f"{scope(question)} by {' and '.join(by)} {when}: {figures.money(whole)}"
    if len(shown) < len(ranked):
        title = lead if len(shown) == 1 else f"{title}, the {figures.count(shown)} {_end(question)}"
    count, offers = figures.count(ranked), asking_on(by)
    table = breakdown(by, title, shown, figures, gaps, total=count, whole=whole, suggestions=offers)
    return Draft(paragraphs=(lead, *gaps), components=(table,) if count > 1 else (), suggestions=offers)


def _of(question: Asked, whole: float, figures: Figures) -> str:
    spent = scope(question).removeprefix("Spending").strip()
    return f"Of {figures.money(whole)}{' ' + spent if spent else ''}"


def _end(question: Asked) -> str:
    return "cheapest" if question.least else "dearest"


def _first(
    question: Asked, by: Sequence[str], shown: Sequence[tuple[tuple[str, ...], float]], whole: float, figures: Figures
) -> str:
    """Name the dearest (or the cheapest) with their shares, and what the others of a longer list come to together."""
    end = _end(question)
    named_ = [
        f"{' · '.join(name)} {figures.money(amount)}{_part(amount, whole, figures)}"
        for name, amount in shown[:_MOST_NAMED]
    ]
    if len(shown) == 1:
        return f"the {end} {' and '.join(by)} is {named_[0]}."
    if len(shown) <= _MOST_NAMED:
        return f"the {figures.count(shown)} {end} are {', '.join(named_)}."
    rest = shown[_MOST_NAMED:]
    others = f"the other {figures.count(rest)} together {figures.money(figures.total(amount for _, amount in rest))}"
    return f"the {figures.count(named_)} {end} are {', '.join(named_)}; {others}."


def _part(amount: float, whole: float, figures: Figures) -> str:
    return f" ({percent(figures.share(amount, whole))})" if whole > 0 else ""


def asking_on(by: Sequence[str]) -> tuple[str, ...]:
    """Offer the other ways to tell the same."""
    others = [one for one in ("team", "region", "account", "service") if one not in by]
    return tuple(f"and by {one}?" for one in others[:2])


def _days(question: Asked, snapshot: Snapshot, figures: Figures, days: Span) -> Draft:
    """Tell day by day, in their order, with the dearest named; or only the dearest, as many as are asked for."""
    found = narrowed_days(question, snapshot, days, figures)
    if isinstance(found, Missing):
        return unknown(found.sentence)
    when, gaps = known(snapshot, days), gaps_of(snapshot, days)
    whole = figures.total(found.values())
    each = [((said(day),), amount) for day, amount in found.items()]
    ranked = sorted(each, key=lambda one: one[1] if question.least else -one[1])
    (name,), most = ranked[0]
    if question.limit:
        shown = ranked[: question.limit]
        lead = f"{_of(question, whole, figures)} {when}, {_first(question, ('day',), shown, whole, figures)}"
        table = breakdown(("day",), lead, shown, figures, gaps, total=figures.count(ranked), whole=whole)
        return Draft(paragraphs=(lead, *gaps), components=(table,))
    title = f"{figures.money(whole)} {when}, the {_end(question)} day was {name} with {figures.money(most)}"
    table = breakdown(("day",), title, each[-_MOST_DAYS:], figures, gaps, total=len(each))
    return Draft(paragraphs=(f"{title}.", *gaps), components=(table,))


def ranked_by(per: Mapping[tuple[str, ...], Sequence[float]], figures: Figures) -> list[tuple[tuple[str, ...], float]]:
    """Return the totals by label, largest first."""
    return sorted(((name, figures.total(each)) for name, each in per.items()), key=lambda one: (-one[1], one[0]))


def labelled(by: Sequence[str], name: Sequence[str]) -> tuple[str, ...]:
    """Return labels of some dimensions as people write them."""
    return tuple(label(dimension, one) for dimension, one in zip(by, name, strict=True))


def named(by: Sequence[str], name: Sequence[str]) -> str:
    """Return the labels of some dimensions as one."""
    return " · ".join(labelled(by, name))
