"""The lines of a report: one of them, those that fit, what changed, what could be saved, what was not seen."""

from collections import Counter
from collections.abc import Sequence

from agent_server.agents.answering.asking import Asked
from agent_server.agents.answering.draft import Draft, unknown
from agent_server.agents.answering.figures import Figures, counted
from agent_server.agents.answering.naming import CLOUDS, called
from agent_server.contract.answer import Row, Snapshot
from agent_server.contract.types import generic_of

_FINDINGS = {
    "idle": "idle",
    "public": "readable by anyone",
    "created": "new",
    "deleted": "gone",
    "changed": "changed",
    "cost_up": "cost unusually much",
    "cost_down": "cost unusually little",
    "over_budget": "heading over the budget",
}
_SECTIONS = {
    "cost": "about cost", "changes": "about changes", "exposed": "exposed", "idle": "idle", "backup": "about backups",
    "health": "about health", "needs_you": "waiting for you", "table": "in the table",
}  # fmt: skip
_BELONGS = {"exposed": ("public",), "idle": ("idle",), "changes": ("created", "deleted", "changed")}
_ALL = "are there"
_MOST = 8


def row(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what one line is about."""
    numbered = [one for one in snapshot.rows if one.number]
    if not numbered:
        return unknown("No numbered line was shown here that I still know of.", suggestions=("report",))
    wanted = max(one.number for one in numbered) if question.row == -1 else question.row
    found = next((one for one in numbered if one.number == wanted), None)
    if found is None:
        first, last = min(one.number for one in numbered), max(one.number for one in numbered)
        return unknown(
            f"There is no line {wanted}: they are numbered from {first} to {last}.",
            suggestions=(f"explain row {first}",),
        )
    told = [f"Line {wanted}: {described(found, figures)}."]
    says = found.facts.get("says")
    if isinstance(says, str) and says:
        told.append(says[:1].upper() + says[1:].rstrip(".") + ".")
    ask = found.facts.get("ask")
    return Draft(paragraphs=tuple(told), rows=(wanted,), suggestions=(ask,) if isinstance(ask, str) else ())


def lines(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """List or count the lines that fit."""
    if not snapshot.rows:
        return unknown("No report with lines was delivered here that I still know of.", suggestions=("report",))
    found = [one for one in snapshot.rows if _fits(one, question)]
    what = _criteria(question)
    unsure = list(found_without_environment(snapshot, question))
    doubt = (
        (
            f"{counted(figures.count(unsure), 'line')} could not be judged: no environment that I know is recorded there.",
        )
        if unsure
        else ()
    )
    if not found:
        return Draft(paragraphs=(f"None of the {figures.count(snapshot.rows)} lines {what}.", *doubt))
    whole = figures.count(snapshot.rows)
    head = (
        f"{figures.count(found)} of {counted(whole, 'line')} {what}:" if what != _ALL else f"{counted(whole, 'line')}:"
    )
    known = [one.amount for one in found if one.amount is not None]
    money = (f"Together they cost about {figures.money(figures.total(known))} a month.",) if len(known) > 1 else ()
    numbers = tuple(one.number for one in found if one.number)
    return Draft(paragraphs=(head, *_each(found, figures), *money, *doubt), rows=numbers)


def changes(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Say what changed in the estate."""
    found = [one for one in snapshot.rows if one.section == "changes" and _fits(one, question, section=False)]
    if not any(one.section == "changes" for one in snapshot.rows):
        return unknown("The report lists no changes.", suggestions=("what changed since yesterday",))
    if not found:
        return Draft(paragraphs=(f"None of the changes {_criteria(question)}.",))
    kinds = Counter(one.finding for one in found)
    head = ", ".join(f"{_count(found, kind, figures)} {_FINDINGS.get(kind, kind)}" for kind in kinds)
    return Draft(
        paragraphs=(f"{counted(figures.count(found), 'change')}: {head}.", *_each(found, figures)),
        rows=tuple(one.number for one in found if one.number),
        suggestions=("what changed since yesterday",),
    )


def savings(question: Asked, snapshot: Snapshot, figures: Figures) -> Draft:
    """Add up what idle things cost a month; what has no known price is counted, not guessed."""
    idle = [one for one in snapshot.rows if one.section == "idle"]
    if not idle:
        return unknown(
            "I see nothing idle in these figures; other savings, such as smaller sizes or reservations, I do not compute.",
            suggestions=("list idle instances",),
        )
    found = [one for one in idle if _fits(one, question, section=False)]
    if not found:
        return Draft(paragraphs=(f"None of the {counted(figures.count(idle), 'idle thing')} {_criteria(question)}.",))
    priced = sorted((one for one in found if one.amount is not None), key=lambda one: -(one.amount or 0))
    unpriced = [one for one in found if one.amount is None]
    rest = (
        (
            f"{counted(figures.count(unpriced), 'of them has', 'of them have')} no known price and {'is' if len(unpriced) == 1 else 'are'} not in it.",
        )
        if unpriced
        else ()
    )
    if not priced:
        return unknown(f"{counted(figures.count(found), 'idle thing')} fit, but none has a known price.")
    each = ", ".join(f"{_name(one)} {figures.money(figures.given(one.amount or 0))}" for one in priced[:_MOST])
    which = f"the {figures.count(priced)} idle ones" if len(priced) > 1 else "the idle one"
    saved = figures.total(one.amount or 0 for one in priced)
    told = f"Stopping {which} would save about {figures.money(saved)} a month at list prices: {each}."
    return Draft(
        paragraphs=(told, *rest),
        rows=tuple(one.number for one in found if one.number),
        suggestions=tuple(f"stop {one.target}" for one in priced[:3] if one.target),
    )


def not_seen(_question: Asked, snapshot: Snapshot, _figures: Figures) -> Draft:
    """Say what could not be looked at."""
    if not snapshot.not_seen:
        return Draft(paragraphs=("Everything that is connected could be looked at.",))
    return Draft(paragraphs=("Not seen: " + "; ".join(snapshot.not_seen[:_MOST]) + ".",), suggestions=("sync",))


def described(one: Row, figures: Figures) -> str:
    """Return a line in words: the thing, where, what was found, what it costs."""
    finding = _FINDINGS.get(one.finding, one.finding.replace("_", " "))
    cost = f", about {figures.money(figures.given(one.amount))} a month" if one.amount is not None else ""
    where = ", ".join(filter(None, (called(one.type, one.cloud), one.region, one.environment)))
    return f"{_name(one)}{f' ({where})' if where else ''}: {finding}{cost}"


def found_without_environment(snapshot: Snapshot, question: Asked) -> Sequence[Row]:
    """Return the lines about things that might fit, if their environment were known."""
    if not question.environments:
        return ()
    return [
        one for one in snapshot.rows if one.target and not one.environment and _fits(one, question, environment=False)
    ]


def _fits(one: Row, question: Asked, *, section: bool = True, environment: bool = True) -> bool:
    return all(
        (
            not section or not question.section or _is_of(one, question.section),
            not environment or not question.environments or one.environment in question.environments,
            not question.clouds or one.cloud in question.clouds,
            not question.regions or one.region in question.regions,
            not (kinds := [kind for kind in question.types if kind != "any::resource"])
            or bool({one.type, generic_of(one.type)} & set(kinds)),
        )
    )


def _criteria(question: Asked) -> str:
    """Return the predicate that was asked for."""
    kinds = [kind for kind in question.types if kind != "any::resource"]
    clouds = (
        ()
        if any(not kind.startswith("any::") for kind in kinds)
        else tuple(CLOUDS.get(one, one) for one in question.clouds)
    )
    said = [f"in {' or '.join(words)}" for words in (question.environments, clouds, question.regions) if words]
    if question.section:
        said.append(_SECTIONS.get(question.section, question.section))
    said += [" or ".join(f"about {called(kind, 'any', many=True)}" for kind in kinds)] if kinds else []
    return f"are {' and '.join(said)}" if said else _ALL


def _each(found: Sequence[Row], figures: Figures) -> tuple[str, ...]:
    """Return the lines one by one, as many as are read at a glance, and how many more there are."""
    told = [f"{f'{one.number}. ' if one.number else ''}{described(one, figures)}" for one in found[:_MOST]]
    left = figures.count(found[_MOST:])
    return (
        (*told[: _MOST - 1], told[-1] + (f", and {left} more" if left else "")) if len(told) == _MOST else tuple(told)
    )


def _count(found: Sequence[Row], kind: str, figures: Figures) -> int:
    return figures.count([one for one in found if one.finding == kind])


def _name(one: Row) -> str:
    label = one.facts.get("label")
    return one.target or (label if isinstance(label, str) and label else "something without a name here")


def _is_of(one: Row, section: str) -> bool:
    """Whether a line is of a section, or its finding would belong there: a public bucket among what needs somebody is exposed."""
    return one.section == section or one.finding in _BELONGS.get(section, ())
