"""Whose spending grew the most: two periods of the same length beside each other, by what is asked."""

from collections.abc import Sequence
from datetime import timedelta

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, listed, unknown
from agent_server.agents.answering.figures import Figures, signed_percent
from agent_server.agents.answering.periods import Span
from agent_server.agents.answering.ranking import labelled
from agent_server.agents.answering.spending import Missing, by_label, covered
from agent_server.agents.answering.tables import moved
from agent_server.agents.answering.window import gaps_of, is_whole, period, scope, sentence
from agent_server.contract.answer import Snapshot

_MOST = 3


def grew(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Rank by growth; what fell is at the end of the table, and named."""
    days = period(question, snapshot, "this_month")
    pair = days if isinstance(days, Missing) else _pair(snapshot, days)
    if isinstance(days, Missing) or isinstance(pair, Missing):
        return unknown(sentence(days, pair))
    later, earlier = pair
    by = tuple(one for one in question.by if one != "day") or ("service",)
    new, old = covered(snapshot, later), covered(snapshot, earlier)
    now = new if isinstance(new, Missing) else by_label(new, by, question.narrowed)
    before = old if isinstance(old, Missing) else by_label(old, by, question.narrowed)
    if isinstance(now, Missing) or isinstance(before, Missing):
        return unknown(sentence(now, before))
    moves = []
    for name in sorted(frozenset(now) | frozenset(before)):
        one, other = figures.total(now.get(name, ())), figures.total(before.get(name, ()))
        moves.append((labelled(by, name), other, one, figures.difference(one, other)))
    moves.sort(key=lambda move: (-move[3], move[0]))
    told = _told(question, moves, pair, figures)
    gaps = (*_shorter(days, later), *gaps_of(snapshot, later))
    table = moved(by, told[0], moves, (_head(earlier), _head(later)), figures, gaps)
    return Draft(
        paragraphs=(" ".join(told), *gaps),
        components=(table,),
        suggestions=("why did spending change", "and by region?"),
    )


def _told(
    question: Asked,
    moves: Sequence[tuple[tuple[str, ...], float, float, float]],
    pair: tuple[Span, Span],
    figures: Figures,
) -> list[str]:
    later, earlier = pair
    what = scope(question)
    name, before, now, change = moves[0]
    fell = [(_as_one(each), less) for each, _, _, less in reversed(moves) if less < 0]
    if change <= 0:
        none = f"{what} by {' and '.join(question.by) or 'service'} grew nowhere {later} against {earlier}."
        return [none, f"It fell most for {listed(fell, figures, most=_MOST)}."] if fell else [none]
    share = figures.change(now, before)
    side = f" ({signed_percent(share)})" if share is not None else ""
    lead = (
        f"{_as_one(name)} grew the most: {figures.signed(change)}{side}, {figures.money(before)} {earlier} "
        f"and {figures.money(now)} {later}."
    )
    told = [lead if what == "Spending" else f"{what}: {lead}"]
    others = [(_as_one(each), more) for each, _, _, more in moves[1:] if more > 0]
    if others:
        told.append(f"After it come {listed(others, figures, most=_MOST)}.")
    if fell:
        told.append(f"It fell for {listed(fell, figures, most=_MOST)}.")
    return told


def _pair(snapshot: Snapshot, days: Span) -> tuple[Span, Span] | Missing:
    """Return the period and the one before; the last days and as many before them where the figures do not go back that far."""
    if is_whole(snapshot, days) and is_whole(snapshot, days.before):
        return days, days.before
    known = sorted(one.day for one in snapshot.spend if one.day <= days.last)
    most = min(days.days, len(known) // 2)
    later = Span(first=days.last - timedelta(days=most - 1), last=days.last) if most else days
    earlier = Span(first=later.first - timedelta(days=later.days), last=later.first - timedelta(days=1))
    if not most or not (is_whole(snapshot, later) and is_whole(snapshot, earlier)):
        return Missing(
            sentence=f"There is nothing to compare with: not every day {days.before} and {days} has figures."
        )
    return later, earlier


def _shorter(days: Span, later: Span) -> tuple[str, ...]:
    if later == days:
        return ()
    return (f"The figures do not reach back to a whole period before, so I compare as many days as there are {later}.",)


def _as_one(name: Sequence[str]) -> str:
    return " · ".join(name)


def _head(days: Span) -> str:
    return str(days).removeprefix("on ").removeprefix("in ").removeprefix("from ")
