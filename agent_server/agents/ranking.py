"""Which playbook fits best (step 3): a confidence and a sentence for each candidate. Pure, and the same every time.

A confidence is made of how well the words fit, whether it does what was asked for, to that kind of thing, and how it fared before; then the
state of its life weighs it. Reasons are made of our own words, of the asker's, and of figures; nothing of a playbook's own text is in them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent_server.agents.parameters import plain
from agent_server.contract.intent import Action, Scope
from agent_server.contract.lifecycle import STATES, WEIGHT
from agent_server.contract.playbook import Category, CloudName, Need, Playbook, PlaybookMetadata, PlaybookStatus
from agent_server.contract.types import generic_of, resource_types, specific

LEAST = 0.34
"""Fit below which a playbook is not shown: less than this shares a word or two with the request and nothing else."""
_AS_WELL = 0.65
_WORDS, _ACTION, _TYPE, _USAGE = 0.5, 0.25, 0.2, 0.05
_UNKNOWN = 0.5
_ENOUGH = 3
_MOST_KEYWORDS = 4
_OPPOSED = (
    frozenset({Action.START, Action.STOP}),
    frozenset({Action.ENABLE, Action.DISABLE}),
    frozenset({Action.MAKE_PUBLIC, Action.MAKE_PRIVATE}),
    frozenset({Action.ALLOW_ACCESS, Action.REVOKE_ACCESS}),
    frozenset({Action.TAG, Action.UNTAG}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A playbook that might fit, from the library or the tenant's.

    Attributes:
        relevance: How well its words and meaning fit, from 0 to 1.
        named: Whether the request names it, by id or by name.
        executions, success_rate: How it fared, as far as anybody told.
    """

    source: Literal["library", "tenant"]
    id: str
    version: str
    name: str
    summary: str
    keywords: tuple[str, ...]
    clouds: tuple[CloudName, ...]
    category: Category
    action: Action
    types: tuple[str, ...]
    status: PlaybookStatus = PlaybookStatus.ACTIVE
    relevance: float
    named: bool = False
    executions: int = 0
    success_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One candidate that fits, by its place among those that were given."""

    place: int
    confidence: float
    reason: str


def of_library(playbook: Playbook, relevance: float, *, named: bool = False) -> Candidate:
    """Return a curated playbook as a candidate."""
    return _candidate("library", playbook, relevance, named=named)


def of_tenant(metadata: PlaybookMetadata, relevance: float, *, named: bool = False) -> Candidate:
    """Return a published playbook as a candidate."""
    return _candidate("tenant", metadata, relevance, named=named)


def ranked(need: Need, candidates: Sequence[Candidate]) -> tuple[Ranked, ...]:
    """Return what fits, best first; equals in the order in which they were given, the tenant's own before the library's."""
    # Who names one wants that one; others are shown only when they would do as well.
    least = _AS_WELL if any(one.named for one in candidates) else LEAST
    found = [
        Ranked(place=place, confidence=weighed(fit, one.status), reason=reason(need, one))
        for place, one in enumerate(candidates)
        if STATES[one.status].visible and (fit := _fit(need, one)) >= least
    ]
    return tuple(sorted(found, key=lambda one: (-one.confidence, candidates[one.place].source != "tenant", one.place)))


def weighed(fit: float, status: PlaybookStatus) -> float:
    """Return a confidence: a fit, as far as the state of the playbook's life lets it stand."""
    return round(min(1.0, max(0.0, fit)) * WEIGHT[STATES[status].rank], 2)


def reason(need: Need, one: Candidate) -> str:
    """Say in one sentence why a playbook was chosen, or what speaks against it."""
    what = _plain(one.action)
    if one.named:
        said = ["You named it"]
    elif one.action is need.action:
        said = [f"It does what you asked for ({what})"]
    else:
        said = [f"It is about {what}"]
    if types := _types_in_common(need, one):
        said.append(f"on {' and '.join(_noun(type_, one.clouds) for type_ in types[:2])}")
    where = ", ".join(_CLOUD_NAMES[cloud] for cloud in one.clouds)
    said.append(f"in {where}")
    shared = _shared(need, one)
    tail = f"; it shares {', '.join(f'“{plain(word)}”' for word in shared)} with your words" if shared else ""
    return f"{' '.join(said)}{tail}{_fared(one)}."[:1000]


def _candidate(
    source: Literal["library", "tenant"], known: Playbook | PlaybookMetadata, relevance: float, *, named: bool
) -> Candidate:
    published = known if isinstance(known, PlaybookMetadata) else None
    return Candidate(
        source=source,
        id=known.id,
        version=known.version,
        name=known.name,
        summary=known.summary,
        keywords=tuple(known.keywords),
        clouds=tuple(known.clouds),
        category=known.category,
        action=known.action,
        types=tuple(known.resource_types),
        status=published.status if published else PlaybookStatus.ACTIVE,
        relevance=relevance,
        named=named,
        executions=published.execution_count if published else 0,
        success_rate=published.success_rate if published else None,
    )


def _fit(need: Need, one: Candidate) -> float:
    if one.named:
        return 1.0
    action, type_ = _action_fit(need, one), _type_fit(need, one)
    fit = _WORDS * one.relevance + _ACTION * action + _TYPE * type_ + _USAGE * _usage(one)
    if frozenset({need.action, one.action}) in _OPPOSED:
        fit *= 0.5
    if not action:
        fit *= 0.8
    if not type_:
        fit *= 0.6
    if not action and not type_:
        fit *= 0.5
    if need.clouds and not set(need.clouds) & set(one.clouds):
        return 0.0
    return fit


def _action_fit(need: Need, one: Candidate) -> float:
    if need.action is Action.NONE:
        return 1.0 if one.category.value in need.keywords else _UNKNOWN
    return 1.0 if need.action is one.action else 0.0


def _type_fit(need: Need, one: Candidate) -> float:
    if not need.resource_types:
        return _UNKNOWN
    return 1.0 if _types_in_common(need, one) else 0.0


def _types_in_common(need: Need, one: Candidate) -> list[str]:
    """Return the playbook's types that were asked for, where a generic word stands for its counterpart on each cloud."""
    wanted = set(need.resource_types)
    for type_ in need.resource_types:
        wanted.update(specific(type_, Scope(cloud)) for cloud in one.clouds)
        wanted.update(specific(generic_of(type_), Scope(cloud)) for cloud in one.clouds)
    return [type_ for type_ in one.types if type_ in wanted]


def _usage(one: Candidate) -> float:
    if one.executions < _ENOUGH or one.success_rate is None:
        return _UNKNOWN
    return one.success_rate


def _shared(need: Need, one: Candidate) -> list[str]:
    own = {word for keyword in (*one.keywords, one.name) for word in keyword.lower().replace("-", " ").split()}
    return [word for word in need.keywords if word in own or word.removesuffix("s") in own][:_MOST_KEYWORDS]


def _fared(one: Candidate) -> str:
    if not one.executions or one.success_rate is None:
        return ""
    times = "once" if one.executions == 1 else f"{one.executions:,} times"
    return f"; it ran {times}, {one.success_rate:.0%} well"


_CLOUD_NAMES: dict[str, str] = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}


def _plain(action: Action) -> str:
    return action.value.replace("_", " ")


def _noun(type_: str, clouds: Iterable[str]) -> str:
    words = next((row.words for row in resource_types() if row.type == type_ and row.cloud in clouds), ())
    word = next((one for one in words if " " in one), words[0] if words else type_)
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"
