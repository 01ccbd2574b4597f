"""How much was spent on what does not carry a tag."""

from collections.abc import Sequence

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, percent
from agent_server.agents.answering.ranking import labelled, ranked_by
from agent_server.agents.answering.spending import Missing, Narrowed, by_label, covered, dimensions, labels
from agent_server.agents.answering.tables import breakdown
from agent_server.agents.answering.window import gaps_of, period, scope, sentence
from agent_server.contract.answer import Snapshot, Spend

_MOST = 3


def untagged(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what has no tag and its share of the whole, and what it was spent on."""
    days = period(question, snapshot, "this_month")
    found = days if isinstance(days, Missing) else covered(snapshot, days)
    if isinstance(days, Missing) or isinstance(found, Missing):
        return unknown(sentence(days, found))
    tags = [one for one in dimensions(found) if _none(found, one) or one in _asked_tags(question)]
    if not tags:
        return unknown("These figures are not told by a tag, so I cannot say what has none.")
    tag = tags[0]
    per = by_label(found, (tag,), question.narrowed)
    if isinstance(per, Missing):
        return unknown(per.sentence)
    none = _none(found, tag) or f"no {tag} tag"
    whole = figures.total(amount for each in per.values() for amount in each)
    without = figures.total(per.get((none,), ()))
    share = f" ({percent(figures.share(without, whole))})" if whole > 0 else ""
    spent = scope(question).removeprefix("Spending").strip()
    head = f"{figures.money(without)} of {figures.money(whole)}{' ' + spent if spent else ''} {days} has {none}{share}."
    by = tuple(one for one in question.by if one not in {tag, "day"}) or ("service",)
    parts = by_label(found, by, (*question.narrowed, Narrowed(dimension=tag, labels=frozenset({none}), said=none)))
    gaps = (f"I looked for the tag {tag}; name another key to look for that.", *gaps_of(snapshot, days))
    if isinstance(parts, Missing) or not without:
        return Draft(paragraphs=(head, *gaps))
    ranked = [(labelled(by, name), amount) for name, amount in ranked_by(parts, figures)]
    most = ", ".join(f"{' · '.join(name)} {figures.money(amount)}" for name, amount in ranked[:_MOST])
    offers = ("and by account?", "and by team?")
    table = breakdown(by, head, ranked, figures, gaps, whole=without, suggestions=offers)
    return Draft(
        paragraphs=(f"{head} Most of it: {most}.", *gaps),
        components=(table,),
        suggestions=offers,
    )


def _none(days: Sequence[Spend], tag: str) -> str:
    """Return how these figures call what does not carry a tag; empty when all does."""
    return next((one for one in labels(days, tag) if one.startswith("no ") and one.endswith(" tag")), "")


def _asked_tags(question: Asked) -> tuple[str, ...]:
    return tuple(one for one in question.by if one not in {"service", "account", "cloud", "region", "type", "day"})
