"""The cards of answers about money, over handles."""

from collections.abc import Sequence
from typing import Any

from agent_server.agents.answering.figures import Figures
from blocks.components import BudgetCard, BudgetRow, Column, CostBreakdownTable, Note, TableRow
from blocks.components.inline import line
from blocks.components.vocabulary import Align

_MOST_ROWS = 31
_MORE = ("why did spending change", "top 5 services", "forecast for this month")


def breakdown(
    by: str,
    title: str,
    ranked: Sequence[tuple[str, float]],
    figures: Figures,
    notes: Sequence[str] = (),
    *,
    total: int = 0,
) -> dict[str, Any]:
    """Return a table of amounts by one dimension; `total` is how many there are beyond those given."""
    table = CostBreakdownTable(
        title=line(title),
        columns=(Column(label=by.capitalize()), Column(label="Cost", align=Align.RIGHT)),
        rows=tuple(TableRow(cells=(line(name), line(figures.money(amount)))) for name, amount in ranked[:_MOST_ROWS]),
        total=max(total, len(ranked)),
        notes=tuple(Note(text=line(note)) for note in notes),
        suggestions=_MORE,
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
