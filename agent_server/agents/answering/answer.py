"""From a question with its figures to an answer."""

from collections.abc import Callable, Mapping

from agent_server.agents.answering import comparing, growth, lines, money, moves, overview, peak, ranking, untagged
from agent_server.agents.answering.asking import Asked, Subject, asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figure, Figures
from agent_server.contract.answer import AnswerReply, AnswerRequest, Snapshot, Source

_Answer = Callable[[Asked, Snapshot, Figures], Draft]
_CAN = (
    "why did spending go up",
    "top 3 services",
    "are we over budget",
    "forecast for this month",
    "how much would we save",
    "explain row 1",
)


def _lost(_question: Asked, _snapshot: Snapshot, _figures: Figures) -> Draft:
    return unknown(
        "That does not stand in the report or in the figures of spending, so I will not guess. From them I can tell totals, changes and "
        "what drove them, rankings, comparisons, the budget and forecast, savings, and what each line is about.",
        suggestions=_CAN,
    )


_ANSWERS: Mapping[Subject, _Answer] = {
    Subject.ROW: lines.row,
    Subject.NOT_SEEN: lines.not_seen,
    Subject.BUDGET: money.budget,
    Subject.SAVINGS: lines.savings,
    Subject.UNTAGGED: untagged.untagged,
    Subject.GREW: growth.grew,
    Subject.PEAK: peak.peak,
    Subject.FORECAST: money.forecast,
    Subject.WHY: moves.why,
    Subject.CHANGES: lines.changes,
    Subject.COMPARE: comparing.compare,
    Subject.LINES: lines.lines,
    Subject.TOP: ranking.top,
    Subject.MEAN: money.mean,
    Subject.TOTAL: money.total,
    Subject.OVERVIEW: overview.overview,
    Subject.UNKNOWN: _lost,
}


def answer(request: AnswerRequest) -> AnswerReply:
    """Return the answer to a question about the snapshot that came with it."""
    return computed(request)[0]


def computed(request: AnswerRequest) -> tuple[AnswerReply, tuple[Figure, ...]]:
    """Return the answer, and every number in it with the arithmetic that made it."""
    snapshot = request.snapshot or Snapshot()
    figures = Figures(currency=snapshot.currency)
    question = asked(request, snapshot)
    draft = _ANSWERS[question.subject](question, snapshot, figures)
    reply = AnswerReply(
        known=draft.known,
        paragraphs=[one[:4000] for one in draft.paragraphs][:12],
        rows=list(draft.rows)[:100],
        sources=[_source(snapshot)] if draft.known else [],
        suggestions=[one[:1000] for one in draft.suggestions][:6],
        components=[dict(one) for one in draft.components] if draft.known else [],
    )
    return reply, tuple(figures.used)


def _source(snapshot: Snapshot) -> Source:
    until = f", until {snapshot.until:%d %B %Y}" if snapshot.until else ""
    return Source(title=f"the figures that came with the question{until}", reference="snapshot")
