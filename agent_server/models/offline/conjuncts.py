"""One order over several things that are narrowed differently: "stop dev ec2 in us-east-1 and prod vms in azure".

Written flat, the narrowings would be crossed: prod would be looked for in us-east-1 too. Where that differs from what was said, each
thing becomes a part of its own. What one side leaves open and the other says is taken over, because less is touched then: an
environment said first counts for what follows, a place said last for what came before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from agent_server.contract.intent import Action, IntentKind, Scope
from agent_server.contract.types import generic_of
from agent_server.models.offline.asked import Asked, Filters
from agent_server.models.offline.filters import filters_of
from agent_server.models.offline.targets import clouds_of, types_of
from agent_server.models.offline.tokens import Span, covered
from agent_server.models.offline.view import View

_HEADS = ("kind", "kind_id", "name")
_JOINTS = frozenset({"and", "&", "plus", "+", ","})
_ARTICLES = frozenset({"all", "the", "every", "each", "any", "both", "our", "my", "also", "then", "of", "a", "an"})
_CLAUSE = frozenset({"is", "are", "was", "were", "has", "have", "had", "will", "'s"})
_PLACES = ("region", "zone", "account", "project", "subscription", "resource_group")
_CLOUD_PLACES = ("region", "zone")
_GIVEN = ("set_tags", "remove_tags", "feature", "schedule", "duration", "role")
_SIZED = {Action.RESIZE: ("instance_type", "size_gb"), Action.MODIFY: ("instance_type", "size_gb")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conjunct:
    """One of the things an order is about."""

    types: tuple[str, ...]
    clouds: tuple[Scope, ...]
    filters: Filters


def conjuncts(piece: View, action: Action) -> tuple[Conjunct, ...]:
    """Return the things that one order is about, when they must not be crossed; nothing when flat says the same.

    Args:
        piece: The words of one order; the excepted tokens of the whole message.
        action: What is ordered.
    """
    ranges = _ranges(piece)
    if len(ranges) < 2:  # noqa: PLR2004 - one thing needs no splitting
        return ()
    found = [_conjunct(_between(piece, first, last), action) for first, last in ranges]
    if not all(one.types or "name" in one.filters for one in found):
        return ()
    found = _shared(_given(found, (*_GIVEN, *_SIZED.get(action, ()))))
    return tuple(found) if _crossed(found) else ()


def _ranges(piece: View) -> list[tuple[int, int]]:
    """Return the token ranges of the things: the first begins with the order, each further one behind its joint."""
    begins = [piece.verbs[0].first]
    heads = sorted((span for span in piece.of(*_HEADS) if span.first >= begins[0]), key=lambda span: span.first)
    for before, head in pairwise(heads):
        joint = _joint(piece, before, head)
        if joint is not None:
            begins.append(joint + 1)
    return list(pairwise((*begins, len(piece.reading))))


def _joint(piece: View, before: Span, head: Span) -> int | None:
    """Return the word that joins a thing to the one before, when nothing but articles and its own facts stand between."""
    if piece.reading.low(head.last) in _CLAUSE:
        return None
    inside = covered(piece.spans)
    for index in range(head.first - 1, before.last - 1, -1):
        if piece.reading.low(index) in _JOINTS and index not in inside:
            return index
        if index not in inside and piece.reading.low(index) not in _ARTICLES:
            return None
    return None


def _between(piece: View, first: int, last: int) -> View:
    """Look at one thing only, with what counts for all: what was said before the order, and what is excepted."""
    begin = piece.verbs[0].first
    spans = (
        span for span in piece.spans if span.first < begin or span.first in piece.excluded or first <= span.first < last
    )
    return replace(piece, spans=tuple(spans))


def _conjunct(view: View, action: Action) -> Conjunct:
    clouds = clouds_of(view)
    types = types_of(view, action, IntentKind.EXECUTE, clouds)
    filters = filters_of(Asked(view=view, action=action, intent=IntentKind.EXECUTE, types=types, clouds=clouds))
    return Conjunct(types=tuple(types), clouds=clouds, filters=filters)


def _given(found: Sequence[Conjunct], keys: Sequence[str]) -> list[Conjunct]:
    """Let what is to be done with the things, said once, hold for all: "tag a and b with owner=dana"."""
    said: dict[str, Any] = {}
    for key in keys:
        values = [one.filters[key] for one in found if key in one.filters]
        if len(values) == 1:
            said[key] = values[0]
    return [replace(one, filters={**said, **one.filters}) for one in found]


def _shared(found: Sequence[Conjunct]) -> list[Conjunct]:
    """Let each take over what it leaves open: environments and other tags from the left, places from either side."""
    taken: list[Conjunct] = []
    for one in found:
        left = taken[-1] if taken else None
        tags = {"tags": left.filters["tags"]} if left and "tags" in left.filters and "name" not in one.filters else {}
        taken.append(replace(one, filters={**tags, **one.filters}))
    if not any(one.filters.keys() & set(_PLACES) for one in taken):
        return taken
    return [one if one.filters.keys() & set(_PLACES) else _placed(one, taken) for one in taken]


def _placed(one: Conjunct, found: Sequence[Conjunct]) -> Conjunct:
    """Give a thing without a place the last one said whose cloud is not another's."""
    for other in reversed(found):
        places: dict[str, Any] = {key: other.filters[key] for key in _PLACES if key in other.filters}
        foreign = any(key in places for key in _CLOUD_PLACES) and one.clouds and one.clouds != other.clouds
        if places and not foreign:
            return replace(one, filters={**places, **one.filters}, clouds=one.clouds or other.clouds)
    return one


def _crossed(found: Sequence[Conjunct]) -> bool:
    """Whether writing them flat would say more or less: they differ in two ways at once."""
    keys = {key for one in found for key in one.filters}
    ways = [len({repr(one.filters.get(key)) for one in found}) > 1 for key in sorted(keys)]
    kinds = len({(frozenset(map(generic_of, one.types)), one.clouds) for one in found}) > 1
    return sum(ways) + kinds > 1
