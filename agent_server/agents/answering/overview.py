"""A report in three sentences."""

from collections import Counter

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, counted, signed_percent
from agent_server.agents.answering.periods import Span, said
from agent_server.contract.answer import Snapshot

_SECTIONS = {"needs_you": "waiting for you", "exposed": "exposed", "idle": "idle", "changes": "changed", "cost": "about cost", "backup": "about backups", "health": "about health", "table": "in the table"}  # fmt: skip


def overview(_question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what was spent, what was found and what was not seen."""
    told = [*_spent(snapshot, figures), *_found(snapshot, figures)]
    if not told:
        return unknown("No report was delivered here that I still know of.", suggestions=("report",))
    if snapshot.not_seen:
        told.append(f"Not seen: {'; '.join(snapshot.not_seen[:3])}.")
    return Draft(
        paragraphs=tuple(told), suggestions=("why did spending change", "how much would we save", "what changed")
    )


def _spent(snapshot: Snapshot, figures: Figures) -> list[str]:
    by_day = {one.day: one.amount for one in snapshot.spend}
    last = snapshot.until
    if last is None or last not in by_day:
        return []
    told = f"{said(last)} cost {figures.money(figures.given(by_day[last]))}"
    before = Span(first=last, last=last).before.first
    if before in by_day:
        change, share = figures.difference(by_day[last], by_day[before]), figures.change(by_day[last], by_day[before])
        told += f" ({figures.signed(change)}{f', {signed_percent(share)}' if share is not None else ''} against the day before)"
    month = figures.total(
        amount for day, amount in by_day.items() if (day.year, day.month) == (last.year, last.month) and day <= last
    )
    told += f"; {last:%B} so far {figures.money(month)}"
    if snapshot.budget is not None:
        told += f" of {figures.money(figures.given(snapshot.budget))}"
    if snapshot.forecast is not None:
        told += f", forecast {figures.money(figures.given(snapshot.forecast))}"
    return [told + "."]


def _found(snapshot: Snapshot, figures: Figures) -> list[str]:
    if not snapshot.rows:
        return []
    sections = Counter(one.section for one in snapshot.rows)
    each = [
        f"{figures.count([one for one in snapshot.rows if one.section == name])} {_SECTIONS[name]}" for name in sections
    ]
    return [f"{counted(figures.count(snapshot.rows), 'line')}: {', '.join(each)}."]
