"""The most expensive day of a period, and what made it: each part of the bill against its own mean on the other days."""

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, listed, unknown
from agent_server.agents.answering.figures import Figures, signed_percent
from agent_server.agents.answering.periods import Span, said
from agent_server.agents.answering.ranking import named
from agent_server.agents.answering.spending import Missing, by_label, covered
from agent_server.agents.answering.window import gaps_of, narrowed_days, period, sentence
from agent_server.contract.answer import Snapshot
from blocks.components import CostSummaryCard, Note, ReportItem
from blocks.components.inline import line

_MOST = 4


def peak(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Name the day, how far it is from the mean of the others, and the parts that were dearest against their own mean."""
    days = period(question, snapshot, "this_month")
    each = days if isinstance(days, Missing) else narrowed_days(question, snapshot, days, figures)
    if isinstance(days, Missing) or isinstance(each, Missing):
        return unknown(sentence(days, each))
    day = max(each, key=lambda one: each[one])
    others = [amount for one, amount in each.items() if one != day]
    head = f"The most expensive day {days} was {said(day)} with {figures.money(each[day])}"
    gaps = gaps_of(snapshot, days)
    if not others:
        return Draft(paragraphs=(f"{head}; it is the only one with figures.", *gaps))
    mean = figures.mean(others)
    more, share = figures.difference(each[day], mean), figures.change(each[day], mean)
    side = f", {signed_percent(share)}" if share is not None else ""
    head += (
        f": {figures.signed(more)}{side} against {figures.money(mean)}, the mean of the other {figures.count(others)}."
    )
    parts = _parts(question, snapshot, figures, days, Span(first=day, last=day))
    up, down = [one for one in parts if one[1] > 0], [one for one in parts if one[1] < 0]
    told = [head]
    if up:
        told.append(f"What made it, each against its own mean on the other days: {listed(up, figures, most=_MOST)}.")
    if up and down:
        told.append(f"Below their mean were {listed(down, figures, most=2)}.")
    card = CostSummaryCard(
        headline=line(head),
        drivers=tuple(
            ReportItem(text=line(f"{name} {figures.signed(amount)}")) for name, amount in (*up[:_MOST], *down[:2])
        ),
        notes=tuple(Note(text=line(one)) for one in gaps),
        suggestions=("top 5 services", "cost by day this month", "forecast for this month"),
    )
    return Draft(paragraphs=(" ".join(told), *gaps), components=(card.model_dump(mode="json"),))


def _parts(question: Asked, snapshot: Snapshot, figures: Figures, days: Span, day: Span) -> list[tuple[str, float]]:
    """Return each part's way from its mean on the other days, the largest first; by service and account where that is told."""
    found, that = covered(snapshot, days), covered(snapshot, day)
    if isinstance(found, Missing) or isinstance(that, Missing):
        return []
    rest = [one for one in found if one.day != day.first]
    said_by = tuple(one for one in question.by if one != "day")
    for by in (said_by,) if said_by else (("service", "account"), ("service",)):
        here, there = by_label(that, by, question.narrowed), by_label(rest, by, question.narrowed)
        if isinstance(here, Missing) or isinstance(there, Missing):
            continue
        moves = []
        for name in sorted(frozenset(here) | frozenset(there)):
            usual = figures.mean([*there.get(name, ()), *[0.0] * (len(rest) - len(there.get(name, ())))])
            moves.append((_called(by, name), figures.difference(figures.total(here.get(name, ())), usual)))
        return sorted((one for one in moves if one[1]), key=lambda one: (-abs(one[1]), one[0]))
    return []


def _called(by: tuple[str, ...], name: tuple[str, ...]) -> str:
    return f"{name[0]} in {name[1]}" if by == ("service", "account") else named(by, name)
