"""Why spending went up or down: the change between two periods, and what made it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, listed, unknown
from agent_server.agents.answering.figures import Figures, percent, signed_percent
from agent_server.agents.answering.periods import Span, said
from agent_server.agents.answering.ranking import named
from agent_server.agents.answering.spending import Missing, by_label, covered
from agent_server.agents.answering.window import narrowed, period, uneven
from agent_server.contract.answer import Row, Snapshot
from blocks.components import CostLine, CostSummaryCard, Note, ReportItem
from blocks.components.inline import line

_MOST = 4
_NEAR = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money of two periods, and what changed between them, largest first."""

    now: float
    before: float
    when: str
    earlier: str
    parts: list[tuple[str, float]] = field(default_factory=list)


def why(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what drove a change: from the drivers that came along, else from the figures of the two periods."""
    move = _given(question, snapshot, figures) or _computed(question, snapshot, figures)
    if isinstance(move, Missing):
        return unknown(move.sentence)
    change, share = figures.difference(move.now, move.before), figures.change(move.now, move.before)
    if not change:
        return Draft(
            paragraphs=(f"Spending did not change: {figures.money(move.now)} {move.when}, as {move.earlier}.",)
        )
    head = _head(question, move, change, share, figures)
    driving = [one for one in move.parts if one[1] * change > 0]
    against = [one for one in move.parts if one[1] * change < 0]
    notes = [*_said_otherwise(question, share, figures)]
    told = [head, *notes]
    if driving:
        shown = driving[:_MOST]
        rest = figures.difference(change, figures.total(amount for _, amount in (*shown, *against[:2])))
        tail = f"; all else together {figures.signed(rest)}" if rest else ""
        told.append(f"What drove it: {listed(shown, figures, most=_MOST)}{tail}.")
        if against:
            told.append(f"Against it went {listed(against, figures, most=2)}.")
    else:
        notes.append("By what it was spent on I cannot tell: the figures hold the totals only.")
        told.append(notes[-1])
    rows = _made(snapshot) if change > 0 and not question.periods else []
    if rows:
        notes.append(
            f"The report also lists {figures.count(rows)} new in this time: {_things(rows)}; whether they cost that much the figures do not say."
        )
        told.append(notes[-1])
    card = _card(question, snapshot, move, change, share, head, driving + against, notes)
    return Draft(
        paragraphs=tuple(told),
        rows=tuple(one.number for one in rows if one.number),
        suggestions=("top 5 services", "what changed", "forecast for this month"),
        components=(card,),
    )


def _head(question: Asked, move: Move, change: float, share: float | None, figures: Figures) -> str:
    rose = change > 0
    side = f", {signed_percent(share)}" if share is not None else ""
    verb = "rose" if rose else "fell"
    lead = (
        "It did not go down. "
        if rose and question.falling
        else "It did not go up. "
        if not rose and not question.falling
        else ""
    )
    return f"{lead}Spending {verb} by {figures.money(abs(change))}{side}: {figures.money(move.before)} {move.earlier}, {figures.money(move.now)} {move.when}."


def _said_otherwise(question: Asked, share: float | None, figures: Figures) -> tuple[str, ...]:
    """Correct a percentage that the person had otherwise."""
    if question.percent is None or share is None or abs(abs(share) - question.percent) < _NEAR:
        return ()
    return (f"You said {percent(figures.given(question.percent))}; from these figures it is {signed_percent(share)}.",)


def _given(question: Asked, snapshot: Snapshot, figures: Figures) -> Move | None:
    """Take the drivers as they came, when the question names no period and nothing it is narrowed to."""
    drivers = snapshot.drivers
    if not drivers or question.periods or question.narrowed or question.by or len(snapshot.compared) != 2:  # noqa: PLR2004 - two periods
        return None
    dimension = drivers[0].dimension
    same = [one for one in drivers if one.dimension == dimension]
    moves = sorted(
        ((one.label, figures.difference(one.after, one.before)) for one in same), key=lambda one: (-abs(one[1]), one[0])
    )
    whole = {one.day.isoformat(): one.amount for one in snapshot.spend}
    earlier, when = snapshot.compared
    now = figures.given(whole[when]) if when in whole else figures.total(one.after for one in same)
    before = figures.given(whole[earlier]) if earlier in whole else figures.total(one.before for one in same)
    return Move(
        now=now, before=before, when=_named(when), earlier=_named(earlier), parts=[one for one in moves if one[1]]
    )


def _computed(question: Asked, snapshot: Snapshot, figures: Figures) -> Move | Missing:
    days = period(question, snapshot, "yesterday")
    if isinstance(days, Missing):
        return days
    now, before = narrowed(question, snapshot, days), narrowed(question, snapshot, days.before)
    if isinstance(now, Missing):
        return now
    if isinstance(before, Missing):
        return Missing(sentence=f"There is nothing to compare with. {before.sentence}")
    if missing := uneven(snapshot, days, days.before):
        return missing
    return Move(
        now=figures.total(now),
        before=figures.total(before),
        when=str(days),
        earlier=str(days.before),
        parts=_parts(question, snapshot, figures, days),
    )


def _parts(question: Asked, snapshot: Snapshot, figures: Figures, days: Span) -> list[tuple[str, float]]:
    by = tuple(one for one in question.by if one != "day") or ("service",)
    new, old = covered(snapshot, days), covered(snapshot, days.before)
    if isinstance(new, Missing) or isinstance(old, Missing):
        return []
    one, other = by_label(new, by, question.narrowed), by_label(old, by, question.narrowed)
    if isinstance(one, Missing) or isinstance(other, Missing):
        return []
    moves = [
        (named(by, name), figures.difference(figures.total(one.get(name, ())), figures.total(other.get(name, ()))))
        for name in sorted(frozenset(one) | frozenset(other))
    ]
    return sorted((move for move in moves if move[1]), key=lambda move: (-abs(move[1]), move[0]))


def _made(snapshot: Snapshot) -> list[Row]:
    return [one for one in snapshot.rows if one.section == "changes" and one.finding == "created" and one.target]


def _things(rows: list[Row]) -> str:
    shown = ", ".join(f"{one.target}" for one in rows[:3])
    return f"{shown} and others" if len(rows) > 3 else shown  # noqa: PLR2004 - three are read at a glance


def _named(text: str) -> str:
    try:
        return f"on {said(date.fromisoformat(text))}"
    except ValueError:
        return f"in {text}"


def _card(
    question: Asked,
    snapshot: Snapshot,
    move: Move,
    change: float,
    share: float | None,
    head: str,
    parts: list[tuple[str, float]],
    notes: list[str],
) -> dict[str, Any]:
    """Return the same as a card; the cost line is about days, so it stands only where days are compared."""
    figures = Figures(currency=snapshot.currency)
    daily = not question.periods and not question.narrowed
    cost = CostLine(
        currency=snapshot.currency,
        yesterday=move.now,
        change=change,
        change_percent=share,
        budget=None,
        note=f"figures {move.when}",
    )
    card = CostSummaryCard(
        headline=line(head),
        cost=cost if daily and move.when.startswith("on ") else None,
        drivers=tuple(ReportItem(text=line(f"{name} {figures.signed(amount)}")) for name, amount in parts[: 2 * _MOST]),
        notes=tuple(Note(text=line(note)) for note in notes),
        suggestions=("top 5 services", "what changed", "forecast for this month"),
    )
    return card.model_dump(mode="json")
