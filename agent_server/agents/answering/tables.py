"""The cards of answers about money, over handles."""

from collections.abc import Sequence
from typing import Any

from agent_server.agents.answering.figures import Figures, percent
from blocks.components import BudgetCard, BudgetRow, Column, CostBreakdownTable, Note, TableRow
from blocks.components.inline import line
from blocks.components.vocabulary import Align

_MOST_ROWS = 31
_MORE = ("why did spending change", "top 5 services", "forecast for this month")


def breakdown(
    by: Sequence[str],
    title: str,
    ranked: Sequence[tuple[tuple[str, ...], float]],
    figures: Figures,
    notes: Sequence[str] = (),
    *,
    total: int = 0,
    whole: float = 0.0,
    suggestions: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a table of amounts by some dimensions; `total` is how many there are beyond those given, `whole` what shares are of."""
    shares = ("Share",) if whole > 0 else ()
    return _table(
        title,
        (*map(str.capitalize, by), "Cost", *shares),
        [
            (*name, figures.money(amount), *([percent(figures.share(amount, whole))] if whole > 0 else []))
            for name, amount in ranked[:_MOST_ROWS]
        ],
        names=len(by),
        total=max(total, len(ranked)),
        notes=notes,
        suggestions=suggestions,
    )


def moved(
    by: Sequence[str],
    title: str,
    moves: Sequence[tuple[tuple[str, ...], float, float, float]],
    periods: tuple[str, str],
    figures: Figures,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a table of two periods: names, what it cost in the earlier one, in the later one, and the change."""
    return _table(
        title,
        (*map(str.capitalize, by), *periods, "Change"),
        [
            (*name, figures.money(before), figures.money(now), figures.signed(change))
            for name, before, now, change in moves[:_MOST_ROWS]
        ],
        names=len(by),
        total=len(moves),
        notes=notes,
        suggestions=("why did spending change",),
    )


def _table(  # a table is its heads, its rows and what stands around them
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    names: int,
    total: int,
    notes: Sequence[str],
    suggestions: tuple[str, ...],
) -> dict[str, Any]:
    """Return a table whose first `names` columns are words and whose others are figures."""
    table = CostBreakdownTable(
        title=line(title),
        columns=tuple(
            Column(label=head, align=Align.LEFT if place < names else Align.RIGHT) for place, head in enumerate(heads)
        ),
        rows=tuple(TableRow(cells=tuple(map(line, row))) for row in rows),
        total=total,
        notes=tuple(Note(text=line(note)) for note in notes),
        suggestions=suggestions or _MORE,
    )
    return table.model_dump(mode="json")


def budget(
    headline: str, row: tuple[float, float, float | None], currency: str, notes: Sequence[str]
) -> dict[str, Any]:
    """Return a budget's card; the row is what was spent, the limit and the forecast."""
    spent, limit, coming = row
    card = BudgetCard(
        headline=line(headline),
        budgets=(BudgetRow(scope="all", spent=spent, limit=limit, forecast=coming, currency=currency),),
        notes=tuple(Note(text=line(note)) for note in notes),
    )
    return card.model_dump(mode="json")
